"""Functions on lists. What one unknown part leaves open stays open, not unknown."""

from __future__ import annotations

from fsbp_lsp.model import type_of as type_name
from fsbp_lsp.terraform.conversion import ordered, to_type
from fsbp_lsp.terraform.data import Fault, List, Set, TooMuch, TypedNull, kind
from fsbp_lsp.terraform.functions import text_of, whole
from fsbp_lsp.terraform.graphemes import graphemes
from fsbp_lsp.terraform.kinds import DYNAMIC, UNSURE, UNSURE_NULL, has_dynamic, has_unsure, kind_of, type_of, unified, unify
from fsbp_lsp.terraform.operators import equal
from fsbp_lsp.terraform.sets import set_is_settled
from fsbp_lsp.values import UNKNOWN, Map, Ref, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.data import Type
    from fsbp_lsp.terraform.functions import Run, Table
    from fsbp_lsp.values import Datum

MAX_ITEMS = 20_000
MAX_COMPARED = 200_000


def sequence_of(value: Value) -> Seq | None:
    """The argument as a list, tuple or set; None when it is not decided. Raises Fault for anything else."""
    datum = known(value.raw)
    if isinstance(datum, Seq):
        return datum
    if datum is UNKNOWN:
        return None
    raise Fault("a list is required")


def element_type(seq: Seq) -> Type | None:
    """The type of the elements of a list or set, None when it is a tuple or not decided."""
    if not isinstance(seq, List):
        return None
    found = type_of(Value((seq,)))[1]
    return None if has_unsure(found) else found


def like(seq: Seq, items: tuple[Value, ...], is_open: bool = False) -> Seq:
    """The items as a list with the type of a list, as a tuple of those of a tuple."""
    return List(items, is_open, of=element_type(seq) or UNSURE) if isinstance(seq, List) else Seq(items, is_open)


def is_blank(datum: Datum) -> bool:
    """Nothing is known about the datum: it may be an empty string, for one."""
    return datum is UNKNOWN or (isinstance(datum, Text) and not any(isinstance(part, str) for part in datum.parts))


def _length(args: list[Value]) -> Datum:
    raw = args[0].raw
    datum = known(raw)
    if isinstance(datum, Seq):
        return UNKNOWN if datum.open or (isinstance(datum, Set) and not set_is_settled(datum)) else len(datum.items)
    if isinstance(datum, Map):
        return UNKNOWN if datum.open else len(datum.entries)
    if isinstance(datum, str):
        chars = graphemes(datum)
        return UNKNOWN if chars is None else len(chars)
    if datum is UNKNOWN or isinstance(datum, Text):
        return UNKNOWN
    raise Fault("no length")


def _concat(args: list[Value]) -> Datum:
    if not args:
        raise Fault("at least one list is required")
    seqs = [sequence_of(arg) for arg in args]
    if any(isinstance(seq, Set) for seq in seqs):
        raise Fault("a list is required")
    made: Datum = Seq(tuple(item for seq in seqs if seq is not None for item in seq.items), any(seq is None or seq.open for seq in seqs))
    if len(made.items) > MAX_ITEMS:
        raise TooMuch
    if all(isinstance(seq, List) for seq in seqs):
        # Lists that have a type in common stay a list.
        common = unified([type_of(arg) for arg in args])
        if common is None:
            return made
        if common[0] != "list" or has_unsure(common):
            return made if made.open else UNKNOWN
        if has_dynamic(common):
            return List(made.items, made.open, of=UNSURE)
        return to_type(Value((List(made.items, made.open, of=UNSURE),)), common).raw
    return made


def _flatten(args: list[Value]) -> Datum:
    seq = sequence_of(args[0])
    if seq is None:
        return UNKNOWN
    out: list[Value] = []
    is_open = _flatten_into(seq, out, 0)
    return Seq(tuple(out), is_open)


def _flatten_into(seq: Seq, out: list[Value], depth: int) -> bool:
    if depth > 30 or len(out) > MAX_ITEMS:
        raise TooMuch
    is_open = seq.open or not ordered(seq)
    for item in seq.items:
        datum = known(item.raw)
        if isinstance(datum, Seq):
            is_open = _flatten_into(datum, out, depth + 1) or is_open
        elif datum is UNKNOWN and not isinstance(item.raw, Ref):
            # An unknown element may be a list of any length.
            is_open = True
        else:
            out.append(item)
    return is_open


def _element(args: list[Value]) -> Datum | Value:
    seq, index = sequence_of(args[0]), whole(args[1])
    if isinstance(seq, Set):
        raise Fault("a set has no order")
    if seq is None or index is None or seq.open:
        return UNKNOWN
    if not seq.items:
        raise Fault("empty list")
    if index < 0:
        # Counting from the end works in some versions and for some lists only.
        return UNKNOWN
    return seq.items[index % len(seq.items)]


def _coalesce(args: list[Value]) -> Datum | Value:
    if not args:
        raise Fault("at least one value is required")
    target = unify([type_of(arg) for arg in args])
    for arg in args:
        datum = known(arg.raw)
        if datum is None:
            continue
        if is_blank(datum):
            return arg if isinstance(arg.raw, Ref) else UNKNOWN
        if datum == "" and target == "string":
            continue
        if datum == "" and has_unsure(target):
            return UNKNOWN
        try:
            return to_type(arg, target)
        except Fault:
            return UNKNOWN  # Terraform passes over what does not convert
    raise Fault("no value that is not null")


def _coalesce_list(args: list[Value]) -> Datum | Value:
    if not args:
        raise Fault("at least one list is required")
    seqs: list[Seq | None] = []
    for arg in args:
        datum = known(arg.raw)
        if datum is None:
            # A null that would be a list is passed over, a bare one is refused.
            type = type_of(arg)
            if type == UNSURE_NULL:
                return UNKNOWN
            if kind_of(type) not in ("list", "tuple"):
                raise Fault("a list is required")
            datum = Seq(())
        if datum is not UNKNOWN and (not isinstance(datum, Seq) or isinstance(datum, Set)):
            raise Fault("a list is required")
        seqs.append(datum if isinstance(datum, Seq) else None)
    for seq, arg in zip(seqs, args, strict=True):
        if seq is None or (seq.open and not seq.items):
            return UNKNOWN
        if seq.items:
            return arg
    raise Fault("all lists are empty")


def _compact(args: list[Value]) -> Datum:
    seq = sequence_of(args[0])
    if seq is None:
        return UNKNOWN
    out: list[Value] = []
    is_open = seq.open
    for item in seq.items:
        datum = known(item.raw)
        if datum is None or datum == "":
            continue
        if is_blank(datum) and not _says_something(item.raw):
            is_open = True
            continue
        out.append(item)
    return List(tuple(out), is_open, of="string")


def _says_something(datum: Datum) -> bool:
    """An ARN or id that AWS gives a thing, or a policy as the provider renders it: text, whatever it is."""
    if not isinstance(datum, Ref) or datum.key is UNKNOWN or not type_name(datum.address).startswith("aws_"):
        return False
    if type_name(datum.address) == "aws_iam_policy_document":
        return datum.attribute in ("json", "minified_json")
    return datum.attribute in ("arn", "id")


def _distinct(args: list[Value]) -> Datum:
    seq = sequence_of(args[0])
    if seq is None:
        return UNKNOWN
    kept: list[Value] = []
    scalars: set[tuple[str, Datum]] = set()
    compared = 0
    for item in seq.items:
        datum = known(item.raw)
        if datum is None or (isinstance(datum, (str, int, float)) and not isinstance(item.raw, Ref)):
            mark = (kind(datum), datum)
            if mark in scalars:
                continue
            scalars.add(mark)
            kept.append(item)
            continue
        answers = []
        for other in kept:
            compared += 1
            answers.append(equal(item.raw, other.raw))
        if compared > MAX_COMPARED:
            raise TooMuch
        if True in answers:
            continue
        if UNKNOWN in answers:
            return UNKNOWN
        kept.append(item)
    if any(is_blank(known(item.raw)) or isinstance(known(item.raw), Text) or isinstance(item.raw, Ref) for item in kept):
        return seq if len(seq.items) < 2 else UNKNOWN
    return like(seq, tuple(kept), seq.open)


def _contains(args: list[Value]) -> Datum:
    seq = sequence_of(args[0])
    want = args[1].raw
    if seq is None:
        return UNKNOWN
    unsure = seq.open
    for item in seq.items:
        same = equal(item.raw, want)
        if same is True:
            return True
        unsure = unsure or same is UNKNOWN
    return UNKNOWN if unsure else False


def _index(args: list[Value]) -> Datum:
    seq = sequence_of(args[0])
    if isinstance(seq, Set):
        raise Fault("a set has no order")
    if seq is None:
        return UNKNOWN
    for number, item in enumerate(seq.items):
        same = equal(item.raw, args[1].raw)
        if same is not False:
            return number if same is True else UNKNOWN
    if seq.open:
        return UNKNOWN
    raise Fault("not found")


def _one(args: list[Value]) -> Datum | Value:
    seq = sequence_of(args[0])
    if seq is None or seq.open or (isinstance(seq, Set) and not set_is_settled(seq)):
        return UNKNOWN
    if len(seq.items) > 1:
        raise Fault("more than one element")
    if seq.items:
        return seq.items[0]
    return Value((None,), node=TypedNull(0, 0, (element_type(seq) or UNSURE) if isinstance(seq, List) else DYNAMIC))


def _reverse(args: list[Value]) -> Datum:
    seq = sequence_of(args[0])
    if seq is None:
        return UNKNOWN
    return like(seq, tuple(reversed(seq.items)), seq.open or not ordered(seq))


def _slice(args: list[Value]) -> Datum:
    seq, start, end = sequence_of(args[0]), whole(args[1]), whole(args[2])
    if isinstance(seq, Set):
        raise Fault("a set has no order")
    if seq is None and start is not None and end is not None and 0 <= start < end <= start + MAX_ITEMS:
        # Whatever the list is: it has these elements, or Terraform stops. The evaluator tells `try` and `can` of the latter.
        return List((Value.unknown(),) * (end - start), of=UNSURE)
    if seq is None or seq.open or start is None or end is None:
        return UNKNOWN
    if not 0 <= start <= end <= len(seq.items):
        raise Fault("out of range")
    return like(seq, seq.items[start:end])


def _sort(args: list[Value]) -> Datum:
    seq = sequence_of(args[0])
    if seq is None:
        return UNKNOWN
    if any(known(item.raw) is None for item in seq.items):
        raise Fault("null element")
    texts = [text_of(item) for item in seq.items]
    if seq.open or None in texts:
        return UNKNOWN
    order = sorted(range(len(texts)), key=lambda i: (texts[i] or "").encode("utf-8", "surrogatepass"))
    return List(tuple(Value((texts[i],), seq.items[i].at, seq.items[i].origins) for i in order), of="string")


def _every(decisive: bool) -> Run:
    def run(args: list[Value]) -> Datum:
        seq = sequence_of(args[0])
        if seq is None:
            return UNKNOWN
        unsure = seq.open
        for item in seq.items:
            answer = known(item.raw)
            if answer is UNKNOWN or isinstance(answer, Text):
                unsure = True
            elif (answer is True) is decisive:
                # null counts as not true in both functions.
                return decisive
        return UNKNOWN if unsure else not decisive

    return run


def _chunk_list(args: list[Value]) -> Datum:
    seq, size = sequence_of(args[0]), whole(args[1])
    if size is not None and size < 0:
        raise Fault("a negative size")
    if seq is None or size is None or seq.open:
        return UNKNOWN
    size = size or max(1, len(seq.items))
    chunks = [like(seq, seq.items[i : i + size]) for i in range(0, len(seq.items), size)]
    return List(tuple(Value((chunk,)) for chunk in chunks), of=("list", element_type(seq) or UNSURE))


def _match_keys(args: list[Value]) -> Datum:
    values, keys, search = (sequence_of(arg) for arg in args)
    common = unified([type_of(args[1]), type_of(args[2])])
    if common is None:
        raise Fault("keys of another type")
    if values is None or keys is None or search is None or values.open or keys.open or search.open or has_unsure(common):
        return UNKNOWN
    if len(values.items) != len(keys.items):
        raise Fault("different lengths")
    if len(keys.items) * len(search.items) > MAX_COMPARED:
        raise TooMuch
    wanted = to_type(args[2], common).raw.items
    out: list[Value] = []
    for value, key in zip(values.items, to_type(args[1], common).raw.items, strict=True):
        answers = [equal(key.raw, one.raw) for one in wanted]
        if True in answers:
            out.append(value)
        elif UNKNOWN in answers:
            return UNKNOWN
    return like(values, tuple(out))


TABLE: Table = {
    "alltrue": ("B", _every(False)),
    "anytrue": ("B", _every(True)),
    "chunklist": ("Ln", _chunk_list),
    "coalesce": ("*d?", _coalesce),
    "coalescelist": ("*d?", _coalesce_list),
    "compact": ("l", _compact),
    "concat": ("*d", _concat),
    "contains": ("dd", _contains),
    "distinct": ("L", _distinct),
    "element": ("dn", _element),
    "flatten": ("d", _flatten),
    "index": ("dd", _index),
    "length": ("d", _length),
    "matchkeys": ("LLL", _match_keys),
    "one": ("d", _one),
    "reverse": ("d", _reverse),
    "slice": ("dnn", _slice),
    "sort": ("l", _sort),
}
