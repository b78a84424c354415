"""What stacks tell one another by name: `Export` of an output on one side, `Fn::ImportValue` on the other.

Names of exports are unique in a region of an account (CloudFormation user guide, "Get exported outputs from a deployed
CloudFormation stack"); what is known of one before deployment is mostly its end: `${AWS::StackName}-VPC`.
"""

from __future__ import annotations

from fsbp_lsp.cloudformation.load import document_at
from fsbp_lsp.cloudformation.shape import descend
from fsbp_lsp.cloudformation.template import Template, mentioned
from fsbp_lsp.values import UNKNOWN, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cloudformation.intrinsics import Call, Evaluator
    from fsbp_lsp.values import Datum, Value


def exported(template: Template, address: str) -> list[Datum]:
    """The names by which other stacks may import something of a resource, each as far as it is known."""
    outputs = template.outputs
    found: list[Datum] = [UNKNOWN] if outputs.open else []
    for _, section in outputs.found.values():
        value, name = descend(section, "Value"), descend(section, "Export", "Name")
        if value is None or name is None:
            continue
        speaks_of: set[str] = set()
        mentioned(template.evaluator.evaluate(value), value, speaks_of)
        if address in speaks_of:
            found.extend(template.evaluator.evaluate(name).options)
    return found


def imported(path: str, data: bytes, type: str) -> list[Datum]:
    """The names that resources of a type import in a template, each as far as it is known; empty when it is none."""
    found = document_at(path, data)
    if found is None:
        return []
    from fsbp_lsp.cloudformation.dialect import CLOUDFORMATION

    template = Template(CLOUDFORMATION, *found)
    names: list[Datum] = []

    def note(evaluator: Evaluator, call: Call) -> Value:
        read = evaluator.untagged if call.tagged else evaluator.evaluate
        names.extend(read(call.arg, call.depth + 1).options)
        return call.unknown("imported from another stack")

    template.evaluator.functions = {**template.evaluator.functions, "ImportValue": note}
    for resource in template.of(type):
        # All its properties are read by this, also those under conditions.
        _ = resource.config
    return names


def may_be_same(one: Datum, other: Datum) -> bool:
    """Whether two names, partly known, can be the same one."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    (head, tail), (other_head, other_tail) = _ends(one), _ends(other)
    heads_agree = head.startswith(other_head) or other_head.startswith(head)
    return heads_agree and (tail.endswith(other_tail) or other_tail.endswith(tail))


def _ends(name: Datum) -> tuple[str, str]:
    """What a name certainly begins and ends with."""
    if isinstance(name, str):
        return name, name
    return (name.head, name.tail) if isinstance(name, Text) else ("", "")


__all__ = ["exported", "imported", "may_be_same"]
