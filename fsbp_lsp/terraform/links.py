"""Which resources of one type point at what: asked once for all owners instead of once for each."""

from __future__ import annotations

from fsbp_lsp.model import Target, read_path, type_of
from fsbp_lsp.values import NO, YES, Items, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.model import Resource
    from fsbp_lsp.model.path import Path
    from fsbp_lsp.terraform.deployment import Deployment
    from fsbp_lsp.terraform.module import TerraformResource
    from fsbp_lsp.values import Value

    Key = tuple[str, ...]


MAX_LOOSE = 250
"""Links of one type that are no plain references and are compared with every owner; whether further ones belong to it is not decided."""


class Link:
    """One candidate and the value it points with. depends: what that value depended on."""

    __slots__ = ("depends", "number", "resource", "value")

    def __init__(self, number: int, resource: TerraformResource, value: Value, depends: frozenset[Key]) -> None:
        self.number = number
        self.resource = resource
        self.value = value
        self.depends = depends


def _pointer(candidate: TerraformResource, by: Path) -> Value:
    if len(by) == 1 and isinstance(by[0], str):
        return candidate.module.lone_attribute(candidate, by[0])
    return read_path(candidate.config, by)


class Near:
    """Which blocks are near which owner, by address: what of `Links` stays true when the module is read again.

    tokens: the marks of everything the links depended on; while all are equal nothing has to be evaluated.
    """

    __slots__ = ("_at", "_loose", "_more", "_typed", "tokens")

    def __init__(self, links: Links, tokens: dict[Key, object]) -> None:
        self.tokens = tokens
        self._loose = _addresses(links.loose)
        self._more = [(-1, "more")] if links.more else []
        self._typed = {type: _addresses(found) for type, found in links.typed.items()}
        self._at = {block: _addresses(found) for block, found in links.at.items()}

    def mark(self, owner_type: str, owner: str) -> tuple[tuple[int, str], ...]:
        """Equal as long as the same resources are near, in the same order; what they say is noted one by one."""
        others = [one for type, found in self._typed.items() if type != owner_type for one in found]
        at = self._at.get(owner, []) if owner_type in self._typed else []
        return tuple(sorted([*self._more, *self._loose, *others, *at]))


def _addresses(links: list[Link]) -> list[tuple[int, str]]:
    return [(link.number, link.resource.address) for link in links]


class Links:
    """The links at path `by` of all resources of a type, sorted so that those which certainly point elsewhere are passed over."""

    __slots__ = ("at", "depends", "loose", "more", "typed")

    def __init__(self, deployment: Deployment, type: str, by: Path) -> None:
        self.at: dict[str, list[Link]] = {}
        """By the block pointed at: links that are references to resources of one type and nothing else."""
        self.typed: dict[str, list[Link]] = {}
        """The same ones by that type."""
        self.loose: list[Link] = []
        self.more = False
        memo = deployment.memo
        candidates, listed = memo.apart(lambda: deployment.of((type,)))
        self.depends = set(listed)
        for number, candidate in enumerate(candidates):
            if deployment.pause is not None:
                deployment.pause()
            value, depends = memo.apart(lambda candidate=candidate: _pointer(candidate, by))  # type: ignore[misc]  # bound in the loop
            self.depends |= depends
            link = Link(number, candidate, value, depends)
            addresses = {option.address if isinstance(option, Ref) else "" for option in value.options}
            types = {type_of(address) for address in addresses}
            if len(types) != 1 or "" in types:
                if len(self.loose) < MAX_LOOSE:
                    self.loose.append(link)
                else:
                    self.more = True
                continue
            self.typed.setdefault(types.pop(), []).append(link)
            for address in addresses:
                self.at.setdefault(address, []).append(link)

    def near(self, owner_type: str, owner: str) -> list[Link]:
        """The links that may point at a block, in source order; of the others `points_at` says NO."""
        others = [link for type, links in self.typed.items() if type != owner_type for link in links]
        at = self.at.get(owner, []) if owner_type in self.typed else []
        return sorted([*self.loose, *others, *at], key=lambda link: link.number)

    def to(self, deployment: Deployment, owner: TerraformResource, owner_name: Path) -> Items:
        """What `Module.linked` answers."""
        found: list[Resource] = []
        maybe = self.more or not deployment.complete
        target = Target(owner, owner_name)
        for link in self.near(owner.type, owner.block):
            deployment.memo.note_all(link.depends)
            answer = target.named_by(link.value, link.resource)
            if answer is YES and deployment.exists_with(owner, link.resource) is YES:
                found.append(link.resource)
            elif answer is not NO:
                maybe = True
        return Items(tuple(found), maybe)
