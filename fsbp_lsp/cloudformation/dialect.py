"""CloudFormation as a dialect of the model: the writers in `write`, and JSON text read as a document."""

from __future__ import annotations

import re

from fsbp_lsp.cloudformation.jsontext import decode_json
from fsbp_lsp.model.resource import Dialect, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from fsbp_lsp.model.path import Path
    from fsbp_lsp.model.resource import Resource
    from fsbp_lsp.text import Edit, Loc
    from fsbp_lsp.values import Value

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")


class CloudFormationDialect(Dialect):
    name = "cloudformation"

    def put(self, resource: Resource, path: Path, want: Any) -> tuple[Edit, ...] | Refusal:
        return Refusal("")

    def replace(self, at: Loc, want: Any, node: object = None) -> tuple[Edit, ...] | Refusal:
        return Refusal("")

    def remove(self, resource: Resource, path: Path) -> tuple[Edit, ...] | Refusal:
        return Refusal("")

    def insert_resource(self, after: Resource, type: str, name: str, body: Sequence[tuple[str, Any]]) -> tuple[Edit, ...] | Refusal:
        return Refusal("")

    def append(self, resource: Resource, path: Path, want: dict[str, Any]) -> tuple[Edit, ...] | Refusal:
        return Refusal("")

    def insert_ignore(self, resource: Resource, at: Loc, ids: Sequence[str], reason: str, until: str = "") -> tuple[Edit, ...] | Refusal:
        return Refusal("")

    def decode_json(self, value: Value) -> Value:
        return decode_json(value)

    def noun(self, resource: Resource) -> str:
        """`AWS::S3::Bucket` is a bucket, `AWS::RDS::DBInstance` a DB instance."""
        return noun(resource.type)


def noun(type: str) -> str:
    """The last part of a type name as words; abbreviations keep their capitals."""
    last = type.removesuffix("::MODULE").rsplit("::", 1)[-1]
    words = _WORDS.findall(last) or [last]
    return " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in words)


CLOUDFORMATION = CloudFormationDialect()
