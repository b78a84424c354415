"""Amazon EC2 and VPC, but for who may come in (`network`). Pass conditions: Security Hub user guide, "Amazon EC2 controls" (2026-10)."""

from __future__ import annotations

from fsbp_lsp.aws.ec2 import (
    EXCLUSIVE_RULES,
    DefaultSecurityGroup,
    Instance,
    LoggedVpc,
    MappedDevice,
    Volume,
    Vpc,
)
from fsbp_lsp.aws.images import allows_v1, family_with_v2, image_undecided, own_image, registered_for_v2
from fsbp_lsp.controls.registry import PASS, Assumed, Unknown
from fsbp_lsp.controls.shapes import control, effect, fact, fix_of, place, put_fixes, why_unknown, wrong
from fsbp_lsp.model import Attr, Finding, Fix, Placeholder, Reference, Safety, Subject, Update, Verdict, points_at
from fsbp_lsp.values import MAYBE, NO, YES, Tri, Via

ENCRYPTION_BY_DEFAULT = "aws_ebs_encryption_by_default"
METADATA_DEFAULTS = "aws_ec2_instance_metadata_defaults"
"""Settings of an account and region, where code that is deployed together makes them."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.controls.registry import Answer, Context
    from fsbp_lsp.values import Items, Value


@control(
    "EC2.2",
    Vpc,
    DefaultSecurityGroup,
    slug="open-default-security-group",
    partial="a template cannot close the default security group of its VPC, so CloudFormation is not judged",
)
def default_group(subject: Subject, context: Context) -> Answer:
    if isinstance(subject, DefaultSecurityGroup):
        return _default_group_rules(subject)
    if not subject.terraform:
        return Unknown("a template cannot close the default security group of its VPC")
    assert isinstance(subject, Vpc)
    groups = LoggedVpc(subject.resource).default_groups
    if groups.found:
        # Its own rules are judged on the group itself.
        return _added_rules(subject, subject.added_rules) or PASS
    if groups.maybe_more:
        return Unknown("an aws_default_security_group may exist that source does not decide")
    exclusive = subject.module.linked(subject.resource, EXCLUSIVE_RULES, ("security_group_id",))
    if exclusive.found or exclusive.maybe_more:
        emptied = exclusive.any(
            lambda one: ~one.config.child("ingress_rule_ids").present() & ~one.config.child("egress_rule_ids").present()
        )
        return PASS if emptied is YES else Unknown(f"an {EXCLUSIVE_RULES} may empty the default security group")

    def fixes() -> list[Fix]:
        resource = subject.resource
        edits = resource.dialect.insert_resource(resource, "aws_default_security_group", resource.name, [("vpc_id", Reference(resource))])
        safety, note = effect(Update.CUTS_ACCESS)
        return [fix_of("Close the default security group", edits, safety, note)]

    return [
        Finding(
            "EC2.2",
            subject.owner,
            subject.header,
            "the VPC's default security group keeps the rules AWS creates it with",
            facet="default_group",
            fixes=fixes,
        )
    ]


def _added_rules(subject: Subject, rules: Items) -> list[Finding]:
    """One finding for each rule that a resource of its own adds to the group of `subject`."""
    said = "the rule is added to the default security group"
    return [
        Finding("EC2.2", subject.owner, rule.header, said, value=rule.resource.address, facet=f"added[{rule.resource.address}]")
        for rule in rules.found
    ]


def _default_group_rules(group: DefaultSecurityGroup) -> Answer:
    findings = _added_rules(group, group.added_rules)
    doubt = False
    for name in ("ingress", "egress"):
        elements = group.element((name,))
        doubt = doubt or elements.maybe_more
        for element in elements.found:

            def fixes(element: Subject = element) -> list[Fix]:
                edits = element.resource.dialect.clear(element.resource, str(element.base[0]))
                safety, note = effect(Update.CUTS_ACCESS)
                return [fix_of(f"Remove the {element.base[0]} rules", edits, safety, note)]

            findings.append(
                Finding(
                    "EC2.2",
                    group.owner,
                    element.header,
                    f"the default security group has an {name} rule",
                    value=name,
                    facet=f"{name}[{element.base[-1]}]",
                    fixes=fixes,
                )
            )
    if findings:
        return findings
    return Unknown("a rule may exist that source does not decide") if doubt else PASS


@control(
    "EC2.3",
    Volume,
    Instance,
    slug="unencrypted-volume",
    partial="AWS evaluates attached volumes: one that is attached elsewhere is not judged; the root volume of an AMI is judged only where "
    "encryption is written",
    assumptions=("ebs-encryption-by-default",),
)
def volume_encryption(subject: Subject, context: Context) -> Answer:
    # "If you enable it for a Region, you cannot disable it for individual volumes" (EBS user guide, "Encryption by default").
    default_on = context.assumes("ebs-encryption-by-default") is True
    account = "" if default_on else _account_encrypts(subject)
    if isinstance(subject, Volume):
        return _volume(subject, default_on, account)
    findings: list[Finding] = []
    doubt = ""
    assumed = False
    assert isinstance(subject, Instance)
    for part in (subject.root, subject.extra, subject.mapped):
        if part.maybe_more:
            doubt = doubt or "a block device may exist that source does not decide"
        for device in part.found:
            attr: Attr = type(device).encrypted
            value = attr.read(device)
            answer = value.is_(True)
            if answer is YES or (isinstance(device, MappedDevice) and device.ebs.present() is NO):
                # What is mapped to no EBS volume is an instance store, or nothing.
                continue
            if default_on:
                assumed = True
            elif answer is MAYBE:
                doubt = doubt or why_unknown(value)
            elif inherited := account or _inherited(subject, device):
                doubt = doubt or inherited
            else:
                findings.append(wrong("EC2.3", device, attr, value, True))
    if findings:
        return findings
    if doubt:
        return Unknown(doubt)
    found = subject.root.found or subject.extra.found or subject.mapped.found
    if not found:
        return Assumed("ebs-encryption-by-default") if default_on else Unknown("the AMI's snapshot decides the encryption of its volumes")
    return Assumed("ebs-encryption-by-default") if assumed else PASS


def _account_encrypts(subject: Subject) -> str:
    """Why the account may encrypt every volume; '' when nothing deployed with the subject says so."""
    if all(one.config.child("enabled").is_(False) is YES for one in subject.module.of(ENCRYPTION_BY_DEFAULT)):
        return ""
    return f"an {ENCRYPTION_BY_DEFAULT} may encrypt the volume"


def _inherited(instance: Instance, device: Subject) -> str:
    """What may encrypt a device that is not asked to be, or asked not to be: an encrypted source stays encrypted; '' for nothing."""
    snapshot: Attr | None = getattr(type(device), "snapshot", None)
    if snapshot is not None and snapshot.read(device).present() is not NO:
        return "the snapshot decides"
    if Instance.launch_template.read(instance).present() is not NO:
        return "the launch template may encrypt the device"
    return "the image is one of your own, and its snapshots may be encrypted" if own_image(instance) else ""


def _volume(volume: Volume, default_on: bool, account: str) -> Answer:
    value = Volume.encrypted.read(volume)
    answer = value.is_(True)
    if answer is YES:
        return PASS
    if default_on:
        return Assumed("ebs-encryption-by-default")
    if answer is MAYBE:
        return Unknown(why_unknown(value))
    if account:
        return Unknown(account)
    # "In no case can you remove encryption from an encrypted volume" (EC2 API reference, EbsBlockDevice).
    for source in (Volume.snapshot.read(volume), *(() if volume.terraform else (Volume.source_volume.read(volume),))):
        if source.present() is not NO:
            return Unknown("the snapshot or source volume decides")
    if _attached(volume) is not YES:
        return Unknown("AWS evaluates attached volumes only, and nothing here certainly attaches this one")
    return [wrong("EC2.3", volume, Volume.encrypted, value, True)]


def _attached(volume: Volume) -> Tri:
    """Whether a resource of the module attaches the volume, or an instance of the template names it."""
    attachments = volume.attachments
    if attachments.found:
        return YES
    mounted = any(
        points_at(part.volume, volume.resource) is YES
        for instance in volume.module.of("AWS::EC2::Instance")
        if volume.module.exists_with(volume.resource, instance) is YES
        for part in Instance(instance).mounted.found
    )
    return YES if mounted else MAYBE


@control(
    "EC2.6",
    LoggedVpc,
    slug="unlogged-vpc",
    partial="flow logs of the same module or template; one made elsewhere is not seen",
)
def flow_logs(vpc: LoggedVpc, context: Context) -> Answer:
    logs = vpc.flow_logs
    answer = NO
    for log in logs.found:
        # AWS requires REJECT; ALL contains it.
        answer = answer | log.traffic.in_({"REJECT", "ALL"})
    if answer is YES:
        return PASS
    if answer is MAYBE or logs.maybe_more:
        return Unknown("a flow log may exist that source does not decide")
    if vpc.resource.type == "aws_default_vpc":
        # Terraform adopts it: it was in the account before, perhaps with its flow log.
        return Unknown("the default VPC is older than this code, and may have a flow log already")
    if logs.found:
        log = logs.found[0]
        attr: Attr = type(log).traffic
        value = attr.read(log)
        dialect = vpc.resource.dialect.name
        return [
            Finding(
                "EC2.6",
                vpc.owner,
                place(log, attr.path(dialect), value),
                f"the flow log leaves out rejected traffic: {fact(attr.shown(dialect), value)}",
                value=value.shown,
                facet="flow_logs",
                origins=value.origins,
                fixes=lambda: put_fixes(log, attr, value, "ALL"),
            )
        ]

    def fixes() -> list[Fix]:
        resource = vpc.resource
        if vpc.terraform:
            body: list[tuple[str, object]] = [
                ("vpc_id", Reference(resource)),
                ("traffic_type", "REJECT"),
                ("log_destination_type", "s3"),
                ("log_destination", Placeholder("LOG-BUCKET-ARN")),
            ]
            edits = resource.dialect.insert_resource(resource, "aws_flow_log", resource.name, body)
        else:
            body = [
                ("ResourceId", Reference(resource)),
                ("ResourceType", "VPC"),
                ("TrafficType", "REJECT"),
                ("LogDestinationType", "s3"),
                ("LogDestination", Placeholder("LOG-BUCKET-ARN")),
            ]
            edits = resource.dialect.insert_resource(resource, "AWS::EC2::FlowLog", f"{resource.name}FlowLog", body)
        return [fix_of("Add a flow log", edits, Safety.MANUAL, Update.COSTS.value)]

    return [Finding("EC2.6", vpc.owner, vpc.header, "no flow log records the VPC's traffic", facet="flow_logs", fixes=fixes)]


@control(
    "EC2.8",
    Instance,
    slug="imdsv1-allowed",
    assumptions=("imdsv2-default",),
    partial="the AMI or an account default may require IMDSv2 where the instance is silent",
)
def imds(instance: Instance, context: Context) -> Answer:
    value = Instance.tokens.read(instance)
    answer = value.is_("required")
    if answer is YES:
        return PASS
    if answer is MAYBE:
        return Unknown(why_unknown(value))
    if Instance.endpoint.read(instance).is_("disabled") is not NO:
        return Unknown("the metadata service may be switched off, which AWS does not say how it counts")
    if all(origin.via is not Via.DEFAULT for origin in value.origins):
        return [wrong("EC2.8", instance, Instance.tokens, value, "required")]
    return _silent(instance, value, context)


def _silent(instance: Instance, value: Value, context: Context) -> Answer:
    """EC2.8 of an instance that says nothing, or null.

    AWS asks the account then, and after it the image (EC2 user guide, "Order of precedence for instance metadata
    options"); the account is not in source, and of an image only some names tell.
    """
    if context.assumes("imdsv2-default") is True:
        return Assumed("imdsv2-default")
    if Instance.launch_template.read(instance).present() is not NO:
        return Unknown("the launch template decides")
    if any(one.config.child("http_tokens").is_("required") is not NO for one in instance.module.of(METADATA_DEFAULTS)):
        return Unknown(f"an {METADATA_DEFAULTS} may require IMDSv2 of the account's instances")
    family = family_with_v2(instance)
    if family:
        return Unknown(f"{family} images require IMDSv2 themselves")
    if registered_for_v2(instance):
        return Unknown("the image requires IMDSv2 itself")
    if own_image(instance):
        return Unknown("the image is one of your own, and may require IMDSv2 itself")
    if image_undecided(instance):
        return Unknown("the image is not decided by source, and may require IMDSv2 itself")
    name = Instance.tokens.shown(instance.resource.dialect.name)
    said = f"{name} is not set" if all(origin.via is Via.DEFAULT for origin in value.origins) else fact(name, value)
    if allows_v1(instance):
        message = f"{said}: IMDSv1 stays allowed unless the account requires IMDSv2"
        return [wrong("EC2.8", instance, Instance.tokens, value, "required", message=message)]
    message = f"{said}: the image and the account decide whether IMDSv1 stays allowed"
    finding = wrong("EC2.8", instance, Instance.tokens, value, "required", message=message)
    finding.verdict = Verdict.UNDECLARED
    return [finding]
