"""Floor 1: the one port through which content enters the analyser. Nothing here touches the network."""

from fsbp_lsp.files.port import SKIPPED_DIRECTORIES, DiskFiles, Files, IndexFiles, Layer, OverlayFiles, ReadError, Unreadable
from fsbp_lsp.files.project import project_root, spelled

__all__ = [
    "SKIPPED_DIRECTORIES",
    "DiskFiles",
    "Files",
    "IndexFiles",
    "Layer",
    "OverlayFiles",
    "ReadError",
    "Unreadable",
    "project_root",
    "spelled",
]
