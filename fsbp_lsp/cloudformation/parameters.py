"""Parameters of a template: what a reference to one is known to be."""

from __future__ import annotations

from fsbp_lsp.cloudformation.shape import mapping_of, pairs_of, text_of
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.text import Loc
from fsbp_lsp.values import UNKNOWN, Datum, Origin, Ref, Seq, Value, Via

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.text import Piece

_LISTS = ("CommaDelimitedList", "List<")
_NAMED = "AWS::SSM::Parameter::"


class Parameter:
    """One parameter. default/allowed: the nodes of `Default` and `AllowedValues`, None when there are none.

    kind: its `Type`. no_echo: its value must never be shown.
    """

    __slots__ = ("allowed", "default", "key", "kind", "name", "no_echo")

    def __init__(self, name: str, key: Node, kind: str, default: Node | None, allowed: Node | None, no_echo: bool) -> None:
        self.name = name
        self.key = key
        self.kind = kind
        self.default = default
        self.allowed = allowed
        self.no_echo = no_echo

    def value(self, piece: Piece, supplied: bool) -> Value:
        """What the parameter is: its default, else one of its allowed values, else unknown.

        supplied: someone may have given another value, so the default decides nothing.
        `at` of the answer is the place that decides (the default, the list of allowed values, the parameter).
        """
        here = Loc(piece, self.key.start, self.key.end)
        if self.no_echo:
            return self._hidden(here)
        if self.kind.startswith(_NAMED):
            # The default names the stored parameter; controls may know what AWS keeps under a public name.
            stored = here if self.default is None else Loc(piece, self.default.start, self.default.end)
            return Value.unknown(stored, f"parameter {self.name} is read from the SSM parameter store")
        if self.default is not None and not supplied:
            at = Loc(piece, self.default.start, self.default.end)
            datum = self._read(self.default, at)
            if datum is not UNKNOWN:
                return Value((datum,), at, (Origin(Via.PARAMETER, at, self.name),), self.default)
            return Value.unknown(at, f"the default of parameter {self.name} is not a plain value")
        allowed = self._allowed()
        if allowed:
            at = Loc(piece, self.allowed.start, self.allowed.end) if self.allowed is not None else here
            return Value(allowed, at, (Origin(Via.PARAMETER, at, self.name),))
        why = f"parameter {self.name} can be given another value" if self.default is not None else f"parameter {self.name} has no default"
        return Value.unknown(here, why)

    def _hidden(self, here: Loc) -> Value:
        """A secret: present, but nothing about it is told. An empty default may be no secret at all."""
        if self.default is not None and text_of(self.default) in ("", None):
            return Value.unknown(here, f"parameter {self.name} is NoEcho")
        return Value((Ref(self.name, "Ref"),), here, (Origin(Via.OPAQUE, here, f"parameter {self.name} is NoEcho"),))

    def _read(self, node: Node, at: Loc) -> Datum:
        if not isinstance(node, Scalar) or text_of(node) is None or node.value is None:
            return UNKNOWN
        if not self.kind.startswith(_LISTS):
            return UNKNOWN if "{{" in node.text else node.value
        items = [part.strip() for part in node.text.split(",")] if node.text.strip() else []
        if len(items) > 1000 or "{{" in node.text:
            return UNKNOWN
        return Seq(tuple(Value((part,), at) for part in items), node=node)

    def _allowed(self) -> tuple[Datum, ...]:
        """All values a deployment may choose from; empty when they are not all known."""
        if not isinstance(self.allowed, Sequence) or self.kind.startswith(_LISTS) or len(self.allowed.items) > 1000:
            return ()
        found: dict[object, Datum] = {}
        for item in self.allowed.items:
            if not isinstance(item, Scalar) or text_of(item) is None or item.value is None or "{{" in item.text:
                return ()
            found[type(item.value), item.value] = item.value
        return tuple(found.values())


def read_parameters(section: Node | None, broken: bool) -> dict[str, Parameter]:
    """The parameters of the `Parameters` section. broken: lines were lost, so lists of allowed values may be, too."""
    found: dict[str, Parameter] = {}
    mapping = mapping_of(section)
    if mapping is None:
        return found
    for name, (key, node) in pairs_of(mapping).found.items():
        if name.startswith("Fn::"):
            continue
        pairs = pairs_of(node) if isinstance(node, Mapping) else None
        if pairs is None or pairs.open or pairs.twice or any(part.startswith("Fn::") for part in pairs.found):
            found[name] = Parameter(name, key, "", None, None, False)
            continue
        member = {part: pair[1] for part, pair in pairs.found.items()}
        secret = "NoEcho" in member and (text_of(member["NoEcho"]) or "true").lower() != "false"
        allowed = None if broken else member.get("AllowedValues")
        found[name] = Parameter(name, key, text_of(member.get("Type")) or "", member.get("Default"), allowed, secret)
    return found
