"""How one value comes to be: an attribute of a resource, or anything an expression of a module may name."""

from __future__ import annotations

import re

from fsbp_lsp.model import read_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.engine.check import ModuleReport, Session
    from fsbp_lsp.engine.discover import ModuleKey
    from fsbp_lsp.model import Module, Resource
    from fsbp_lsp.values import Datum, Value

    Step = str | int

MAX_STEPS = 50
_STEP = re.compile(r'\.?(?:(?P<name>[A-Za-z_:][\w:-]*)|\[(?:(?P<number>\d+)|"(?P<key>[^"\\]*)")\])')


_KEYS = re.compile(r'\[(?:\d+|"[^"\\]*")\]')


class Trace:
    """One value found. name: what was asked for, in full. where: root module or template that it is true of."""

    __slots__ = ("name", "value", "where")

    def __init__(self, name: str, where: str, value: Value) -> None:
        self.name = name
        self.where = where
        self.value = value


def traces(session: Session, key: ModuleKey, text: str) -> Iterator[Trace]:
    """The values that `text` stands for in one module or template, one for each deployment and instance.

    text: `aws_s3_bucket.logs.bucket`, `module.storage.aws_s3_bucket.this[0].tags.Owner`, `LogsBucket.BucketName`,
    and in Terraform any expression of the module, such as `var.name` or `local.tags["Owner"]`.
    """
    for where, module in session.units(key):
        found = False
        for resource, steps in _resources(module, text):
            found = True
            value = resource.config
            for step in steps:
                value = read_path(value, (step,))
            yield Trace(resource.address + _spelled(steps), where, value)
        if not found:
            made = module.evaluated(text)
            if made is not None:
                yield Trace(text, f"{where or '.'}: {module.prefix}" if module.prefix else where, made)


def _steps(text: str) -> list[Step] | None:
    """`.a[0]["b"]` in steps; None for anything else."""
    steps: list[Step] = []
    at = 0
    while at < len(text) and len(steps) < MAX_STEPS:
        found = _STEP.match(text, at)
        if found is None:
            return None
        steps.append(int(found["number"]) if found["number"] else found["name"] if found["name"] is not None else found["key"])
        at = found.end()
    return steps if at == len(text) else None


def _spelled(steps: list[Step]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _resources(module: Module, text: str) -> Iterator[tuple[Resource, list[Step]]]:
    """The resources whose address `text` begins with, with the steps below: all instances where none is named."""
    for resource in module.everything():
        for address in dict.fromkeys((resource.address, resource.block, _KEYS.sub("", resource.block))):
            if text.startswith(address) and text[len(address) : len(address) + 1] in (".", "["):
                steps = _steps(text[len(address) :])
                if steps:
                    yield resource, steps
                    break


def value_at(report: ModuleReport, path: str, offset: int) -> list[tuple[Resource, Value]]:
    """The innermost values written around a byte of a file, with the resource each belongs to; one per instance."""
    found: list[tuple[Resource, Value]] = []
    for module in report.units:
        for resource in module.resources:
            extent = resource.extent
            if extent.path != path or not extent.start <= offset <= extent.end:
                continue
            inner = _innermost(resource.config, path, offset)
            if inner is not None:
                found.append((resource, inner))
    return found


def _innermost(value: Value, path: str, offset: int) -> Value | None:
    from fsbp_lsp.values import Map, Seq, known

    best: Value | None = None
    pending = [value]
    left = 5_000
    while pending and left > 0:
        left -= 1
        one = pending.pop()
        at = one.at
        inside = one is not value and at is not None and at.path == path and at.start <= offset <= at.end
        if inside and not _is_block(one) and (best is None or _size(one) <= _size(best)):
            best = one
        for option in one.options:
            datum: Datum = known(option)
            if isinstance(datum, Map):
                pending.extend(datum.entries.values())
            elif isinstance(datum, Seq):
                pending.extend(datum.items)
    return best


def _size(value: Value) -> int:
    return value.at.end - value.at.start if value.at is not None else 0


def _is_block(value: Value) -> bool:
    """A nested block stands at its header; resting there asks about nothing in it."""
    from fsbp_lsp.values import Map, Seq

    return any(isinstance(option, (Map, Seq)) for option in value.options) and not value.origins
