"""Amazon EC2 and VPC: instances, volumes, security groups, network ACLs, flow logs."""

from __future__ import annotations

from fsbp_lsp.aws.net import Rule, protocol_of
from fsbp_lsp.aws.policy_statement import listed
from fsbp_lsp.model import Attr, Companion, Facet, Kind, Nested, Part, Subject, Update, type_of
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Items, Ref, Tri, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Attachment(
    Facet,
    tf=Companion("aws_volume_attachment", by="volume_id"),
    cfn=Companion("AWS::EC2::VolumeAttachment", by="VolumeId"),
):
    """A volume attached by a resource of its own."""


class Volume(Kind, tf="aws_ebs_volume", cfn="AWS::EC2::Volume"):
    encrypted = Attr("encrypted", "Encrypted", default=False, update=Update.REPLACES)
    snapshot = Attr("snapshot_id", "SnapshotId", update=Update.REPLACES)
    source_volume = Attr(None, "SourceVolumeId", update=Update.REPLACES)
    attachments = Part(Attachment)


class RootDevice(Facet, tf=Nested("root_block_device")):
    # The AMI's own snapshot decides what an absent argument means.
    encrypted = Attr("encrypted", None, default=UNKNOWN, update=Update.REPLACES)


class ExtraDevice(Facet, tf=Nested("ebs_block_device")):
    encrypted = Attr("encrypted", None, default=False, update=Update.REPLACES)
    snapshot = Attr("snapshot_id", None, update=Update.REPLACES)


class MappedDevice(Facet, cfn=Nested("BlockDeviceMappings")):
    ebs = Attr(None, "Ebs", update=Update.REPLACES)
    # A mapping may restate the AMI's root device, whose snapshot then decides.
    encrypted = Attr(None, "Ebs.Encrypted", default=UNKNOWN, update=Update.REPLACES)
    snapshot = Attr(None, "Ebs.SnapshotId", update=Update.REPLACES)


class MountedVolume(Facet, cfn=Nested("Volumes")):
    """A volume attached where the instance is declared."""

    volume = Attr(None, "VolumeId")


class Instance(Kind, tf="aws_instance", cfn="AWS::EC2::Instance"):
    tokens = Attr("metadata_options.http_tokens", "MetadataOptions.HttpTokens", default="optional", update=Update.CUTS_ACCESS)
    endpoint = Attr("metadata_options.http_endpoint", "MetadataOptions.HttpEndpoint", default="enabled", update=Update.CUTS_ACCESS)
    launch_template = Attr("launch_template", "LaunchTemplate", update=Update.REPLACES)
    image = Attr("ami", "ImageId", update=Update.REPLACES)
    root = Part(RootDevice)
    extra = Part(ExtraDevice)
    mapped = Part(MappedDevice)
    mounted = Part(MountedVolume)


class AddedRule(
    Facet,
    tf=tuple(
        Companion(type, by="security_group_id")
        for type in ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
    ),
):
    """A rule as a resource of its own, in the default security group: of a VPC, or adopted."""


EXCLUSIVE_RULES = "aws_vpc_security_group_rules_exclusive"
"""Takes every rule it does not list out of a group, those AWS made as well."""


class Vpc(Kind, tf="aws_vpc", cfn="AWS::EC2::VPC"):
    added_rules = Part(AddedRule)


class DefaultVpc(Kind, tf="aws_default_vpc"):
    pass


class ClosedDefaultGroup(Facet, tf=Companion("aws_default_security_group", by="vpc_id")):
    pass


class FlowLog(
    Facet,
    tf=Companion("aws_flow_log", by="vpc_id"),
    cfn=Companion("AWS::EC2::FlowLog", by="ResourceId"),
):
    traffic = Attr("traffic_type", "TrafficType", update=Update.REPLACES)


class LoggedVpc(Kind, tf=("aws_vpc", "aws_default_vpc"), cfn="AWS::EC2::VPC"):
    default_groups = Part(ClosedDefaultGroup)
    flow_logs = Part(FlowLog)


class DefaultSecurityGroup(Kind, tf="aws_default_security_group"):
    added_rules = Part(AddedRule)


class SecurityGroup(Kind, tf=("aws_security_group", "aws_default_security_group"), cfn="AWS::EC2::SecurityGroup"):
    """Security group with rules written inside it."""


class SecurityGroupRule(
    Kind,
    tf=("aws_security_group_rule", "aws_vpc_security_group_ingress_rule"),
    cfn="AWS::EC2::SecurityGroupIngress",
):
    """One rule as a resource of its own."""


def _both(one: Items, other: Items) -> Items:
    return Items((*one.found, *other.found), one.maybe_more or other.maybe_more)


def ingress_rules(subject: Subject) -> tuple[list[Rule], bool]:
    """(rules of a security group or of a rule resource, whether there may be more)."""
    type = subject.resource.type
    if type == "aws_security_group_rule":
        answer = subject.value.child("type").is_("ingress")
        if answer is NO:
            return [], False
        return ([_terraform_rule(subject)], False) if answer.name == "YES" else ([], True)
    if type == "aws_vpc_security_group_ingress_rule":
        return [
            Rule(
                subject,
                _both(listed(subject.value.child("cidr_ipv4")), listed(subject.value.child("cidr_ipv6"))),
                protocol_of(subject.value.child("ip_protocol")),
                subject.value.child("from_port"),
                subject.value.child("to_port"),
            )
        ], False
    if type == "AWS::EC2::SecurityGroupIngress":
        return [_template_rule(subject)], False
    name = "ingress" if subject.terraform else "SecurityGroupIngress"
    elements = subject.element((name,))
    make = _terraform_rule if subject.terraform else _template_rule
    return [make(element) for element in elements.found], elements.maybe_more


def _terraform_rule(subject: Subject) -> Rule:
    value = subject.value
    return Rule(
        subject,
        _both(listed(value.child("cidr_blocks")), listed(value.child("ipv6_cidr_blocks"))),
        protocol_of(value.child("protocol")),
        value.child("from_port"),
        value.child("to_port"),
    )


def _template_rule(subject: Subject) -> Rule:
    value = subject.value
    return Rule(
        subject,
        _both(listed(value.child("CidrIp")), listed(value.child("CidrIpv6"))),
        protocol_of(value.child("IpProtocol")),
        value.child("FromPort"),
        value.child("ToPort"),
    )


class NetworkAcl(Kind, tf="aws_network_acl"):
    """Network ACL with entries written inside it."""


class NetworkAclEntry(Kind, tf="aws_network_acl_rule", cfn="AWS::EC2::NetworkAclEntry"):
    egress = Attr("egress", "Egress", default=False, update=Update.REPLACES)
    acl = Attr("network_acl_id", "NetworkAclId", update=Update.REPLACES)

    def in_default_acl(self) -> Tri:
        """Whether the ACL it is an entry of is the default one of a VPC. An id that nothing says so of is taken for another one."""
        answers = {self._is_default(option) for option in NetworkAclEntry.acl.read(self).options}
        return answers.pop() if len(answers) == 1 else MAYBE

    def _is_default(self, option: object) -> Tri:
        if isinstance(option, str):
            owners = self.module.of("aws_default_network_acl", "aws_vpc", "aws_default_vpc")
            return Tri.of(any(one.config.child("default_network_acl_id").is_(option) is YES for one in owners))
        if not isinstance(option, Ref):
            return MAYBE if option is UNKNOWN else NO
        if option.attribute in ("default_network_acl_id", "DefaultNetworkAcl") or type_of(option.address) == "aws_default_network_acl":
            return YES
        acl = self.module.get(option.address)
        return NO if acl is not None and acl.type in ("aws_network_acl", "AWS::EC2::NetworkAcl") else MAYBE


class Entry:
    """One inbound network ACL entry in normal form."""

    __slots__ = ("action", "rule")

    def __init__(self, rule: Rule, action: Value) -> None:
        self.rule = rule
        self.action = action


def acl_entries(subject: Subject) -> Iterator[Entry]:
    """Inbound entries of an ACL, or the entry a resource is."""
    if subject.resource.type == "aws_network_acl":
        for element in subject.element(("ingress",)).found:
            value = element.value
            sources = _both(listed(value.child("cidr_block")), listed(value.child("ipv6_cidr_block")))
            rule = Rule(element, sources, protocol_of(value.child("protocol")), value.child("from_port"), value.child("to_port"))
            yield Entry(rule, value.child("action"))
        return
    value = subject.value
    if subject.terraform:
        sources = _both(listed(value.child("cidr_block")), listed(value.child("ipv6_cidr_block")))
        rule = Rule(subject, sources, protocol_of(value.child("protocol")), value.child("from_port"), value.child("to_port"))
        yield Entry(rule, value.child("rule_action"))
    else:
        sources = _both(listed(value.child("CidrBlock")), listed(value.child("Ipv6CidrBlock")))
        ports = value.child("PortRange")
        rule = Rule(subject, sources, protocol_of(value.child("Protocol")), ports.child("From"), ports.child("To"))
        yield Entry(rule, value.child("RuleAction"))
