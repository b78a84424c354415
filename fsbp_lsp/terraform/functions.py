"""The table of Terraform functions: signatures, and arguments converted to them.

A function takes values of one possibility each, already converted to its parameters, and returns a datum, or a
Value when it hands on an element with its place and origins. It raises Fault where Terraform certainly stops,
and returns UNKNOWN whenever the exact answer is not certain.
"""

from __future__ import annotations

from fsbp_lsp.terraform.conversion import to_type
from fsbp_lsp.terraform.data import WORK, Fault, TooMuch
from fsbp_lsp.terraform.digits import number_text
from fsbp_lsp.terraform.kinds import DYNAMIC
from fsbp_lsp.values import UNKNOWN, Map, Ref, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.values import Datum

    Run = Callable[[list[Value]], Datum | Value]
    Table = dict[str, tuple[str, Run]]
    """name: signature and implementation, see `Function`."""

_TYPES = {
    "s": "string",
    "n": "number",
    "d": DYNAMIC,
    "l": ("list", "string"),
    "L": ("list", DYNAMIC),
    "B": ("list", "bool"),
    "S": ("set", DYNAMIC),
    "m": ("map", ("list", "string")),
}
"""Letters of signatures. `?` after a letter lets null through, `*` before the last one lets it repeat."""

_GROUPS = {
    "numbers": "abs ceil floor log max min parseint pow range signum sum",
    "types": "ephemeralasnull issensitive nonsensitive sensitive tobool tolist tomap tonumber toset tostring",
    "text": "chomp endswith indent join lower replace split startswith strcontains strrev substr title trim trimprefix trimspace "
    "trimsuffix upper",
    "regex": "regex regexall",
    "format": "format formatlist",
    "collection": "alltrue anytrue chunklist coalesce coalescelist compact concat contains distinct element flatten index length "
    "matchkeys one reverse slice sort",
    "maps": "keys lookup merge transpose values zipmap",
    "sets": "setintersection setproduct setsubtract setunion",
    "encoding": "base64decode base64encode csvdecode jsondecode jsonencode textdecodebase64 textencodebase64 urlencode",
    "hash": "base64sha256 base64sha512 md5 sha1 sha256 sha512 uuidv5",
    "yaml": "yamldecode yamlencode",
    "net": "cidrhost cidrnetmask cidrsubnet cidrsubnets",
    "time": "formatdate timeadd timecmp",
    "paths": "abspath basename dirname pathexpand",
}
"""Functions by the module that holds them, which is imported when one of them is called."""

UNDECIDABLE = {
    "base64gzip": "s",
    "bcrypt": "s*n",
    "plantimestamp": "",
    "rsadecrypt": "ss",
    "timestamp": "",
    "uuid": "",
}
"""Signatures of functions whose answer source never decides: time, chance, secrets and compression."""

FILE_FUNCTIONS = frozenset(
    (
        "file",
        "filebase64",
        "filebase64sha256",
        "filebase64sha512",
        "fileexists",
        "filemd5",
        "fileset",
        "filesha1",
        "filesha256",
        "filesha512",
        "templatefile",
        "templatestring",
    )
)
"""Functions that need more than their arguments: see `functions_files`, which the evaluator calls itself."""

_module_of = {name: group for group, names in _GROUPS.items() for name in names.split()}
_table: dict[str, Function] = {}


class Function:
    """params: types of the fixed parameters and whether each takes null. rest: the same for those that repeat."""

    __slots__ = ("params", "rest", "run")

    def __init__(self, signature: str, run: Run) -> None:
        fixed, star, repeated = signature.partition("*")
        self.params = _letters(fixed)
        self.rest = _letters(repeated)[0] if star else None
        self.run = run

    def bind(self, args: list[Value]) -> list[Value]:
        """The arguments as the function takes them. Raises Fault."""
        if len(args) < len(self.params) or (self.rest is None and len(args) > len(self.params)):
            raise Fault("wrong number of arguments")
        made: list[Value] = []
        for number, arg in enumerate(args):
            type, nullable = self.params[number] if number < len(self.params) else self.rest or (DYNAMIC, True)
            if not nullable and arg.raw is None:
                raise Fault("null argument")
            made.append(arg if type == DYNAMIC else to_type(arg, type))
            if not nullable and known(arg.raw) is None and not isinstance(arg.raw, Ref):
                raise Fault("null argument")
        return made


def _letters(text: str) -> list[tuple[object, bool]]:
    found: list[tuple[object, bool]] = []
    for letter in text:
        if letter == "?":
            found[-1] = (found[-1][0], True)
        else:
            found.append((_TYPES[letter], False))
    return found


def function(name: str) -> Function | None:
    """The function of a name; None when it is not known here. `core::name` is the same as `name`."""
    name = name.removeprefix("core::")
    found = _table.get(name)
    if found is None:
        if name in UNDECIDABLE:
            found = Function(UNDECIDABLE[name], _undecided)
        elif name in _module_of:
            from importlib import import_module

            table: Table = import_module(f"fsbp_lsp.terraform.functions_{_module_of[name]}").TABLE
            found = Function(*table[name])
        else:
            return None
        _table[name] = found
    return found


def names() -> list[str]:
    """Every function Terraform has, as far as it is known here."""
    return sorted([*_module_of, *UNDECIDABLE, *FILE_FUNCTIONS, "can", "try"])


def _undecided(_args: list[Value]) -> Datum:
    return UNKNOWN


def call(run: Function, args: list[Value]) -> Datum | Value:
    """Run a function within bounds: what grows too large or is not decided becomes UNKNOWN. May raise Fault."""
    try:
        WORK.spend(sum(map(_size, args)))
        return run.run(run.bind(args))
    except (TooMuch, RecursionError):
        return UNKNOWN


def _size(value: Value) -> int:
    """Parts of an argument that a function goes through at least once, roughly."""
    datum = known(value.raw)
    if isinstance(datum, Seq):
        return len(datum.items)
    return len(datum.entries) if isinstance(datum, Map) else len(datum) // 64 if isinstance(datum, str) else 1


# For the implementations


def scalar(value: Value) -> Datum:
    """A decided argument: str, bool, int or float, else UNKNOWN (a string known in part, a float that is no certain decimal)."""
    datum = known(value.raw)
    if isinstance(datum, Text) or datum is None:
        return UNKNOWN
    if isinstance(datum, float) and number_text(datum) is None:
        return UNKNOWN
    return datum


def text_of(value: Value) -> str | None:
    """The argument as a string; None when it is not decided."""
    datum = known(value.raw)
    return datum if isinstance(datum, str) else None


def whole(value: Value) -> int | None:
    """The argument as a whole number; None when it is not decided. Raises Fault for fractions."""
    datum = known(value.raw)
    if isinstance(datum, float):
        if not datum.is_integer():
            raise Fault("a whole number is required")
        return int(datum)
    return datum if isinstance(datum, int) else None


def decided(change: Callable[..., Datum]) -> Run:
    """A function of decided scalars, given as Python data; with one that is not decided the answer is UNKNOWN."""

    def run(args: list[Value]) -> Datum:
        data = [scalar(arg) for arg in args]
        return UNKNOWN if any(datum is UNKNOWN for datum in data) else change(*data)

    return run
