"""One normal form for every policy document, whatever notation it is written in.

Sources: IAM JSON policy reference (grammar, wildcards) and, for what counts as public, the Amazon S3
user guide, "The meaning of public".
"""

from __future__ import annotations

from fsbp_lsp.model import Companion, Facet, Kind, Nested, Part, Subject, type_of
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Items, Map, Ref, Seq, Text, Tri, Value, all_of, any_of, as_text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.model import Resource
    from fsbp_lsp.text import Loc

NARROWING = frozenset(
    {
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceowner",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:principalorgid",
        "aws:principalarn",
        "aws:principalaccount",
        "aws:userid",
        "aws:username",
        "kms:calleraccount",
        "s3:dataaccesspointarn",
        "s3:dataaccesspointaccount",
        "sns:endpoint",
        "lambda:functionurlauthtype",
    }
)
"""Condition keys that tie a public principal to somebody when compared with fixed values."""

NOT_NARROWING = frozenset({"aws:securetransport", "s3:tlsversion", "aws:multifactorauthpresent", "aws:referer", "aws:useragent"})
"""Condition keys that everybody can satisfy, or that Block Public Access does not accept as narrowing."""

FIXED = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})


def listed(value: Value) -> Items:
    """A string or a list of strings as elements; nothing when not written."""
    datum = value.only
    if isinstance(datum, (Seq, Map)):
        return value.items()
    if not value.written or datum is None:
        return Items(())
    if datum is UNKNOWN and not isinstance(value.raw, (Ref, Text)):
        return Items((value,)) if len(value.options) > 1 else Items((), True)
    return Items((value,))


class Condition:
    """One operator-key-values test of a statement; `key` is lower case."""

    __slots__ = ("key", "operator", "values")

    def __init__(self, operator: str, key: str, values: Items) -> None:
        self.operator = operator
        self.key = key.lower()
        self.values = values

    def narrows(self) -> Tri:
        """Ties a public principal to fixed accounts, organizations, networks or resources."""
        if self.key in NOT_NARROWING:
            return NO
        operator = self.operator.lower()
        if self.key == "aws:sourceip" and operator == "ipaddress":
            return all_of(self.values.found, _private_range, self.values.maybe_more) if self.values.found else MAYBE
        if self.key not in NARROWING or operator not in FIXED:
            return MAYBE
        return all_of(self.values.found, _fixed, self.values.maybe_more) if self.values.found else MAYBE


def _fixed(value: Value) -> Tri:
    datum = value.raw
    if isinstance(datum, Ref):
        return YES
    if isinstance(datum, Text):
        if any(isinstance(part, str) and ("*" in part or "?" in part) for part in datum.parts):
            return MAYBE
        return YES
    text = as_text(datum)
    if text is None:
        return MAYBE
    # A wildcard is no fixed value to Block Public Access, but it may still narrow a great deal.
    return MAYBE if "*" in text or "?" in text or "${" in text else YES


def _private_range(value: Value) -> Tri:
    text = as_text(value.raw)
    if text is None:
        return MAYBE
    if text in ("0.0.0.0/0", "::/0"):
        return NO
    return YES


class Statement:
    """One statement. Lists are open when some of their elements are not known; `maybe`: it may not exist."""

    __slots__ = (
        "actions",
        "at",
        "conditions",
        "conditions_open",
        "effect",
        "not_actions",
        "not_principals",
        "not_resources",
        "number",
        "principals",
        "principals_open",
        "resources",
        "value",
    )

    def __init__(self, number: int, value: Value, at: Loc | None) -> None:
        self.number = number
        self.value = value
        self.at = at
        self.effect = Value.of("Allow")
        self.actions = Items(())
        self.not_actions = Items(())
        self.resources = Items(())
        self.not_resources = Items(())
        self.principals: list[tuple[str, Value]] = []
        self.principals_open = False
        self.not_principals = NO
        self.conditions: list[Condition] = []
        self.conditions_open = False

    def allows(self) -> Tri:
        return self.effect.is_("Allow")

    def denies(self) -> Tri:
        return self.effect.is_("Deny")

    def all_actions(self) -> Tri:
        return self.actions.any(lambda action: action.is_("*") | action.is_("*:*"))

    def all_resources(self) -> Tri:
        return self.resources.any(lambda resource: resource.is_("*"))

    def any_principal(self) -> Tri:
        """Names everybody: `*`, or AWS `*`."""
        answer = any_of(self.principals, lambda pair: pair[1].is_("*") if pair[0] in ("*", "AWS") else NO, self.principals_open)
        return answer | (MAYBE if self.not_principals is not NO else NO)

    def narrowed(self) -> Tri:
        """Some condition ties the principal to somebody."""
        return any_of(self.conditions, Condition.narrows, self.conditions_open)

    def public(self) -> Tri:
        """Allows everybody without a condition that narrows it."""
        return self.allows() & self.any_principal() & ~self.narrowed()

    def covers_action(self, wanted: str) -> Tri:
        """One of the actions, wildcards included, is `wanted` (`s3:GetObject`) or a pattern that matches it."""
        if self.not_actions.found or self.not_actions.maybe_more:
            return MAYBE
        return self.actions.any(lambda action: action.test(lambda datum: glob_match(as_text(datum) or "", wanted)))

    def shown_actions(self) -> str:
        return ", ".join(action.shown for action in self.actions.found[:3])


def glob_match(pattern: str, text: str) -> bool:
    """IAM's wildcard match, ignoring case: `*` any run, `?` one character. Linear time, no regular expression."""
    pattern, text = pattern.lower(), text.lower()
    at = mark = 0
    star = -1
    index = 0
    while index < len(text):
        if at < len(pattern) and (pattern[at] == "?" or (pattern[at] == text[index] and pattern[at] != "*")):
            at += 1
            index += 1
        elif at < len(pattern) and pattern[at] == "*":
            star, mark = at, index
            at += 1
        elif star >= 0:
            at = star + 1
            mark += 1
            index = mark
        else:
            return False
    return all(char == "*" for char in pattern[at:])


class PolicyDocument:
    """The statements of one document. `open`: more may exist (merged sources, unknown text).

    notation: `json` (a string, jsonencode or a mapping) or `data` (aws_iam_policy_document).
    host/base: where an edit of the document goes.
    """

    __slots__ = ("base", "host", "notation", "open", "statements", "value")

    def __init__(self, value: Value, host: Resource, base: tuple[object, ...]) -> None:
        self.value = value
        self.host = host
        self.base = base
        self.notation = "json"
        self.statements: list[Statement] = []
        self.open = False
        self._read()

    def _read(self) -> None:
        raw = self.value.raw
        if isinstance(raw, Ref) and type_of(raw.address) == "aws_iam_policy_document" and raw.attribute in ("json", "minified_json"):
            source = self.host.module.get(raw.address)
            if source is None:
                self.open = True
                return
            self.notation = "data"
            self.host, self.base = source, ()
            self._data_source(source.config)
            return
        if not self.value.written or raw is None:
            return
        decoded = self.host.dialect.decode_json(self.value)
        body = decoded.only
        if not isinstance(body, Map):
            self.open = True
            return
        self.open = body.open
        items = body.get("Statement").items()
        self.open = self.open or items.maybe_more
        for number, item in enumerate(items.found):
            self.statements.append(_json_statement(number, item))

    def _data_source(self, config: Value) -> None:
        body = config.only
        if not isinstance(body, Map):
            self.open = True
            return
        for name in ("source_policy_documents", "override_policy_documents", "source_json", "override_json"):
            if body.get(name).present() is not NO:
                self.open = True
        items = body.get("statement").items()
        self.open = self.open or items.maybe_more or body.open
        for number, item in enumerate(items.found):
            self.statements.append(_data_statement(number, item))

    def any(self, holds: object) -> Tri:
        return any_of(self.statements, holds, self.open)  # type: ignore[arg-type]  # a predicate on Statement


def _json_statement(number: int, value: Value) -> Statement:
    made = Statement(number, value, value.at)
    body = value.only
    if not isinstance(body, Map):
        made.effect = Value.unknown()
        return made
    made.at = value.at
    made.effect = body.get("Effect")
    made.actions = listed(body.get("Action"))
    made.not_actions = listed(body.get("NotAction"))
    made.resources = listed(body.get("Resource"))
    made.not_resources = listed(body.get("NotResource"))
    made.not_principals = body.get("NotPrincipal").present()
    principal = body.get("Principal")
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
    _json_conditions(made, body.get("Condition"))
    return made


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


def _data_statement(number: int, value: Value) -> Statement:
    made = Statement(number, value, value.at)
    body = value.only
    if not isinstance(body, Map):
        made.effect = Value.unknown()
        return made
    effect = body.get("effect")
    made.effect = effect if effect.written and effect.only is not None else Value.of("Allow")
    made.actions = listed(body.get("actions"))
    made.not_actions = listed(body.get("not_actions"))
    made.resources = listed(body.get("resources"))
    made.not_resources = listed(body.get("not_resources"))
    blocks = body.get("not_principals").items()
    made.not_principals = YES if blocks.found else MAYBE if blocks.maybe_more else NO
    blocks = body.get("principals").items()
    made.principals_open = blocks.maybe_more
    for block in blocks.found:
        type = as_text(block.child("type").only)
        items = listed(block.child("identifiers"))
        made.principals_open = made.principals_open or items.maybe_more or type is None
        made.principals.extend((type or "", item) for item in items.found)
    blocks = body.get("condition").items()
    made.conditions_open = blocks.maybe_more
    for block in blocks.found:
        operator, key = as_text(block.child("test").only), as_text(block.child("variable").only)
        if operator is None or key is None:
            made.conditions_open = True
        else:
            made.conditions.append(Condition(operator, key, listed(block.child("values"))))
    return made


class Document(Facet):
    """A facet whose value is one policy document."""

    @property
    def document(self) -> PolicyDocument:
        return PolicyDocument(self.value, self.resource, self.base)


class PolicyText(Document, tf=Nested("policy", whole=True), cfn=Nested("PolicyDocument", whole=True)):
    pass


class ManagedPolicy(Kind, tf="aws_iam_policy", cfn="AWS::IAM::ManagedPolicy"):
    """A customer managed policy (AWS Config calls it AWS::IAM::Policy)."""

    documents = Part(PolicyText)


class InlinePolicy(
    Kind,
    tf=("aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"),
    cfn=("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy"),
):
    """An inline policy written as a resource of its own."""

    documents = Part(PolicyText)


class InlineEntry(Facet, tf=Nested("inline_policy"), cfn=Nested("Policies")):
    """An inline policy written inside its role, user or group."""

    @property
    def document(self) -> PolicyDocument:
        key = "policy" if self.terraform else "PolicyDocument"
        return PolicyDocument(self.value.child(key), self.resource, (*self.base, key))


class Principal(
    Kind,
    tf=("aws_iam_role", "aws_iam_user", "aws_iam_group"),
    cfn=("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"),
):
    """A role, user or group with inline policies of its own."""

    inline = Part(InlineEntry)


class UserInline(
    Facet,
    tf=Companion("aws_iam_user_policy", by="user", owner_name="name", reference="name"),
    cfn=Nested("Policies"),
):
    pass


class UserAttachment(
    Facet,
    tf=Companion("aws_iam_user_policy_attachment", by="user", owner_name="name", reference="name"),
    cfn=Nested("ManagedPolicyArns"),
):
    pass


class User(Kind, tf="aws_iam_user", cfn="AWS::IAM::User"):
    inline = Part(UserInline)
    attached = Part(UserAttachment)


def documents_of(subject: Subject, part: Part) -> Iterator[PolicyDocument]:
    for facet in part.read(subject).found:
        yield facet.document
