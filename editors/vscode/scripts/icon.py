"""Draws media/icon.png: a shield with a squiggle under a line of code. Standard library only."""

import math
import struct
import sys
import zlib
from pathlib import Path

SIZE = 128
FINE = 4  # samples per pixel in each direction

NIGHT, PAPER, INK, ALARM = (22, 36, 59), (238, 243, 249), (74, 96, 130), (232, 80, 58)


def colour(x: float, y: float) -> tuple[int, int, int] | None:
    """What is at a point of the unit square; None outside the rounded tile."""
    corner = 0.18
    dx, dy = max(corner - x, x - 1 + corner, 0), max(corner - y, y - 1 + corner, 0)
    if math.hypot(dx, dy) > corner:
        return None
    if not in_shield(x, y):
        return NIGHT
    if 0.34 <= x <= 0.66 and abs(y - (0.56 + 0.022 * math.sin((x - 0.34) / 0.32 * 6 * math.pi))) < 0.021:
        return ALARM
    for left, right, line in ((0.34, 0.58, 0.33), (0.34, 0.66, 0.46)):
        if left <= x <= right and abs(y - line) < 0.022:
            return INK
    return PAPER


def in_shield(x: float, y: float) -> bool:
    top, shoulder, tip, half = 0.16, 0.52, 0.87, 0.29
    if y < top or y > tip:
        return False
    # A flat head with a slight point in the middle, straight sides, then a curve to the tip.
    if y < top + 0.05 * abs(x - 0.5) / half:
        return False
    width = half if y <= shoulder else half * math.cos((y - shoulder) / (tip - shoulder) * math.pi / 2) ** 0.8
    return abs(x - 0.5) <= width


def pixel(column: int, row: int) -> bytes:
    samples = [colour((column + (i + 0.5) / FINE) / SIZE, (row + (j + 0.5) / FINE) / SIZE) for i in range(FINE) for j in range(FINE)]
    seen = [sample for sample in samples if sample is not None]
    if not seen:
        return bytes(4)
    return bytes([round(sum(part) / len(seen)) for part in zip(*seen, strict=True)] + [round(255 * len(seen) / len(samples))])


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main() -> int:
    rows = b"".join(b"\0" + b"".join(pixel(column, row) for column in range(SIZE)) for row in range(SIZE))
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
    out = Path(__file__).resolve().parent.parent / "media" / "icon.png"
    image = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    out.write_bytes(b"\x89PNG\r\n\x1a\n" + image)
    return 0


if __name__ == "__main__":
    sys.exit(main())
