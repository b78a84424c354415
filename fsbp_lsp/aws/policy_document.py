"""One normal form for every policy document, whatever notation it is written in.

Sources: IAM JSON policy reference (grammar; `Version` decides whether `${…}` is a policy variable), and the
Terraform AWS provider, data source `aws_iam_policy_document`: documents are merged in the order source, own
statements, override; a statement replaces the first one that has its Sid, one without a Sid is added.
"""

from __future__ import annotations

from fsbp_lsp.aws.policy_conditions import Condition
from fsbp_lsp.aws.policy_statement import Statement, listed
from fsbp_lsp.model import type_of
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Items, Map, Ref, Text, Tri, Value, any_of, as_text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsbp_lsp.model import Resource
    from fsbp_lsp.values import Datum

DATA_SOURCE = "aws_iam_policy_document"
RENDERED = ("json", "minified_json")
BEFORE = ("source_json", "source_policy_documents")
AFTER = ("override_policy_documents", "override_json")
"""Arguments of the data source that name further documents; the ones without a list left it with provider 5."""

MAX_DOCUMENTS = 200
"""Documents that are read for one: data sources may name each other many times over, and in a circle."""
MAX_DEPTH = 10
MAX_STATEMENTS = 500
_ELEMENTS = (
    *("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"),
    *("Version", "Statement"),
)
_ODD = {name.lower(): name for name in _ELEMENTS}


class PolicyDocument:
    """The statements of one document. `open`: more may exist (merged sources, unknown text).

    notation: `json` (a string, jsonencode or a mapping) or `data` (aws_iam_policy_document).
    host/base: where an edit of the document goes. variables: `${…}` in resources is a policy variable, as far as
    `Version` decides that; of merged documents the newest version holds.
    """

    __slots__ = ("base", "host", "notation", "open", "statements", "value", "variables")

    def __init__(self, value: Value, host: Resource, base: tuple[object, ...], above: tuple[int, list[int]] | None = None) -> None:
        """above: when it is merged into another, how deep it stands and how many documents may still be read."""
        self.value = value
        self.host = host
        self.base = base
        self.notation = "json"
        self.statements: list[Statement] = []
        self.open = False
        self.variables = False
        self._read(*(above or (0, [MAX_DOCUMENTS])))
        for number, statement in enumerate(self.statements):
            statement.number = number
            statement.variables = self.variables

    def any(self, holds: object) -> Tri:
        return any_of(self.statements, holds, self.open)  # type: ignore[arg-type]  # a predicate on Statement

    @property
    def denials(self) -> list[Statement]:
        return [statement for statement in self.statements if statement.denies() is not NO]

    def public(self, statement: Statement, wanted: Sequence[str] = ()) -> Tri:
        """The statement grants everybody something (of the actions `wanted`) that no denial takes away."""
        answer = statement.public()
        if answer is not NO:
            answer = answer & statement.left_by(self.denials, wanted)
        return answer & MAYBE if self.open else answer

    # Reading

    def _read(self, depth: int, left: list[int]) -> None:
        raw = self.value.raw
        if isinstance(raw, Ref) and type_of(raw.address) == DATA_SOURCE and raw.attribute in RENDERED:
            source = self.host.module.get(_address(raw))
            left[0] -= 1
            if source is None or depth > MAX_DEPTH or left[0] < 0:
                self.open = True
                return
            self.notation = "data"
            self.host, self.base = source, ()
            self._data_source(source.config, depth, left)
            return
        if not self.value.written or raw is None:
            return
        body = self.host.dialect.decode_json(self.value).only
        if not isinstance(body, Map):
            self.open = True
            return
        items = body.get("Statement").items()
        self.open = body.open or items.maybe_more or _odd(body) or len(items.found) > MAX_STATEMENTS
        self.variables = body.get("Version").is_("2012-10-17") is not NO
        self.statements = [_json_statement(item) for item in items.found[:MAX_STATEMENTS]]

    def _data_source(self, config: Value, depth: int, left: list[int]) -> None:
        body = config.only
        if not isinstance(body, Map):
            self.open = True
            return
        for name in BEFORE:
            self._merge_argument(body.get(name), depth, left)
        items = body.get("statement").items()
        self.variables = self.variables or body.get("version").is_("2008-10-17") is not YES
        own = [_data_statement(item) for item in items.found[:MAX_STATEMENTS]]
        self._merge(own, items.maybe_more or body.open)
        for name in AFTER:
            self._merge_argument(body.get(name), depth, left)

    def _merge_argument(self, value: Value, depth: int, left: list[int]) -> None:
        items = listed(value)
        for item in items.found:
            # The provider refuses null and the empty string: what is never deployed adds nothing.
            if item.only is not None and item.is_("") is not YES:
                other = PolicyDocument(item, self.host, (), (depth + 1, left))
                self.variables = self.variables or other.variables
                self._merge(other.statements, other.open)
        if items.maybe_more:
            self.variables = True
            self._merge([], True)

    def _merge(self, newer: list[Statement], maybe_more: bool) -> None:
        """As the provider does it; what is not decided leaves the statements it may replace in doubt."""
        for statement in newer:
            if len(self.statements) > MAX_STATEMENTS:
                maybe_more = True
                break
            place = self._place(statement)
            self.statements[place : place + 1] = [statement]
        if maybe_more:
            self.open = True
            for older in self.statements:
                if older.sid.present() is not NO:
                    older.exists = older.exists & MAYBE

    def _place(self, statement: Statement) -> int:
        """The number of the statement that this one replaces; the next free one when it replaces none for sure."""
        unsure = False
        if statement.sid.present() is not NO:
            for number, older in enumerate(self.statements):
                same = _same_sid(older.sid, statement.sid) & statement.exists
                if same is YES and not unsure:
                    return number
                if same is not NO:
                    older.exists = older.exists & MAYBE
                    unsure = True
        return len(self.statements)


def _address(ref: Ref) -> str:
    if isinstance(ref.key, str):
        return f'{ref.address}["{ref.key}"]'
    return f"{ref.address}[{ref.key}]" if isinstance(ref.key, int) else ref.address


def _same_sid(one: Value, other: Value) -> Tri:
    if one.present() is NO or other.present() is NO:
        return NO
    text = as_text(one.only)
    if text is not None:
        return other.is_(text)
    text = as_text(other.only)
    return one.is_(text) if text is not None else MAYBE


def _odd(body: Map) -> bool:
    """An element's name in other letters: whether it counts is not documented."""
    return any(_ODD.get(name.lower(), name) != name for name in body.entries)


def _unread(made: Statement) -> Statement:
    """A statement that may be any."""
    made.sid = made.effect = Value.unknown()
    made.actions = made.resources = Items((), True)
    made.principals_open = made.conditions_open = True
    return made


def _json_statement(value: Value) -> Statement:
    made = Statement(0, value, value.at)
    body = value.only
    if not isinstance(body, Map) or _odd(body):
        return _unread(made)
    made.sid = body.get("Sid")
    made.effect = body.get("Effect")
    made.actions = listed(body.get("Action"))
    made.not_actions = listed(body.get("NotAction"))
    made.resources = listed(body.get("Resource"))
    made.not_resources = listed(body.get("NotResource"))
    excepted = body.get("NotPrincipal")
    made.not_principals = excepted.present()
    _json_principals(made, body.get("Principal") if made.not_principals is NO else excepted)
    _json_conditions(made, body.get("Condition"))
    return made


def _json_principals(made: Statement, principal: Value) -> None:
    who = principal.only
    if isinstance(who, Map):
        made.principals_open = who.open
        for type, entry in who.entries.items():
            items = listed(entry)
            made.principals_open = made.principals_open or items.maybe_more
            made.principals.extend((type, item) for item in items.found)
    elif principal.written:
        if known(principal.raw) is UNKNOWN and not isinstance(principal.raw, (Text, Ref)):
            made.principals_open = True
        else:
            made.principals.append(("*", principal))


def _json_conditions(made: Statement, value: Value) -> None:
    operators = value.only
    if not value.written or operators is None:
        return
    if not isinstance(operators, Map):
        made.conditions_open = True
        return
    made.conditions_open = operators.open
    for operator, tests in operators.entries.items():
        keys = tests.only
        if not isinstance(keys, Map):
            made.conditions_open = True
            continue
        made.conditions_open = made.conditions_open or keys.open
        for key, wanted in keys.entries.items():
            made.conditions.append(Condition(operator, key, listed(wanted)))


def _data_statement(value: Value) -> Statement:
    made = Statement(0, value, value.at)
    body = value.only
    if not isinstance(body, Map):
        return _unread(made)
    effect = body.get("effect")
    made.effect = effect if effect.written and effect.only is not None else Value.of("Allow")
    made.sid = body.get("sid")
    made.actions = listed(body.get("actions"))
    made.not_actions = listed(body.get("not_actions"))
    made.resources = _variables(listed(body.get("resources")))
    made.not_resources = _variables(listed(body.get("not_resources")))
    excepted = body.get("not_principals").items()
    made.not_principals = YES if excepted.found else MAYBE if excepted.maybe_more else NO
    blocks = body.get("principals").items() if made.not_principals is NO else excepted
    made.principals_open = blocks.maybe_more
    for block in blocks.found:
        type = as_text(block.child("type").only)
        items = _variables(listed(block.child("identifiers")))
        made.principals_open = made.principals_open or items.maybe_more or type is None
        made.principals.extend((type or "", item) for item in items.found)
    blocks = body.get("condition").items()
    made.conditions_open = blocks.maybe_more
    for block in blocks.found:
        operator, key = as_text(block.child("test").only), as_text(block.child("variable").only)
        if operator is None or key is None:
            made.conditions_open = True
        else:
            made.conditions.append(Condition(operator, key, _variables(listed(block.child("values")))))
    return made


def _variables(items: Items) -> Items:
    """`&{…}` is how the data source spells a policy variable, `${…}` being Terraform's own."""
    return Items(tuple(_spelled(item) for item in items.found), items.maybe_more)


def _spelled(value: Value) -> Value:
    options = tuple(_spelled_text(option) for option in value.options)
    changed = any(one is not other for one, other in zip(options, value.options, strict=True))
    return Value(options, value.at, value.origins, value.node) if changed else value


def _spelled_text(option: Datum) -> Datum:
    if isinstance(option, str):
        return option.replace("&{", "${") if "&{" in option else option
    if isinstance(option, Text) and any(isinstance(part, str) and "&{" in part for part in option.parts):
        return Text(tuple(part.replace("&{", "${") if isinstance(part, str) else part for part in option.parts))
    return option
