"""One normal form for every policy document, whatever notation it is written in.

Sources: IAM JSON policy reference (grammar; `Version` decides whether `${…}` is a policy variable), and the
Terraform AWS provider, data source `aws_iam_policy_document`: documents are merged in the order source, own
statements, override; a statement replaces the first one that has its Sid, one without a Sid is added.
"""

from __future__ import annotations

from fsbp_lsp.aws.policy_reading import MAX_STATEMENTS, data_statement, elements, json_statement, odd
from fsbp_lsp.aws.policy_statement import MAX_PAIRS
from fsbp_lsp.model import type_of
from fsbp_lsp.values import MAYBE, NO, YES, Map, Ref, Tri, Value, any_of, as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsbp_lsp.aws.policy_statement import Statement
    from fsbp_lsp.model import Resource

DATA_SOURCE = "aws_iam_policy_document"
RENDERED = ("json", "minified_json")
BEFORE = ("source_json", "source_policy_documents")
AFTER = ("override_policy_documents", "override_json")
"""Arguments of the data source that name further documents; the ones without a list left it with provider 5."""

MAX_DOCUMENTS = 200
"""Documents that are read for one: data sources may name each other many times over, and in a circle."""
MAX_DEPTH = 10


class PolicyDocument:
    """The statements of one document. `open`: more may exist (merged sources, unknown text).

    notation: `json` (a string, jsonencode or a mapping), `data` (aws_iam_policy_document), or `choice` when a
    condition that is not decided chooses the document: then every statement that may be in it is there in doubt.
    host/base: where an edit of the document goes. variables: `${…}` in resources is a policy variable, as far as
    `Version` decides that; of merged documents the newest version holds.
    """

    __slots__ = ("_answers", "_budget", "_denials", "base", "host", "notation", "open", "statements", "value", "variables")

    def __init__(self, value: Value, host: Resource, base: tuple[object, ...], above: tuple[int, list[int]] | None = None) -> None:
        """above: when it is merged into another, how deep it stands and how many documents may still be read."""
        self.value = value
        self.host = host
        self.base = base
        self.notation = "json"
        self.statements: list[Statement] = []
        self.open = False
        self.variables = False
        self._denials: list[Statement] | None = None
        self._answers: dict[tuple[int, Sequence[str]], Tri] = {}
        self._budget = [MAX_PAIRS]
        self._read(*(above or (0, [MAX_DOCUMENTS])))
        for number, statement in enumerate(self.statements):
            statement.number = number
            statement.variables = self.variables

    def any(self, holds: object) -> Tri:
        return any_of(self.statements, holds, self.open)  # type: ignore[arg-type]  # a predicate on Statement

    @property
    def denials(self) -> list[Statement]:
        if self._denials is None:
            self._denials = [statement for statement in self.statements if statement.denies() is not NO]
        return self._denials

    def public(self, statement: Statement, wanted: Sequence[str] = ()) -> Tri:
        """The statement grants everybody something (of the actions `wanted`) that no denial takes away."""
        found = self._answers.get((statement.number, tuple(wanted)))
        if found is None:
            found = statement.public()
            if found is not NO:
                found = found & statement.left_by(self.denials, wanted, self._budget)
            found = found & MAYBE if self.open else found
            self._answers[statement.number, tuple(wanted)] = found
        return found

    # Reading

    def _read(self, depth: int, left: list[int]) -> None:
        left[0] -= 1
        if depth > MAX_DEPTH or left[0] < 0:
            self.open = True
            return
        if len(self.value.options) > 1:
            self.notation = "choice"
            for option in self.value.options:
                one = PolicyDocument(Value((option,), self.value.at), self.host, self.base, (depth + 1, left))
                self._doubt(one)
                self.statements += one.statements
                self.open = self.open or one.open or len(self.statements) > MAX_STATEMENTS
            return
        raw = self.value.raw
        if isinstance(raw, Ref) and type_of(raw.address) == DATA_SOURCE and raw.attribute in RENDERED:
            source = self.host.module.get(_address(raw))
            if source is None:
                self.open = True
                return
            self.notation = "data"
            self.host, self.base = source, ()
            self._data_source(source.config, depth, left)
            return
        if not self.value.written or raw is None or raw == "":
            # The provider takes an empty text for no policy.
            return
        body = self.host.dialect.decode_json(self.value).only
        if not isinstance(body, Map):
            self.open = True
            return
        self.variables = body.get("Version").is_("2012-10-17") is not NO
        found, maybe_more = elements(body.get("Statement"))
        self.statements = [_exists(json_statement(item), sure) for item, sure in found]
        self.open = body.open or maybe_more or odd(body)

    def _data_source(self, config: Value, depth: int, left: list[int]) -> None:
        body = config.only
        if not isinstance(body, Map):
            self.open = True
            return
        for name in BEFORE:
            self._merge_argument(body.get(name), depth, left)
        found, maybe_more = elements(body.get("statement"))
        self.variables = self.variables or body.get("version").is_("2008-10-17") is not YES
        self._merge([_exists(data_statement(item), sure) for item, sure in found], maybe_more or body.open)
        for name in AFTER:
            self._merge_argument(body.get(name), depth, left)

    def _merge_argument(self, value: Value, depth: int, left: list[int]) -> None:
        found, maybe_more = elements(value)
        for item, sure in found:
            # The provider refuses null and the empty string: what is never deployed adds nothing.
            if item.only is not None and item.is_("") is not YES:
                other = PolicyDocument(item, self.host, (), (depth + 1, left))
                if sure is not YES:
                    self._doubt(other)
                self.variables = self.variables or other.variables
                self._merge(other.statements, other.open)
        if maybe_more:
            self.variables = True
            self._merge([], True)

    def _doubt(self, other: PolicyDocument) -> None:
        self.variables = self.variables or other.variables
        for statement in other.statements:
            _exists(statement, MAYBE)

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


def _exists(statement: Statement, sure: Tri) -> Statement:
    statement.exists = statement.exists & sure
    return statement


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
