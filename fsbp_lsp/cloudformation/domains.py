"""What a parameter or pseudo parameter may be given at deployment: the values worth trying, and whether they are all.

A condition tells values apart only by comparing them, so the literals a parameter is compared with and one
value that is none of them stand for everything it may be.
"""

from __future__ import annotations

import re

from fsbp_lsp.cloudformation.shape import items_of, mapping_of, pairs_of, text_of, untagged
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Datum, Seq, Tri, Value, as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsbp_lsp.cloudformation.parameters import Parameter

MAX_CANDIDATES = 48
"""More values than this are not tried one by one."""
MAX_DEPTH = 40

REGION, PARTITION, SUFFIX = "AWS::Region", "AWS::Partition", "AWS::URLSuffix"
PSEUDO = (REGION, PARTITION, SUFFIX, "AWS::AccountId", "AWS::StackName")
"""Pseudo parameters that differ between deployments."""
_REGIONS = ("us-east-1", "eu-west-1", "us-west-2", "ap-southeast-2", "eu-north-1", "cn-north-1", "us-gov-west-1")
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")
"""AWS General Reference, "ARN format": the partitions there are."""
_ACCOUNTS = ("111122223333", "444455556666", "123456789012")
_FRESH = ("zzother", "zzanother", "zzthird")
_LISTS = ("CommaDelimitedList", "List<")


class Candidates:
    """values: (value, whether it is surely legal). complete: nothing else would make a difference."""

    __slots__ = ("complete", "values")

    def __init__(self, values: list[tuple[Datum, Tri]], complete: bool) -> None:
        self.values = values
        self.complete = complete


class Uses:
    """How conditions and rules look at one name.

    constants: literals it is compared with. linked: other names it is compared with. inside: it is part of
    something computed, so the literals do not tell all. keyed: it selects a row of a mapping.
    """

    __slots__ = ("constants", "inside", "keyed", "linked")

    def __init__(self) -> None:
        self.constants: dict[str, None] = {}
        self.linked: set[str] = set()
        self.inside = False
        self.keyed = False


def call_of(node: Node) -> tuple[str, Node, list[Node]] | None:
    """(name without `Fn::`, argument, argument list) of a function call in either form; None for plain data."""
    if not untagged(node):
        return node.tag[1:], node, node.items if isinstance(node, Sequence) else [node]
    if isinstance(node, Mapping) and len(node.pairs) == 1 and isinstance(node.pairs[0][0], Scalar):
        key, value = node.pairs[0]
        name = key.text if isinstance(key, Scalar) else ""
        if name.startswith("Fn::") or name in ("Ref", "Condition"):
            return name.removeprefix("Fn::"), value, items_of(value)
    return None


def ref_of(node: Node) -> str | None:
    """The name in a `Ref`; None for everything else."""
    call = call_of(node)
    return call[1].text if call is not None and call[0] == "Ref" and isinstance(call[1], Scalar) else None


def uses_in(nodes: Iterable[Node], names: Iterable[str], mappings: Node | None) -> dict[str, Uses]:
    """How the conditions and rules in `nodes` use each of `names`."""
    found = {name: Uses() for name in names}
    for node in nodes:
        _walk(node, found, mappings, (), 0)
    return found


def _walk(node: Node, found: dict[str, Uses], mappings: Node | None, beside: tuple[str, ...], depth: int) -> None:
    """beside: literals that what is computed here is compared with."""
    call = call_of(node)
    if depth > MAX_DEPTH:
        # What is not seen may compare anything with anything.
        for uses in found.values():
            uses.inside = True
        return
    if call is None:
        below = node.items if isinstance(node, Sequence) else [value for _key, value in node.pairs] if isinstance(node, Mapping) else []
        for item in below:
            _walk(item, found, mappings, beside, depth + 1)
        return
    name, arg, args = call
    if name == "Ref":
        _inside(found, arg.text if isinstance(arg, Scalar) else "", beside)
    elif name == "Sub":
        text = arg.text if isinstance(arg, Scalar) else text_of(args[0]) if args else None
        for part in (text or "").split("${")[1:]:
            _inside(found, part.split("}")[0].strip(), beside)
        for item in args[1:]:
            _walk(item, found, mappings, beside, depth + 1)
    elif name == "Equals" and len(args) == 2:
        _compared(args[0], [args[1]], found, mappings, depth)
        _compared(args[1], [args[0]], found, mappings, depth)
    elif name in ("Contains", "EachMemberIn", "EachMemberEquals") and len(args) == 2:
        for one, other in ((args[0], args[1]), (args[1], args[0])):
            for item in items_of(one):
                _compared(item, items_of(other), found, mappings, depth)
    elif name == "FindInMap" and len(args) >= 3:
        for item in args:
            key = ref_of(item)
            if key in found and item is args[1] and len(args) == 3:
                _keyed(found[key], text_of(args[0]), mappings)
            else:
                _walk(item, found, mappings, beside, depth + 1)
    elif name != "Condition":
        for item in args:
            _walk(item, found, mappings, beside, depth + 1)


def _inside(found: dict[str, Uses], name: str, beside: tuple[str, ...]) -> None:
    uses = found.get(name)
    if uses is not None:
        uses.inside = True
        uses.constants.update(dict.fromkeys(beside))


def _compared(one: Node, others: list[Node], found: dict[str, Uses], mappings: Node | None, depth: int) -> None:
    """Note what `one` is compared with, when it is a name; else walk into it."""
    literals: list[str] = []
    plain = True
    names: list[str] = []
    for other in others:
        name = ref_of(other)
        written = as_text(other.value) if isinstance(other, Scalar) and untagged(other) else None
        if written is not None:
            literals.append(written)
        elif name in found:
            names.append(name)
        else:
            plain = False
    uses = found.get(ref_of(one) or "")
    if uses is None:
        _walk(one, found, mappings, tuple(literals), depth + 1)
        return
    uses.constants.update(dict.fromkeys(literals))
    uses.linked.update(names)
    uses.inside = uses.inside or not plain


def _keyed(uses: Uses, table: str | None, mappings: Node | None) -> None:
    whole = mapping_of(mappings)
    pair = pairs_of(whole).found.get(table or "") if whole is not None else None
    rows = mapping_of(pair[1]) if pair is not None else None
    inner = pairs_of(rows) if rows is not None else None
    if inner is None or inner.open:
        uses.inside = True
        return
    uses.keyed = True
    uses.constants.update(dict.fromkeys(name for name in inner.found if not name.startswith("Fn::")))


def pseudo_candidates(name: str, uses: Uses) -> Candidates:
    """The values of a pseudo parameter that make a difference."""
    constants = [text for text in uses.constants if text]
    if name == PARTITION:
        return Candidates([(text, YES) for text in dict.fromkeys([*_PARTITIONS, *constants])], True)
    if name == SUFFIX:
        return Candidates([(text, YES) for text in dict.fromkeys(["amazonaws.com", "amazonaws.com.cn", *constants])], False)
    fresh = _REGIONS if name == REGION else _ACCOUNTS if name == "AWS::AccountId" else _FRESH
    values = list(dict.fromkeys([*constants, *fresh]))
    return Candidates([(text, YES) for text in values[:MAX_CANDIDATES]], not uses.inside and len(values) <= MAX_CANDIDATES)


def partition_of(region: str) -> tuple[str, str]:
    """(partition, URL suffix) of a region (AWS General Reference, "Service endpoints")."""
    if region.startswith("cn-"):
        return "aws-cn", "amazonaws.com.cn"
    return ("aws-us-gov", "amazonaws.com") if region.startswith("us-gov-") else ("aws", "amazonaws.com")


def candidates(parameter: Parameter, uses: Uses, shared: Iterable[str] = ()) -> Candidates:
    """The values of a parameter that make a difference. shared: literals that names it is compared with are compared with."""
    allowed = parameter.allowed_values()
    surely = MAYBE if parameter.unsure else YES
    if allowed is not None and len(allowed) <= MAX_CANDIDATES:
        return Candidates([(datum, surely) for datum in allowed], True)
    default = parameter.default_text()
    constants = [text for text in dict.fromkeys([*uses.constants, *shared]) if text != default]
    if default is not None:
        constants.insert(0, default)
    found: list[tuple[Datum, Tri]] = []
    for text in constants:
        answer = YES if text == default else legal(parameter, text)
        if answer is not NO:
            found.append((_as_datum(parameter, text), answer))
    if not uses.keyed:
        found.extend((_as_datum(parameter, text), answer) for text, answer in _fresh(parameter, set(constants)))
    found = [(datum, answer & surely) for datum, answer in found]
    found.sort(key=lambda one: one[1], reverse=True)  # what is surely legal comes first
    listed = parameter.kind.startswith(_LISTS)
    known = parameter.allowed is None and not uses.inside and not listed and bool(parameter.kind)
    return Candidates(found[:MAX_CANDIDATES], known and len(found) <= MAX_CANDIDATES and len(uses.linked) <= 1)


def _as_datum(parameter: Parameter, text: str) -> Datum:
    if not parameter.kind.startswith(_LISTS):
        return text
    return Seq(tuple(Value((part.strip(),)) for part in text.split(",")))


def legal(parameter: Parameter, text: str) -> Tri:
    """Whether a deployment may give this value, as far as AllowedValues is not asked; MAYBE where only AWS can tell."""
    if parameter.kind == "Number":
        try:
            number = float(text)
        except ValueError:
            return NO
        low, high = parameter.bound("MinValue"), parameter.bound("MaxValue")
        if UNKNOWN in (low, high):
            return MAYBE
        return Tri.of((low is None or number >= low) and (high is None or number <= high))
    low, high = parameter.bound("MinLength"), parameter.bound("MaxLength")
    if UNKNOWN in (low, high):
        return MAYBE
    if (low is not None and len(text) < low) or (high is not None and len(text) > high):
        return NO
    if parameter.allowed is not None or not parameter.kind:
        return MAYBE
    matched = _matches(parameter.limits.get("AllowedPattern"), text)
    if matched is not YES:
        return matched
    # AWS checks that a key pair, a network, … of that name exists: there is none without a name.
    return MAYBE if "AWS::" in parameter.kind and not text else YES


_REPEATS = re.compile(r"[*+]|\{\d*,")
_REPEATED_GROUP = re.compile(r"\)\s*(?:[*+]|\{)|\\[1-9]|\(\?[P<]")


def _matches(pattern: Node | None, text: str) -> Tri:
    """Whether a value matches an AllowedPattern as a whole; MAYBE for what could take long to find out."""
    if pattern is None:
        return YES
    written = text_of(pattern)
    if written is None or len(written) > 300 or len(text) > 12 or len(_REPEATS.findall(written)) > 5:
        return MAYBE
    if written.count("|") + written.count("?") > 10 or _REPEATED_GROUP.search(written) is not None:
        return MAYBE
    try:
        return Tri.of(re.fullmatch(written, text) is not None)
    except (re.error, RecursionError, OverflowError):
        return MAYBE  # Java's notation


def _fresh(parameter: Parameter, taken: set[str]) -> list[tuple[str, Tri]]:
    """Two values that are none of `taken`, standing for all the others; MAYBE where there may be no such value."""
    if parameter.kind == "Number":
        low = parameter.bound("MinValue")
        high = parameter.bound("MaxValue")
        first = int(low) if isinstance(low, (int, float)) else int(high) - 100 if isinstance(high, (int, float)) else 7001
        made = [str(first + number) for number in range(MAX_CANDIDATES + 2)]
    else:
        low, high = parameter.bound("MinLength"), parameter.bound("MaxLength")
        least = int(low) if isinstance(low, (int, float)) else 0
        most = int(high) if isinstance(high, (int, float)) else 1000
        if most < 1:
            return []
        made = [text[:most].ljust(min(least, most, 4096), "z") for text in (*_FRESH, "q", "j", "x")]
    fresh = [text for text in dict.fromkeys(made) if text not in taken]
    allowed = [(text, YES) for text in fresh if legal(parameter, text) is YES][:2]
    return allowed or [(text, MAYBE) for text in fresh[:2]]
