"""Resources, the module they are deployed with, and what a dialect must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod

from fsbp_lsp.model.wording import same_text
from fsbp_lsp.text import Refusal
from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Items, Map, Ref, Text, Tri, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from fsbp_lsp.model.path import Path
    from fsbp_lsp.model.wording import Words
    from fsbp_lsp.text import Edit, Loc, SourceFile

# Refusal stands beside Edit because the syntax editors on the floor below answer with it too.
__all__ = [
    "CallSite",
    "Dialect",
    "IgnoreComment",
    "Module",
    "Placeholder",
    "Problem",
    "Reference",
    "Refusal",
    "Resource",
    "config_map",
    "points_at",
    "read_path",
    "type_of",
]


class Placeholder:
    """A value only a human can supply. `text` stands visibly in the source until then."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Reference:
    """A reference to another resource, written in the dialect's own way.

    attribute: the Terraform attribute (`id`, `arn`); CloudFormation writes !Ref for `id` and
    !GetAtt for the attribute named by `cfn` when that is not empty. suffix: text appended, as `/*`.
    """

    __slots__ = ("attribute", "cfn", "resource", "suffix")

    def __init__(self, resource: Resource, attribute: str = "id", cfn: str = "", suffix: str = "") -> None:
        self.resource = resource
        self.attribute = attribute
        self.cfn = cfn
        self.suffix = suffix


class JsonDocument(dict):  # type: ignore[type-arg]  # a plain JSON object
    """An object to be written as a JSON string where the dialect wants one: `jsonencode({…})` in Terraform."""


class InstanceKey:
    """The key of an instance of a block whose `count` or `for_each` is not decided.

    Two are equal when they come from the same expression of the same module: whatever the keys turn
    out to be, blocks repeated by it have the same ones.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InstanceKey) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"InstanceKey({self.text!r})"


class Problem:
    """A file that could not be read or parsed in full. `at` is None when there is no place to show."""

    __slots__ = ("at", "message", "path")

    def __init__(self, path: str, message: str, at: Loc | None = None) -> None:
        self.path = path
        self.message = message
        self.at = at


class CallSite:
    """A `module` call that deploys something. ignores: all comments of the directory the call stands in."""

    __slots__ = ("address", "header", "ignores")

    def __init__(self, address: str, header: Loc, ignores: tuple[IgnoreComment, ...]) -> None:
        self.address = address
        self.header = header
        self.ignores = ignores


class IgnoreComment:
    """One suppression in source.

    ids: control ids or globs as written. at: the whole directive; id_spans: one Loc per id.
    line: 0-based line of the directive. own_line: nothing but the comment stands on its line.
    resource: the logical id it belongs to when written as Metadata, else ''. scope: 'line' or 'file'.
    until: the text after `until=` or ''. reason: the text after `--` or ''.
    """

    __slots__ = ("at", "id_spans", "ids", "line", "own_line", "reason", "resource", "scope", "until")

    def __init__(
        self,
        ids: tuple[str, ...],
        at: Loc,
        id_spans: tuple[Loc, ...],
        line: int,
        own_line: bool,
        reason: str = "",
        until: str = "",
        scope: str = "line",
        resource: str = "",
    ) -> None:
        self.ids = ids
        self.at = at
        self.id_spans = id_spans
        self.line = line
        self.own_line = own_line
        self.reason = reason
        self.until = until
        self.scope = scope
        self.resource = resource


class Resource:
    """One resource as it would be deployed.

    type: `aws_s3_bucket`, `AWS::S3::Bucket`, or `data.aws_iam_policy_document` for a data source.
    block: address without an instance key (`aws_s3_bucket.logs`, `LogsBucket`); name: its last part.
    address: `aws_s3_bucket.logs["a"]`. key: instance key, None for a single instance, or an InstanceKey
    when the block is repeated but its keys are not decided (the address is then that of the block).
    exists: NO when count is 0 or its Condition is decided false.
    header: the line that opens it. config: the evaluated body, a Value holding one Map.
    extent: the whole resource in source.
    """

    __slots__ = ("_config", "address", "block", "dialect", "exists", "extent", "header", "key", "module", "name", "type")

    def __init__(
        self,
        dialect: Dialect,
        module: Module,
        type: str,
        name: str,
        block: str,
        header: Loc,
        extent: Loc,
        config: Callable[[], Value],
        *,
        key: Any = None,
        exists: Tri = YES,
    ) -> None:
        self.dialect = dialect
        self.module = module
        self.type = type
        self.name = name
        self.block = block
        self.header = header
        self.extent = extent
        self.key = key
        self.exists = exists
        if key is None or isinstance(key, InstanceKey):
            self.address = block
        else:
            self.address = f'{block}["{key}"]' if isinstance(key, str) else f"{block}[{key}]"
        self._config: Callable[[], Value] | Value = config

    @property
    def config(self) -> Value:
        """The evaluated body (a Value with one Map); evaluated on first use."""
        if not isinstance(self._config, Value):
            self._config = self._config()
        return self._config

    @property
    def repeated(self) -> bool:
        """The block stands for several resources: what is said about it is said once."""
        return self.key is not None

    @property
    def construct(self) -> str:
        """What generated this resource, as its tool names it (a path of CDK constructs); '' for written ones."""
        return ""

    @property
    def identity_path(self) -> str:
        """Path part of the fingerprint: the module for Terraform, the template for CloudFormation."""
        return self.module.identity_path(self)

    @property
    def local(self) -> str:
        """The block's address as its own module writes it."""
        return self.block

    @property
    def named(self) -> str:
        """The name it is written under, which suppressions beside it go by."""
        return self.name

    @property
    def identity(self) -> str:
        """Address part of the fingerprint: within the directory or template, whoever calls it."""
        return self.address

    @property
    def callers(self) -> tuple[CallSite, ...]:
        """The calls this resource is deployed through, nearest first; empty at the root."""
        return ()

    @property
    def made_of(self) -> str:
        """What it comes from, for people, when it is not written as such (`AWS::IAM::Role made of …`); '' otherwise."""
        return ""

    def __repr__(self) -> str:
        return f"Resource({self.address})"


class Module(ABC):
    """What is deployed together: a Terraform directory, or one template."""

    dialect: Dialect
    path: str
    """Directory of a Terraform module ('' for the current one) or path of a template."""
    files: tuple[SourceFile, ...]
    resources: tuple[Resource, ...]
    """Managed resources whose `exists` is not NO; data sources are not among them."""
    complete: bool
    """False when a file could not be read or has syntax errors: then no absence is certain."""
    problems: tuple[Problem, ...]
    ignores: tuple[IgnoreComment, ...]
    prefix: str = ""
    """Address of this instance in its deployment; '' for a root module or a template."""
    calls: tuple[Loc, ...] = ()
    """Headers of the module calls written in it: a comment there speaks of what they deploy."""
    outputs_escape: bool = False
    """Whether what an output names may have companions elsewhere (setting `outputs-escape`, for authors of modules)."""

    @abstractmethod
    def of(self, *types: str) -> Sequence[Resource]:
        """Resources of these types, in source order."""

    @abstractmethod
    def get(self, address: str) -> Resource | None:
        """The resource (or `data.…` source) of this block address; an instance key may follow. None when unknown."""

    def identity_path(self, resource: Resource) -> str:
        return self.path

    def everything(self) -> Sequence[Resource]:
        """All that can be asked about by its address, data sources and what it calls included."""
        return self.resources

    def evaluated(self, text: str) -> Value | None:
        """What an expression of this module stands for; None when it is none, or the dialect has none of its own."""
        return None

    def escapes(self, address: str) -> bool:
        """The resource is handed to a module that is not read: companions may exist in there."""
        return False

    def concerns(self, resource: Resource, noted: Iterable[tuple[str, ...]], directories: frozenset[str]) -> bool:
        """Whether directories have a part in what is said of a resource that looked at what is `noted`.

        They deploy it, it reads something of theirs, or it is handed to them, so that companions may stand there.
        """
        return True

    # What an incremental caller may ask: which things of this module an answer depended on.

    def record(self) -> set[tuple[str, ...]]:
        """Start noting what is looked at; returns the set that is being filled until `stop` is called."""
        return set()

    def stop(self, noted: set[tuple[str, ...]]) -> None:
        """End the noting that `record` began."""
        noted.add(("module",))

    def token(self, key: tuple[str, ...]) -> Any:
        """A comparable mark of the present state of one noted thing; equal marks mean equal answers."""
        return id(self)

    # Scenarios: what only a deployment decides, as far as source can tell its cases apart.

    def watch(self) -> bool:
        """Start noting which undecided conditions are looked at; False when there are none to look at."""
        return False

    def watched(self) -> tuple[str, ...]:
        """End the noting that `watch` began: names of conditions in the order in which they were met."""
        return ()

    def under(self, resource: Resource, scenario: dict[str, bool]) -> tuple[Resource | None, bool]:
        """(the resource where these conditions hold or do not, whether some deployment surely is like that).

        None when it does not exist there, or there is no such deployment.
        """
        return resource, False

    def condition_places(self, names: Iterable[str]) -> tuple[tuple[Loc, str], ...]:
        """Where conditions are declared, as places a finding refers to."""
        return ()

    # Links

    def exists_with(self, owner: Resource, candidate: Resource) -> Tri:
        """Whether `candidate` exists whenever `owner` does."""
        return candidate.exists

    def linked(self, owner: Resource, type: str, by: Path, owner_name: Path = ()) -> Items:
        """Resources of `type` whose attribute at `by` points at `owner`.

        `owner_name`: path of the owner's own literal name, for links written as text. A link that is
        not decided, or a companion that may not exist, sets `maybe_more`.
        """
        found: list[Resource] = []
        maybe = not self.complete
        for candidate in self.of(type):
            link = read_path(candidate.config, by)
            answer = points_at(link, owner, owner_name, candidate)
            if answer is YES and self.exists_with(owner, candidate) is YES:
                found.append(candidate)
            elif answer is not NO:
                maybe = True
        return Items(tuple(found), maybe)


def points_at(link: Value, owner: Resource, owner_name: Path = (), holder: Resource | None = None) -> Tri:
    """Whether a value names this resource: by reference, by the literal name it was given, or by the words of that name.

    holder: the resource that the value is an attribute of; None when words of the owner may mean something else there.
    """
    return Target(owner, owner_name).named_by(link, holder)


class Target:
    """What links may point at. For a caller with many links: the owner's name is read once."""

    __slots__ = ("_name", "_owner", "_path")

    def __init__(self, owner: Resource, owner_name: Path = ()) -> None:
        self._owner = owner
        self._path = owner_name
        self._name: Value | None = None

    @property
    def _name_given(self) -> Value:
        if self._name is None:
            self._name = read_path(self._owner.config, self._path)
        return self._name

    def named_by(self, link: Value, holder: Resource | None = None) -> Tri:
        """See `points_at`."""
        answer: Tri | None = None
        for option in link.options:
            one = self._points(option)
            if one is MAYBE or (answer is not None and one is not answer):
                answer = MAYBE
                break
            answer = one
        if (answer is not MAYBE and answer is not None) or holder is None or not self._path:
            return MAYBE if answer is None else answer
        owner = self._owner
        repeated = isinstance(owner.key, InstanceKey) and owner.key == holder.key
        if holder.module is not owner.module or not (repeated or (holder.key is None and owner.key is None)):
            return MAYBE
        mine, its = owner.dialect.words(self._name_given, repeated), owner.dialect.words(link, repeated)
        answer = same_text(mine, its) if mine is not None and its is not None else MAYBE
        # Of instances that stand for many, others may have that name.
        return MAYBE if repeated and answer is NO else answer

    def _points(self, option: Any) -> Tri:
        owner = self._owner
        if isinstance(option, Ref):
            if option.address.startswith("AWS::"):
                # A pseudo parameter: the owner's name may be the same one.
                return MAYBE
            if option.address != owner.block:
                # A companion's own id is often the id of the thing it belongs to (`aws_s3_bucket_versioning.x.id`).
                return NO if owner.dialect.name != "terraform" or _same_type(option.address, owner.type) else MAYBE
            if owner.key is None and option.key is None:
                return YES
            if isinstance(option.key, InstanceKey) and option.key == owner.key:
                return YES
            if known(option.key) is not option.key or not isinstance(option.key, (str, int)):
                return MAYBE
            return Tri.of(option.key == owner.key) if type(option.key) is type(owner.key) else MAYBE
        if isinstance(option, Text):
            refs = [part for part in option.parts if isinstance(part, Ref)]
            if any(ref.address == owner.block for ref in refs):
                return MAYBE
            if self._path and not self._named and any(isinstance(part, str) for part in option.parts):
                # A name that is made up at deployment is not put together in source.
                return NO
            if refs and all(isinstance(part, (str, Ref)) for part in option.parts):
                return self._composed_alike(option) if owner.dialect.name == "terraform" else MAYBE
            return MAYBE
        if isinstance(option, str) and self._path:
            return self._name_given.is_(option) if self._named else NO
        if isinstance(option, str):
            return MAYBE
        return NO if option is None or option is ABSENT else MAYBE

    @property
    def _named(self) -> bool:
        return self._name_given.written

    def _composed_alike(self, link: Text) -> Tri:
        """Whether a name composed of other resources' attributes (`"${random_pet.x.id}-logs"`) is the name the owner was given."""
        if not self._path or not self._named:
            return NO
        answers = {_same_text(link, option) for option in self._name_given.options}
        return answers.pop() if len(answers) == 1 else MAYBE


def _same_text(one: Text, other: Any) -> Tri:
    if not isinstance(other, Text):
        # A literal is not made to equal what a reference gives; a reference by itself may be anything.
        return NO if isinstance(other, str) else MAYBE
    if one.parts == other.parts and all(isinstance(part, str) or (isinstance(part, Ref) and part.key is not UNKNOWN) for part in one.parts):
        return YES
    heads_agree = one.head.startswith(other.head) or other.head.startswith(one.head)
    tails_agree = one.tail.endswith(other.tail) or other.tail.endswith(one.tail)
    return MAYBE if heads_agree and tails_agree else NO


def type_of(address: str) -> str:
    """The type in a Terraform address, whatever module it is in; a data source has the type of what it reads."""
    return address.rpartition(".")[0].rpartition(".")[2]


def _same_type(address: str, type: str) -> bool:
    """The address is that of another resource of the type, or of a data source that reads a foreign one."""
    return type_of(address) == type


def read_path(root: Value, path: Path) -> Value:
    """The value at a path without `[*]`; ABSENT when nothing is written there."""
    from fsbp_lsp.model.path import Where

    value = root
    for step in path:
        if isinstance(step, str):
            value = value.child(step)
        elif isinstance(step, int):
            items = value.items()
            value = items.found[step] if step < len(items.found) else Value.unknown()
        elif isinstance(step, Where):
            value = _where(value, step)
        else:
            raise ValueError("a path with [*] has many values: walk its elements")
    return value


def _where(value: Value, step: Any) -> Value:
    items = value.items()
    maybe = items.maybe_more
    for item in items.found:
        answer = item.child(step.key).is_(step.value)
        if answer is YES:
            return item  # type: ignore[no-any-return]  # Items is untyped on purpose
        if answer is MAYBE:
            maybe = True
    return Value.unknown() if maybe else Value((ABSENT,))


class Dialect(ABC):
    """Floor 2 declares it, floor 3 implements it: the core never imports a dialect.

    Writers return edits against the file version the resource was read from, or a Refusal.
    What is written keeps the indentation, alignment and line ending of its surroundings.
    """

    name: str
    """`terraform` or `cloudformation`."""

    @abstractmethod
    def put(self, resource: Resource, path: Path, want: Any) -> tuple[Edit, ...] | Refusal:
        """Make `path` of the resource hold `want`, creating blocks, mappings and `[Key=x]` elements on the way.

        want: bool, int, float, str, list, dict, Placeholder or Reference. A value that came through
        a variable or parameter is overridden at the resource.
        """

    def put_all(self, resource: Resource, base: Path, wants: dict[str, Any]) -> tuple[Edit, ...] | Refusal:
        """Make several attributes of the body at `base` hold what is wanted, as one set of edits."""
        edits: list[Edit] = []
        for name, want in wants.items():
            made = self.put(resource, (*base, name), want)
            if isinstance(made, Refusal):
                return made
            edits.extend(made)
        return tuple(edits)

    @abstractmethod
    def replace(self, at: Loc, want: Any, node: object = None) -> tuple[Edit, ...] | Refusal:
        """Replace the literal at `at` (a variable's default, say) by `want` in the notation found there."""

    def hands_on(self, value: Value) -> bool:
        """The expression at the place of a value hands on something it refers to: nothing is made of it there."""
        return False

    @abstractmethod
    def remove(self, resource: Resource, path: Path) -> tuple[Edit, ...] | Refusal:
        """Remove the attribute, block or element at `path` with its line and trailing comment."""

    def clear(self, resource: Resource, name: str) -> tuple[Edit, ...] | Refusal:
        """Leave the list called `name` empty, in so many words: where silence would keep what is deployed."""
        return self.put(resource, (name,), [])

    @abstractmethod
    def insert_resource(self, after: Resource, type: str, name: str, body: Sequence[tuple[str, Any]]) -> tuple[Edit, ...] | Refusal:
        """A new resource right after `after`. `body`: (path, want) in order; `name` is made unique in the module."""

    @abstractmethod
    def append(self, resource: Resource, path: Path, want: dict[str, Any]) -> tuple[Edit, ...] | Refusal:
        """Add an element to the list (or one more repeated block) at `path`, creating the list when absent."""

    @abstractmethod
    def insert_ignore(self, resource: Resource, at: Loc, ids: Sequence[str], reason: str, until: str = "") -> tuple[Edit, ...] | Refusal:
        """Suppress `ids` for the line of `at`, in the dialect's carrier (comment, or Metadata in JSON)."""

    def words(self, value: Value, repeated: bool = False) -> Words | None:
        """The expression at the place of a value as the literal text and the names it is put together from; None for others.

        repeated: what stands for the instance means the same in both expressions that are to be compared.
        """
        return None

    @abstractmethod
    def decode_json(self, value: Value) -> Value:
        """The document behind an attribute that holds JSON: a Map or Seq whose parts say where they are written.

        Reads a call that encodes JSON, JSON text (quoted, heredoc, or partly known), and a mapping or list
        as it is. What is not JSON, or not decided, comes back UNKNOWN; ABSENT and null stay what they are.
        Parts the text leaves open are UNKNOWN, or Text inside a JSON string.
        """

    def noun(self, resource: Resource) -> str:
        """How messages call the thing, e.g. `bucket`; from the type name."""
        return resource.type.rsplit("::", 1)[-1] if "::" in resource.type else resource.type


def config_map(resource: Resource) -> Map | None:
    """The Map of an evaluated resource; None when it could not be read."""
    datum = resource.config.only
    return datum if isinstance(datum, Map) else None
