"""Conditions of policy statements: which of them tie a public principal to somebody.

Sources. Amazon S3 user guide, "The meaning of public" (block public access): a policy is public unless it grants
access to fixed values only, "values that don't contain a wildcard or an IAM policy variable", of an AWS principal,
a set of addresses (`aws:SourceIp`, not broader than /8 in IPv4 and /32 in IPv6 except for private ranges),
`aws:SourceArn`, `aws:SourceVpc`, `aws:SourceVpce`, `aws:SourceOwner`, `aws:SourceAccount`, `aws:userid`,
`s3:DataAccessPointArn` (the access point name may be a wildcard when the account is fixed), and
`s3:x-amz-server-side-encryption-aws-kms-key-id` (S3 API reference, PublicAccessBlockConfiguration).
Security Hub says of S3.2, S3.3, SNS.4 and Lambda.1 that they "must only use fixed values" to pass, AWS Config the
same of their rules; SQS.3 ("not using proper conditions to restrict access") and KMS.5 are read alike. What operators
mean: IAM user guide, "Condition operators", "Set operators for multivalued context keys", "Global condition context
keys".

A pattern that still fixes part of an account, organization or name is left open: only fixed values pass for sure, and
what each rule makes of such a pattern is not documented. One that fixes nothing narrows nothing.
"""

from __future__ import annotations

from fsbp_lsp.aws.policy_match import is_name
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Items, Ref, Text, Tri, Value, all_of, any_of, as_text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsbp_lsp.values import Datum

SOURCES = frozenset(
    {
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceowner",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "s3:dataaccesspointarn",
        "s3:dataaccesspointaccount",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "sns:endpoint",
    }
)
"""Narrowing keys that the request of a stranger need not have: a service sets them, an endpoint, an organization."""

CALLERS = frozenset({"aws:principalarn", "aws:principalaccount", "aws:userid", "aws:username", "kms:calleraccount"})
"""Narrowing keys about whoever signed the request."""

NARROWING = SOURCES | CALLERS
"""Condition keys that tie a public principal to somebody when compared with fixed values."""

NOT_NARROWING = frozenset(
    {
        "aws:currenttime",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:referer",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:securetransport",
        "aws:useragent",
        "s3:delimiter",
        "s3:max-keys",
        "s3:prefix",
        "s3:signatureversion",
        "s3:tlsversion",
        "s3:x-amz-acl",
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-storage-class",
    }
)
"""Condition keys about the request or the resource, not about who asks: everybody can satisfy them."""

AVOIDABLE = frozenset({"aws:useragent", "s3:delimiter", "s3:max-keys", "s3:signatureversion", "s3:tlsversion", "s3:x-amz-acl"})
AVOIDABLE |= {"s3:x-amz-server-side-encryption", "s3:x-amz-storage-class"}
"""What a request can be written without: a Deny that depends on one of these keeps nobody out."""

EQUAL = frozenset({"stringequals", "stringequalsignorecase", "arnequals", "arnlike", "stringlike"})
PATTERNS = frozenset({"arnequals", "arnlike", "stringlike"})
"""The operators that read `*` and `?` as wildcards; to the others they are characters."""
NEGATED = frozenset({"stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike", "notipaddress"})

_ID_PREFIXES = frozenset({"", "aida", "aroa", "o-", "ou-", "r-", "vpc-", "vpce-"})
_ARN_KINDS = frozenset(
    {"alarm", "assumed-role", "distribution", "federated-user", "function", "group", "instance", "log-group"}
    | {"parameter", "pipeline", "project", "role", "rule", "service-role", "stack", "stateMachine", "table", "trail", "user"}
)
"""First words of an ARN's last part that say what kind of thing it is, not which one."""
_WILD = "*?"


class Condition:
    """One operator-key-values test of a statement; `key` and `operator` are lower case.

    quantifier: `forallvalues`, `foranyvalue` or ''. if_exists: a request without the key satisfies it.
    """

    __slots__ = ("if_exists", "key", "operator", "quantifier", "values")

    def __init__(self, operator: str, key: str, values: Items) -> None:
        low = operator.lower()
        self.quantifier, _, base = low.rpartition(":")
        self.if_exists = base.endswith("ifexists")
        self.operator = base.removesuffix("ifexists")
        self.key = key.lower()
        self.values = values

    def narrows(self, required: Tri = NO) -> Tri:
        """Ties a public principal to fixed accounts, organizations, networks or resources.

        required: another condition of the statement demands that the key is in the request.
        """
        if self.key in NOT_NARROWING:
            return NO
        address = self.key == "aws:sourceip"
        if not address and self.key not in NARROWING:
            return MAYBE
        if self.operator in NEGATED:
            # Everybody but those named. A pattern may name everybody.
            return self._all_but()
        if self.operator == "null":
            # Without the key, or with any value of it: neither is a fixed value.
            return NO if self.values.all(lambda value: value.is_(True)) is YES else MAYBE
        if not (self.operator == "ipaddress" if address else self.operator in EQUAL) or not self.values.found:
            return MAYBE
        if self.if_exists or self.quantifier == "forallvalues":
            # Both hold for a request without the key (ForAllValues is true of nothing).
            return NO if self.key in SOURCES and required is NO else MAYBE
        return all_of(self.values.found, _private_range if address else self._fixed, self.values.maybe_more)

    def _all_but(self) -> Tri:
        return MAYBE if self.values.maybe_more or any(_names_few(value) is not YES for value in self.values) else NO

    def demands(self) -> Tri:
        """`Null: {key: false}`: the request must have the key."""
        return self.values.all(lambda value: value.is_(False)) if self.operator == "null" and self.values.found else NO

    def avoidable(self) -> Tri:
        """Everybody can send the request in a way that the condition does not hold for."""
        if self.key == "aws:securetransport":
            return YES if self.operator == "bool" and self.values.all(lambda value: value.is_(False)) is YES else MAYBE
        return YES if self.key in AVOIDABLE else MAYBE

    def clashes(self, others: list[Condition]) -> bool:
        """One of the other conditions may hold only when this one does: it is about the same key."""
        same = [test for test in others if test.key == self.key]
        if self.key == "aws:securetransport":
            return any(test.operator != "bool" or test.values.all(lambda value: value.is_(True)) is not YES for test in same)
        return bool(same)

    def _fixed(self, value: Value) -> Tri:
        return _agreed(self._fixed_text(option) for option in value.options)

    def _fixed_text(self, option: Datum) -> Tri:
        inner = known(option)
        if inner is UNKNOWN or isinstance(inner, Text):
            # Names of things hold no wildcard, whatever they are; anything else may.
            parts = inner.parts if isinstance(inner, Text) else (option,)
            texts = "".join(part for part in parts if isinstance(part, str))
            named = all(isinstance(part, str) or (isinstance(part, Ref) and is_name(part)) for part in parts)
            return YES if named and not any(char in texts for char in "*?$") else MAYBE
        text = as_text(inner)
        if text is None or "${" in text:
            return MAYBE
        if not any(char in text for char in _WILD):
            return YES
        if self.operator not in PATTERNS:
            # The characters themselves: nobody satisfies that, or the author meant StringLike.
            return MAYBE
        if self.key == "s3:dataaccesspointarn" and _account_of(text).isdigit():
            return YES
        return NO if _fixes_nothing(text) else MAYBE


def narrowed(conditions: list[Condition], maybe_more: bool) -> Tri:
    """Some condition ties the principal to somebody. All conditions of a statement have to hold."""
    demanded: dict[str, Tri] = {}
    for test in conditions:
        demanded[test.key] = demanded.get(test.key, NO) | test.demands()
    return any_of(conditions, lambda test: test.narrows(demanded.get(test.key, NO)), maybe_more)


def _agreed(answers: Iterable[Tri]) -> Tri:
    found = list(answers)
    return found[0] if found and all(answer is found[0] for answer in found) else MAYBE


def _names_few(value: Value) -> Tri:
    """YES when the value is decided and without wildcards, so that it leaves others."""
    text = as_text(value.only)
    if text is None:
        return YES if isinstance(value.raw, Ref) and is_name(value.raw) else MAYBE
    return MAYBE if any(char in text for char in "*?$") or text.endswith("/0") else YES


def _fixes_nothing(text: str) -> bool:
    """The pattern names no account, organization, network or thing: `*`, `vpc-*`, `arn:aws:s3:::*`, `arn:aws:iam::*:role/*`."""
    if not text.startswith("arn:"):
        return text.rstrip(_WILD).lower() in _ID_PREFIXES
    parts = text.split(":", 5)
    if len(parts) < 6:
        return all(set(part) <= set(_WILD) for part in parts[4:]) and text[-1:] == "*"
    account, last = parts[4], parts[5]
    if not set(account) <= set(_WILD):
        return False
    *kinds, name = last.replace("/", ":").split(":")
    return set(name) <= set(_WILD) and all(kind in _ARN_KINDS or set(kind) <= set(_WILD) for kind in kinds)


def _account_of(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def _private_range(value: Value) -> Tri:
    return _agreed(_range(as_text(option)) for option in value.options)


def _range(text: str | None) -> Tri:
    """A block of addresses narrow enough to be somebody's: at most /8 of IPv4, /32 of IPv6, or a private range."""
    if text is None:
        return MAYBE
    address, slash, bits = text.partition("/")
    if not slash:
        return YES if "." in address or ":" in address else MAYBE
    if not bits.isdigit():
        return MAYBE
    if ":" in address:
        return YES if int(bits) >= 32 else MAYBE if address[:2].lower() in ("fc", "fd") else NO
    return Tri.of(int(bits) >= 8)
