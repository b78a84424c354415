"""Wanted values in Terraform's terms: references with the right instance, nested paths as blocks."""

from __future__ import annotations

from fsbp_lsp.model import EACH, InstanceKey, JsonDocument, Reference, Refusal, Where, parse_path
from fsbp_lsp.terraform.write_values import Expression, NewBlock, jsonencode, quoted, reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from fsbp_lsp.model import Path, Resource

MAP_ARGUMENTS = frozenset({"tags", "tags_all", "variables", "environment_variables", "parameters", "labels", "metadata", "options"})
"""Arguments that are maps; any other dict is a nested block."""


class Here:
    """Where the values will stand.

    resource: whose body they are written in, None for a new resource. chained: resource the new one repeats
    by, with the mode `for_each` or `count`.
    """

    __slots__ = ("chained", "mode", "resource")

    def __init__(self, resource: Resource | None, chained: Resource | None = None, mode: str = "") -> None:
        self.resource = resource
        self.chained = chained
        self.mode = mode

    def value(self, want: Any) -> Any:
        """The wanted value with every reference as source text."""
        if isinstance(want, Reference):
            return self.reference(want)
        if isinstance(want, JsonDocument):
            return jsonencode({key: self.value(item) for key, item in want.items()})
        if isinstance(want, dict):
            return {key: self.value(item) for key, item in want.items()}
        if isinstance(want, (list, tuple)):
            return [self.value(item) for item in want]
        return want

    def reference(self, want: Reference) -> Expression:
        target = want.resource
        if self.chained is not None and target.block == self.chained.block:
            return self._text(want, "each.value" if self.mode == "for_each" else f"{target.local}[count.index]")
        own = self.resource
        if own is not None and own.key is not None and own.key == target.key and own.block != target.block:
            mode = mode_of(own)
            if mode and mode == mode_of(target):
                return self._text(want, f"{target.local}[{'each.key' if mode == 'for_each' else 'count.index'}]")
        if isinstance(target.key, InstanceKey):
            # Its key is known to nobody: the whole block, one of its instances to be chosen by a human.
            return self._text(want, f"{target.local}[{'each.key' if mode_of(target) == 'for_each' else 'count.index'}]")
        return reference(want)

    def _text(self, want: Reference, whole: str) -> Expression:
        text = f"{whole}.{want.attribute}"
        return Expression(f'"${{{text}}}{quoted(want.suffix)[1:-1]}"' if want.suffix else text)

    def content(self, pairs: Sequence[tuple[Any, Any]]) -> list[tuple[str, Any] | NewBlock]:
        """A body from (path, want) pairs: paths with several steps become nested blocks, in the order given."""
        out: list[tuple[str, Any] | NewBlock] = []
        groups: dict[str, list[tuple[Any, Any]]] = {}
        order: list[str] = []
        plain: dict[str, Any] = {}
        for given, want in pairs:
            path = tuple(step for step in (parse_path(given) if isinstance(given, str) else given) if step is not EACH)
            name, rest = str(path[0]), list(path[1:])
            if name not in order:
                order.append(name)
            if rest and isinstance(rest[0], Where):
                groups.setdefault(name, []).append(((rest[0].key,), rest[0].value))
                rest = rest[1:]
            if rest:
                groups.setdefault(name, []).append((tuple(rest), want))
            else:
                plain[name] = want
        for name in order:
            if name in groups:
                out.append(NewBlock(name, self.content(groups[name])))
            else:
                out.extend(self.item(name, plain[name]))
        return out

    def item(self, name: str, want: Any) -> list[tuple[str, Any] | NewBlock]:
        """An attribute, a block for a dict, or one block per dict of a list."""
        if name not in MAP_ARGUMENTS and not isinstance(want, JsonDocument):
            if isinstance(want, dict):
                return [NewBlock(name, self.content([((key,), value) for key, value in want.items()]))]
            if isinstance(want, (list, tuple)) and want and all(isinstance(one, dict) for one in want):
                return [NewBlock(name, self.content([((key,), value) for key, value in one.items()])) for one in want]
        return [(name, self.value(want))]


def elsewhere(resource: Resource, want: Any) -> Refusal | None:
    """Why `want` cannot be written beside `resource`: it refers to a resource of another module."""
    pending = [want]
    while pending:
        one = pending.pop()
        if isinstance(one, Reference) and one.resource.module is not resource.module:
            return Refusal(f"{one.resource.address} is declared in another module")
        if isinstance(one, dict):
            pending.extend(one.values())
        elif isinstance(one, (list, tuple)):
            pending.extend(one)
    return None


def nested(path: Path, want: Any) -> Any:
    """The want for the first step of a path when nothing of it exists: `("a", "b"), 1` is `{"a": {"b": 1}}` without `a`."""
    for step in reversed([step for step in path if step is not EACH and not isinstance(step, int)]):
        if isinstance(step, Where):
            want = [{step.key: step.value} | (want if isinstance(want, dict) else {})]
        else:
            want = {str(step): want}
    return want


def mode_of(resource: Resource) -> str:
    """`for_each`, `count`, or '' for a block that is not repeated."""
    declared = getattr(resource, "declared", None)
    if declared is None:
        return ""
    return next((mode for mode in ("for_each", "count") if declared.attribute(mode) is not None), "")
