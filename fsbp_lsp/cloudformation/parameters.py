"""Parameters of a template: what a reference to one is known to be."""

from __future__ import annotations

from fsbp_lsp.cloudformation.shape import mapping_of, pairs_of, text_of, untagged
from fsbp_lsp.cloudformation.strings import from_store
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.text import Loc
from fsbp_lsp.values import UNKNOWN, Datum, Origin, Ref, Seq, Value, Via, as_number, as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cloudformation.supplied import Given
    from fsbp_lsp.text import Piece

LISTS = ("CommaDelimitedList", "List<")
MAX_ELEMENTS = 1000
_NAMED = "AWS::SSM::Parameter::"
_LIMITS = ("AllowedPattern", "MinLength", "MaxLength", "MinValue", "MaxValue")


class Parameter:
    """One parameter. default/allowed: the nodes of `Default` and `AllowedValues`, None when there are none.

    kind: its `Type`. no_echo: its value must never be shown. limits: AllowedPattern, MinLength and the like.
    """

    __slots__ = ("allowed", "default", "given", "key", "kind", "limits", "name", "no_echo", "unsure")

    def __init__(self, name: str, key: Node, kind: str, default: Node | None, allowed: Node | None, no_echo: bool) -> None:
        self.limits: dict[str, Node] = {}
        self.given: Given | None = None
        """What a parameter file gives it; then nothing else decides."""
        self.unsure = False
        """A parameter file that cannot be read may give it a value."""
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
        if self.given is not None:
            origin = Origin(Via.SUPPLIED, self.given.at, self.name)
            return Value((self._datum(self.given),), self.given.at, (origin,), self.given.node)
        if self.default is not None and not supplied and not self.unsure:
            at = Loc(piece, self.default.start, self.default.end)
            datum = self._read(self.default, at)
            if datum is not UNKNOWN:
                return Value((datum,), at, (Origin(Via.PARAMETER, at, self.name),), self.default)
            unknown = Value.unknown(at, f"the default of parameter {self.name} is not a plain value")
            return from_store(self.default.text, unknown) if isinstance(self.default, Scalar) else unknown
        allowed = self._allowed()
        if allowed:
            at = Loc(piece, self.allowed.start, self.allowed.end) if self.allowed is not None else here
            return Value(allowed, at, (Origin(Via.PARAMETER, at, self.name),))
        why = f"parameter {self.name} can be given another value" if self.default is not None else f"parameter {self.name} has no default"
        return Value.unknown(here, why)

    @property
    def settled(self) -> bool:
        """Whether whoever deploys the template has no choice left."""
        return self.given is not None

    @property
    def stored(self) -> bool:
        """What is given for it is not its value, or must not be told."""
        return self.no_echo or self.kind.startswith(_NAMED)

    def allowed_values(self) -> tuple[Datum, ...] | None:
        """All values a deployment may choose from; None when they are not listed, or not all known."""
        if self.kind.startswith(_NAMED):
            return None
        return (self._datum(self.given),) if self.given is not None else self._allowed() or None

    def default_text(self) -> str | None:
        """The default as text; None without one, or when a deployment decides what it stands for."""
        if self.kind.startswith(_NAMED) or not isinstance(self.default, Scalar) or "{{" in self.default.text:
            return None
        return as_text(self.default.value) if text_of(self.default) is not None else None

    def bound(self, name: str) -> Datum:
        """The number in `MinLength`, `MaxValue` and the like: None when there is none, UNKNOWN when it cannot be read."""
        node = self.limits.get(name)
        if node is None:
            return None
        number = as_number(node.value) if isinstance(node, Scalar) and untagged(node) else UNKNOWN
        return number if isinstance(number, (int, float)) and not isinstance(number, bool) else UNKNOWN

    def _hidden(self, here: Loc) -> Value:
        """A secret: present, but nothing about it is told. An empty default may be no secret at all.

        No place either: reports quote the line of a place, and the default may stand on it.
        """
        hop = Origin(Via.OPAQUE, None, f"parameter {self.name} is NoEcho")
        empty = self.default is not None and text_of(self.default) in ("", None)
        return Value((UNKNOWN if empty else Ref(self.name, "Ref"),), here, (hop,))

    def _datum(self, given: Given) -> Datum:
        if "{{" in given.text:
            return UNKNOWN
        if not self.kind.startswith(LISTS):
            return given.text
        return elements(given.text, given.at)

    def _read(self, node: Node, at: Loc) -> Datum:
        if not isinstance(node, Scalar) or text_of(node) is None or node.value is None:
            return UNKNOWN
        if not self.kind.startswith(LISTS):
            return UNKNOWN if "{{" in node.text else node.value
        if not node.text.strip():
            # No element, or one empty one: documented nowhere.
            return Seq((), open=True, node=node)
        items = [part.strip() for part in node.text.split(",")]
        if len(items) > MAX_ELEMENTS or "{{" in node.text:
            return UNKNOWN
        return Seq(tuple(Value((part,), at) for part in items), node=node)

    def _allowed(self) -> tuple[Datum, ...]:
        """All values a deployment may choose from; empty when they are not all known."""
        if not isinstance(self.allowed, Sequence) or self.kind.startswith(LISTS) or len(self.allowed.items) > 1000:
            return ()
        found: dict[object, Datum] = {}
        for item in self.allowed.items:
            if not isinstance(item, Scalar) or text_of(item) is None or item.value is None or "{{" in item.text:
                return ()
            found[type(item.value), item.value] = item.value
        return tuple(found.values())


def elements(text: str, at: Loc | None) -> Seq:
    """The list that a parameter of a list type is given as text. An empty one has no element, or one: documented nowhere."""
    return Seq(tuple(Value((part.strip(),), at) for part in text.split(",")[:MAX_ELEMENTS]), open=not text.strip())


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
        found[name].limits = {part: node for part, node in member.items() if part in _LIMITS}
    return found
