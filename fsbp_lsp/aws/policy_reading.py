"""Statements of policy documents from what they are written in: JSON, or blocks of `aws_iam_policy_document`."""

from __future__ import annotations

from fsbp_lsp.aws.policy_conditions import Condition
from fsbp_lsp.aws.policy_statement import Statement, listed
from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Items, Map, Ref, Text, Tri, Value, as_text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.values import Datum

MAX_STATEMENTS = 500
"""Statements of one document; no service takes as many."""
_ELEMENTS = (
    *("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"),
    *("Version", "Statement"),
)
_ODD = {name.lower(): name for name in _ELEMENTS}


def elements(value: Value) -> tuple[list[tuple[Value, Tri]], bool]:
    """(element, whether it is there for sure) of a list, its parts perhaps chosen by conditions; whether there may be more.

    An element that is in every list conditions may choose is there whatever they say.
    """
    single = len(value.options) == 1
    lists = [listed(value if single else Value((option,), value.at, value.origins, value.node)) for option in value.options]
    maybe_more = any(items.maybe_more for items in lists)
    everywhere = set.intersection(*({id(item) for item in items.found} for items in lists))
    found: list[tuple[Value, Tri]] = []
    for item in {id(item): item for items in lists for item in items.found}.values():
        if id(item) in everywhere and len(item.options) == 1:
            found.append((item, YES))
            continue
        choices = [choice for choice in item.options if choice is not ABSENT and known(choice) is not None]
        found.extend((Value((choice,), item.at, item.origins, item.node), MAYBE) for choice in choices)
    return found[:MAX_STATEMENTS], maybe_more or len(found) > MAX_STATEMENTS


def odd(body: Map) -> bool:
    """An element's name in other letters: whether it counts is not documented."""
    return any(_ODD.get(name.lower(), name) != name for name in body.entries)


def _unread(made: Statement) -> Statement:
    """A statement that may be any."""
    made.sid = made.effect = Value.unknown()
    made.actions = made.resources = Items((), True)
    made.principals_open = made.conditions_open = True
    return made


def json_statement(value: Value) -> Statement:
    made = Statement(0, value, value.at)
    body = value.only
    if not isinstance(body, Map) or odd(body):
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


def data_statement(value: Value) -> Statement:
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
