"""The resource instances a plan speaks of, gathered from the three places where it speaks of them."""

from __future__ import annotations

from fsbp_lsp.terraform.plan_text import rows, table, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.terraform.plan_address import Key
    from fsbp_lsp.terraform.plan_text import Table


class Entry:
    """What a plan says about one resource instance, from the places where it says it."""

    __slots__ = ("address", "after", "data", "hidden", "key", "local", "module", "new", "type", "unknown")

    def __init__(self, said: Table, module: str) -> None:
        self.address = words(said.get("address"))
        self.data = said.get("mode") == "data"
        self.type = words(said.get("type"))
        key = said.get("index")
        self.key: Key = key if isinstance(key, (str, int)) and not isinstance(key, bool) else None
        self.local = f"{'data.' if self.data else ''}{self.type}.{words(said.get('name'))}"
        self.module = module
        self.after = table(said.get("values"))
        self.hidden: object = said.get("sensitive_values")
        self.unknown: object = {}
        self.new = False

    def change(self, change: Table) -> None:
        self.after = table(change.get("after"))
        self.hidden = change.get("after_sensitive")
        self.unknown = change.get("after_unknown")
        self.new = "create" in rows(change.get("actions"))


def _planned(values: Table, module: str = "", depth: int = 0) -> Iterator[tuple[str, Table]]:
    """(module address, resource) of a state representation."""
    for said in rows(values.get("resources")):
        yield module, table(said)
    if depth < 50:
        for child in map(table, rows(values.get("child_modules"))):
            yield from _planned(child, words(child.get("address")), depth + 1)


def entries_of(plan: Table) -> dict[str, Entry]:
    """Every resource instance there will be after the plan is applied, by address."""
    found: dict[str, Entry] = {}
    prior = table(table(plan.get("prior_state")).get("values"))
    for module, said in _planned(table(prior.get("root_module"))):
        if said.get("mode") == "data":
            found[words(said.get("address"))] = Entry(said, module)
    for module, said in _planned(table(table(plan.get("planned_values")).get("root_module"))):
        if said.get("mode") == "managed" and "deposed_key" not in said:
            found[words(said.get("address"))] = Entry(said, module)
    for said in map(table, rows(plan.get("resource_changes"))):
        change = table(said.get("change"))
        actions = rows(change.get("actions"))
        address = words(said.get("address"))
        if "deposed" in said:
            continue
        if (actions and all(action in ("delete", "forget") for action in actions)) or not isinstance(change.get("after"), dict):
            found.pop(address, None)
            continue
        entry = found.get(address)
        if entry is None:
            entry = found[address] = Entry(said, words(said.get("module_address")))
        entry.change(change)
    return {address: entry for address, entry in found.items() if address and entry.type}
