"""Terraform behind the core's `Dialect`. What writes is imported when something is written."""

from __future__ import annotations

from fsbp_lsp.model import Dialect
from fsbp_lsp.terraform import documents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from fsbp_lsp.model import Path, Refusal, Resource
    from fsbp_lsp.model.wording import Words
    from fsbp_lsp.text import Edit, Loc
    from fsbp_lsp.values import Value

    Answer = tuple[Edit, ...] | Refusal


class TerraformDialect(Dialect):
    """Terraform and OpenTofu, in HCL and in JSON notation."""

    name = "terraform"

    def put(self, resource: Resource, path: Path, want: Any) -> Answer:
        from fsbp_lsp.terraform import writing
        from fsbp_lsp.terraform.wants import elsewhere

        return elsewhere(resource, want) or writing.put(resource, path, want)

    def put_all(self, resource: Resource, base: Path, wants: dict[str, Any]) -> Answer:
        from fsbp_lsp.terraform import writing
        from fsbp_lsp.terraform.wants import elsewhere

        refused = elsewhere(resource, wants)
        if refused is not None:
            return refused
        made = writing.put_all(resource, base, wants)
        return super().put_all(resource, base, wants) if made is None else made

    def replace(self, at: Loc, want: Any, node: object = None) -> Answer:
        from fsbp_lsp.terraform import writing

        return writing.replace(at, want)

    def hands_on(self, value: Value) -> bool:
        from fsbp_lsp.syntax.hcl_tree import Call, Conditional, GetAttr, Index
        from fsbp_lsp.terraform.plan_source import passes_through

        return isinstance(value.node, (Call, Conditional, GetAttr, Index)) and passes_through(value.node)

    def remove(self, resource: Resource, path: Path) -> Answer:
        from fsbp_lsp.terraform import writing

        return writing.remove(resource, path)

    def clear(self, resource: Resource, name: str) -> Answer:
        from fsbp_lsp.terraform import writing

        made = writing.clear_blocks(resource, name)
        return super().clear(resource, name) if made is None else made

    def append(self, resource: Resource, path: Path, want: dict[str, Any]) -> Answer:
        from fsbp_lsp.terraform import writing
        from fsbp_lsp.terraform.wants import elsewhere

        return elsewhere(resource, want) or writing.append(resource, path, want)

    def insert_resource(self, after: Resource, type: str, name: str, body: Sequence[tuple[str, Any]]) -> Answer:
        from fsbp_lsp.terraform import writing
        from fsbp_lsp.terraform.wants import elsewhere

        return elsewhere(after, [want for _path, want in body]) or writing.insert_resource(after, type, name, body)

    def insert_ignore(self, resource: Resource, at: Loc, ids: Sequence[str], reason: str, until: str = "") -> Answer:
        from fsbp_lsp.terraform import writing

        return writing.insert_ignore(resource, at, ids, reason, until)

    def decode_json(self, value: Value) -> Value:
        return documents.decode(value)

    def words(self, value: Value, repeated: bool = False) -> Words | None:
        from fsbp_lsp.terraform.wording import words

        return None if value.at is None else words(value.at.text, repeated)


TERRAFORM = TerraformDialect()
