"""Nested stacks whose template lies in the same repository: the child as its parent deploys it, outputs flowing back.

`TemplateURL` of `AWS::CloudFormation::Stack` and `Location` of `AWS::Serverless::Application` may be a path relative to
the template, which `aws cloudformation package` and `sam package` replace by the uploaded file. Anything else is not read.
"""

from __future__ import annotations

import os

from fsbp_lsp.cloudformation.load import held_document
from fsbp_lsp.cloudformation.parameters import LISTS, Parameter, elements
from fsbp_lsp.cloudformation.sam_parts import literal, mapping
from fsbp_lsp.cloudformation.shape import descend
from fsbp_lsp.cloudformation.template import Template
from fsbp_lsp.files import ReadError, spelled
from fsbp_lsp.model.resource import CallSite
from fsbp_lsp.values import ABSENT, NO, UNKNOWN, YES, Map, Origin, Ref, Text, Value, Via, as_text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cloudformation.template import TemplateResource
    from fsbp_lsp.files import Files
    from fsbp_lsp.syntax.tree import Document
    from fsbp_lsp.text import Piece
    from fsbp_lsp.values import Datum

    Read = dict[str, tuple[bytes, tuple[Piece, Document] | None]]

STACK = "AWS::CloudFormation::Stack"
MAX_DEPTH = 8
"""Stacks below one another."""
MAX_STACKS = 128
"""Nested stacks of one template, at all depths; what further ones deploy is not known."""
_SHARED = frozenset({"AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix"})
"""Pseudo parameters that are the same in a stack and in those nested in it."""


class Argument(Parameter):
    """A parameter of a nested stack with what its parent gives it; without anything its default decides."""

    __slots__ = ("_given",)

    def __init__(self, parameter: Parameter, given: Value | None) -> None:
        super().__init__(parameter.name, parameter.key, parameter.kind, parameter.default, parameter.allowed, parameter.no_echo)
        self.limits = parameter.limits
        self._given = given
        # What the parent passes on may be anything it was given, but not everything the parameter allows.
        self.unsure = given is not None and as_text(given.only) is None

    @property
    def settled(self) -> bool:
        return self._given is None or self._given.only is not UNKNOWN

    def allowed_values(self) -> tuple[Datum, ...] | None:
        if self._given is None:
            default = self.default_text()
            return super().allowed_values() if default is None else (default,)
        known_ones = tuple(known(option) for option in self._given.options)
        return known_ones if all(as_text(datum) is not None for datum in known_ones) else super().allowed_values()

    def value(self, piece: Piece, supplied: bool) -> Value:
        if self._given is None:
            return super().value(piece, supplied and self.default is None)
        if self.no_echo or self.kind.startswith("AWS::SSM::Parameter::"):
            return super().value(piece, True)
        return self._given


class Stacks:
    """The templates of nested stacks below one template; files are read and parsed once."""

    def __init__(self, files: Files, read: Read | None = None) -> None:
        """read: what was parsed before, by path; kept by a caller that asks again (an editor)."""
        self._files = files
        self._read: Read = {} if read is None else read
        self._left = MAX_STACKS
        self._made: dict[tuple[int, str], Template | None] = {}
        self._making: set[tuple[int, str]] = set()
        self._mark: tuple[int, ...] = ()

    def child(self, parent: Template, id: str) -> Template | None:
        """The template a nested stack deploys, as an instance; None when it is not in this repository or not known."""
        mark = (id_of(parent), id)
        if mark not in self._made:
            if mark in self._making:
                # Its arguments ask for its own outputs.
                return None
            self._making.add(mark)
            try:
                self._made[mark] = self._child(parent, id)
            finally:
                self._making.discard(mark)
        return self._made[mark]

    def mark(self, one: Template) -> tuple[int, ...]:
        """The texts of the root of one of these templates and of all that it deploys: what gives or takes anything is among them."""
        if not self._mark:
            while one.nested is not None:
                one = one.nested.parent
            self._mark = (one.piece.serial, *(each.piece.serial for each in one.instances()))
        return self._mark

    def _child(self, parent: Template, id: str) -> Template | None:
        stack = parent.get(id)
        if stack is None or stack.type != STACK or stack.exists is NO:
            return None
        path = self._path(parent, stack)
        depth = 0 if parent.nested is None else parent.nested.depth
        if path is None or depth >= MAX_DEPTH or self._left <= 0 or path in _above(parent):
            return None
        found = self._template(path)
        if found is None:
            return None
        self._left -= 1
        made = Template(parent.dialect, *found, stacks=self, nested=Nested(parent, stack, depth + 1))
        made.outputs_escape, made.importers = parent.outputs_escape, parent.importers
        return made

    def _path(self, parent: Template, stack: TemplateResource) -> str | None:
        """Where the template lies; None when that is not certain, not here, or outside the repository."""
        url = literal(stack.config.child("TemplateURL"))
        if not isinstance(url, str) or not url or ":" in url or "$" in url or "{" in url or url.startswith(("/", "~")):
            return None
        folder = os.path.dirname(parent.path)
        path = spelled(os.path.join(folder, url))
        top = os.path.realpath(self._files.project(folder) or folder or ".")
        real = os.path.realpath(path)
        return path if real.startswith(top.rstrip(os.sep) + os.sep) else None

    def _template(self, path: str) -> tuple[Piece, Document] | None:
        try:
            data = self._files.read(path)
        except (OSError, ReadError):
            return None
        return held_document(path, data, self._read)


def id_of(template: Template) -> int:
    """Names an instance: all of them live as long as their root."""
    return id(template)


def _above(template: Template | None) -> set[str]:
    """Paths of a template and those it is nested in."""
    found: set[str] = set()
    while template is not None:
        found.add(os.path.normpath(template.path))
        template = template.nested.parent if template.nested is not None else None
    return found


class Nested:
    """How a template is deployed: by which resource of which parent, with which arguments."""

    __slots__ = ("depth", "parent", "stack")

    def __init__(self, parent: Template, stack: TemplateResource, depth: int) -> None:
        self.parent = parent
        self.stack = stack
        self.depth = depth

    @property
    def prefix(self) -> str:
        return f"{self.stack.address}."

    @property
    def callers(self) -> tuple[CallSite, ...]:
        """The stacks on the way up, nearest first."""
        above = self.parent.nested.callers if self.parent.nested is not None else ()
        return (CallSite(self.stack.address, self.stack.header, self.parent.ignores), *above)

    def give(self, parameters: dict[str, Parameter]) -> None:
        """Put the arguments in the place of the parameters."""
        value = self.stack.config.child("Parameters")
        written = Map({}) if value.options == (ABSENT,) or value.only is None else mapping(value)
        for name, parameter in parameters.items():
            if written is None or (written.open and name not in written.entries):
                given: Value | None = Value.unknown(self.stack.header, f"what {self.stack.address} gives is not decided")
            elif name not in written.entries or written.entries[name].options == (ABSENT,):
                given = None
            else:
                given = self._argument(parameter, written.entries[name])
            parameters[name] = Argument(parameter, given)

    def _argument(self, parameter: Parameter, value: Value) -> Value:
        note = f"parameter {parameter.name} of {self.stack.address}"
        options: list[Datum] = []
        for option in value.options:
            text = as_text(known(option))
            if text is None or "{{" in text:
                return Value.unknown(value.at, f"{note} is known only after deployment", value.node)
            options.append(elements(text, value.at) if parameter.kind.startswith(LISTS) else option)
        return Value(tuple(options), value.at, (Origin(Via.REFERENCE, value.at, note), *value.origins), value.node)


def output(parent: Template, id: str, name: str) -> Value | None:
    """What `GetAtt` of an output of a nested stack stands for in its parent; None when that is not known."""
    child = parent.child(id)
    if child is None:
        return None
    outputs = child.outputs
    section = outputs.found[name][1] if name in outputs.found and name not in outputs.twice else None
    node = descend(section, "Value")
    if node is None or descend(section, "Condition") is not None or not child.complete:
        return None
    value = child.evaluator.evaluate(node)
    options = tuple(_outside(id, option) for option in value.options)
    return Value(options, value.at, (Origin(Via.REFERENCE, value.at, f"output {name} of {id}"), *value.origins))


def _outside(id: str, option: Datum) -> Datum:
    """Names of the child as its parent could say them."""
    if isinstance(option, Ref):
        if option.address.startswith("AWS::"):
            return option if option.address in _SHARED else UNKNOWN
        return Ref(f"{id}.{option.address}", option.attribute, option.key, option.known)
    if isinstance(option, Text):
        return Text.join([part if isinstance(part, str) else _outside(id, part) for part in option.parts])
    return option if isinstance(option, (str, int, float, bool)) else UNKNOWN


def companions(nested: Nested, owner: TemplateResource, type: str, by: object) -> tuple[list[TemplateResource], bool]:
    """(resources of the parent whose attribute points at a resource of the child, whether there may be more)."""
    from fsbp_lsp.model.resource import read_path

    parent, address = nested.parent, f"{nested.stack.block}.{owner.block}"
    found: list[TemplateResource] = []
    # What is handed on of the stack in a way that cannot be followed may be anything it puts out.
    maybe = not parent.complete or parent.partial or parent.escapes(address) or parent.puts_out(address)
    maybe = maybe or ((parent.escapes(nested.stack.block) or parent.puts_out(nested.stack.block)) and owner.module.puts_out(owner.block))
    for candidate in parent.of(type):
        link = read_path(candidate.config, by)  # type: ignore[arg-type]  # a Path; the name is not imported here
        for option in link.options:
            if isinstance(option, Ref) and option.address == address:
                if len(link.options) == 1 and candidate.exists is YES:
                    found.append(candidate)  # type: ignore[arg-type]  # a template has no others
                else:
                    maybe = True
            elif option is UNKNOWN or isinstance(option, Text):
                maybe = True
    return found, maybe
