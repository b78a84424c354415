"""The execution roles SAM makes, and the policy templates it knows."""

from __future__ import annotations

from fsbp_lsp.cloudformation.sam_parts import Draft, called, fixed, items_in, listed, mapping
from fsbp_lsp.cloudformation.strings import joined, sub_parts
from fsbp_lsp.values import ABSENT, UNKNOWN, Map, Ref, Seq, Text, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.cloudformation.sam_parts import Source
    from fsbp_lsp.text import Loc

CREATED_BY = {"AWS::Serverless::Function": "lambda:createdBy", "AWS::Serverless::StateMachine": "stateMachine:createdBy"}


def assume_role(service: str) -> dict[str, Any]:
    """The trust policy of a role that one service takes on."""
    statement = {"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def statement(action: str, resource: Any) -> dict[str, Any]:
    return {"Statement": [{"Action": action, "Effect": "Allow", "Resource": resource}]}


def tags_of(source: Source) -> Value:
    """The list of tags the transform makes of the mapping of tags, its own first."""
    own = {"Key": CREATED_BY[source.resource.type], "Value": "SAM"}
    value = source.get("Tags")
    written = mapping(value)
    if value.options == (ABSENT,):
        return fixed([own], source.at)
    if written is None:
        return Value.unknown(value.at, "tags that are not written out")
    made = [fixed(own, source.at)]
    made.extend(fixed({"Key": name, "Value": entry}, source.at) for name, entry in written.entries.items())
    return Value((Seq(tuple(made), written.open),), value.at or source.at)


class Role:
    """The execution role under construction. policies_open: it has policies that are not known here."""

    __slots__ = ("_names", "at", "id", "managed", "managed_open", "policies", "policies_open", "source", "trust")

    def __init__(self, source: Source, trust: Value) -> None:
        self.source = source
        self.id = f"{source.id}Role"
        self.at = source.at
        self.trust = trust
        self.managed: list[Value] = []
        self.policies: list[Value] = []
        self._names: set[str] = set()
        self.managed_open = source.body.open
        self.policies_open = source.body.open

    def manage(self, name: str) -> None:
        """Attach a policy AWS manages. name: path and name of it, as in its ARN."""
        last = name.rsplit("/", 1)[-1]
        if last not in self._names:
            self._names.add(last)
            self.managed.append(Value((Text(("arn:", Ref("AWS::Partition", "Ref"), f":iam::aws:policy/{name}")),), self.at))

    def allow(self, name: str, document: Any) -> None:
        """Add an inline policy."""
        self.policies.append(fixed({"PolicyName": name, "PolicyDocument": document}, self.at))

    def take(self, value: Value) -> None:
        """What the property `Policies` says: names, ARNs, documents and policy templates, alone or in a list."""
        if value.options == (ABSENT,) or value.only is None:
            return
        items = listed(value)
        if items is None:
            if len(value.options) > 1:
                self.managed_open = self.policies_open = True
                return
            self._take(value, 0)
            return
        if items.open or items_in(items.node) != len(items.items):
            # An element that is not there after all (AWS::NoValue) shifts the numbers in the names of policies.
            self.managed_open = self.policies_open = True
        for number, item in enumerate(items.items):
            self._take(item, number)

    def _take(self, value: Value, number: int) -> None:
        function = called(value.node)
        if function == "If" or len(value.options) != 1:
            self.managed_open = self.policies_open = True
            return
        datum = value.options[0]
        if function:
            # A reference to a policy, or the name of one.
            self.managed.append(value)
        elif isinstance(datum, str):
            # Names are looked up in AWS's list, whose ARNs end in the name.
            if datum not in self._names:
                self._names.add(datum)
                self.managed.append(value if datum.startswith("arn:") else Value((Text((UNKNOWN, datum)),), value.at, (), value.node))
        elif isinstance(datum, Map) and "Statement" in datum.entries:
            self.policies.append(fixed({"PolicyName": f"{self.id}Policy{number}", "PolicyDocument": value}, value.at or self.at))
        elif isinstance(datum, Map) and len(datum.entries) == 1 and not datum.open:
            ((name, given),) = datum.entries.items()
            document = from_template(name, given, datum.keys.get(name) or value.at or self.at)
            if document is None:
                self.policies_open = True
            else:
                self.policies.append(fixed({"PolicyName": f"{self.id}Policy{number}", "PolicyDocument": document}, document.at or self.at))
        else:
            self.managed_open = self.policies_open = True

    def draft(self, *, certain: bool = True) -> Draft:
        source = self.source
        made = {"AssumeRolePolicyDocument": self.trust, "Tags": tags_of(source)}
        made["ManagedPolicyArns"] = Value((Seq(tuple(self.managed), self.managed_open),), self.at)
        if self.policies or self.policies_open:
            made["Policies"] = Value((Seq(tuple(self.policies), self.policies_open),), self.at)
        for name, own in (("Path", "RolePath"), ("PermissionsBoundary", "PermissionsBoundary")):
            if source.written(own):
                made[name] = source.get(own)
        return Draft("AWS::IAM::Role", self.id, self.at, propagated(source, made), open=source.body.open, certain=certain)


def may_pass_tags(source: Source) -> bool:
    return source.written("PropagateTags") or source.doubtful("PropagateTags")


def propagated(source: Source, made: dict[str, Value]) -> dict[str, Value]:
    """With `PropagateTags`, tags of the source may be on everything it becomes."""
    if may_pass_tags(source):
        made["Tags"] = Value.unknown(source.at, "tags of the source may be passed on")
    return made


# Policy templates


def from_template(name: str, given: Value, at: Loc) -> Value | None:
    """The policy document a policy template stands for; None for a name SAM does not have."""
    from fsbp_lsp.cloudformation.sam_templates import TEMPLATES

    found = TEMPLATES.get(name)
    if found is None:
        return None
    body = given.only
    arguments = body if isinstance(body, Map) else Map({}, True)
    made: list[dict[str, Any]] = []
    for actions, resources, *condition in found:
        one: dict[str, Any] = {"Effect": "Allow", "Action": actions.split() if " " in actions else actions}
        one["Resource"] = [filled(text, arguments, at) for text in resources.split()]
        for key, text in condition:
            one["Condition"] = {"StringEquals": {key: filled(text, arguments, at)}}
        made.append(one)
    return fixed({"Statement": made}, at)


def filled(text: str, arguments: Map, at: Loc) -> Value:
    """The resource of a policy template with what it was given."""
    parts: list[Any] = []
    for variable, part in sub_parts(_arn(text)):
        if not variable:
            parts.append(part)
        elif part.startswith("AWS::"):
            parts.append(Ref(part, "Ref"))
        else:
            parts.append(arguments.entries[part].raw if part in arguments.entries else UNKNOWN)
    return Value((joined(parts),), at)


def _arn(text: str) -> str:
    if text == "*" or text.startswith("${"):
        return text
    service, _, rest = text.partition(":")
    if rest.startswith("::"):
        return f"arn:${{AWS::Partition}}:{text}"
    return f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}"
