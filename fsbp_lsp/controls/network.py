"""Who may come in: security groups and network ACLs. Pass conditions: Security Hub user guide, "Amazon EC2 controls" (2026-10)."""

from __future__ import annotations

from fsbp_lsp.aws.ec2 import NetworkAcl, NetworkAclEntry, SecurityGroup, SecurityGroupRule, acl_entries, ingress_rules
from fsbp_lsp.aws.net import ALL, AUTHORIZED_TCP_PORTS, HIGH_RISK_PORTS, TCP, UDP, Rule
from fsbp_lsp.controls.registry import NOT_APPLICABLE, PASS, Parameter, Unknown, declared
from fsbp_lsp.controls.shapes import cause, control, fix_of, spelled, written_elsewhere
from fsbp_lsp.model import Finding, Fix, Placeholder, Refusal, Safety, Subject, Update
from fsbp_lsp.values import MAYBE, NO, YES, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.controls.registry import Answer, Context
    from fsbp_lsp.text import Edit


def _ports(first: int, last: int) -> str:
    return f"port {first}" if first == last else f"ports {first}-{last}"


def _shown(source: Value) -> str:
    why = cause(source)
    # EC2 keeps a network without the bits behind its prefix length: `192.168.1.0/0` is `0.0.0.0/0`.
    usual = source.is_("0.0.0.0/0") is not NO or source.is_("::/0") is not NO
    shown = source.shown if usual else f"{source.shown}, which is every address"
    return f"{shown} ({why})" if why else shown


def _without(element: Subject) -> tuple[Edit, ...] | Refusal:
    """The group without one of its rules. Terraform keeps the rules it finds where a group says nothing of any."""
    dialect, resource, name = element.resource.dialect, element.resource, str(element.base[0])
    if element.terraform and len(resource.config.child(name).items()) == 1:
        return dialect.clear(resource, name)
    return dialect.remove(resource, element.base)


def _rule_finding(id: str, subject: Subject, rule: Rule, source: Value, message: str) -> Finding:
    element = rule.subject

    def fixes() -> list[Fix]:
        dialect = element.resource.dialect
        made: list[Fix] = []
        edits: list[Edit] = []
        where = "the source"
        for each in rule.open_sources():
            network = Placeholder("fd00::/8" if each.contains(":") is YES else "10.0.0.0/8")
            elsewhere = written_elsewhere(each) or written_elsewhere(each, dialect.hands_on(each), by_hand=True)
            at = each.at if elsewhere is None else elsewhere.at
            if at is None:
                return made
            if elsewhere is not None:
                where = spelled(each, elsewhere)
            written = dialect.replace(at, network, each.node if elsewhere is None else None)
            if isinstance(written, Refusal):
                edits = []
                break
            edits.extend(written)
        if edits:
            made.append(fix_of(f"Restrict {where} to a network", tuple(edits), Safety.MANUAL, Update.CUTS_ACCESS.value))
        if element.base:
            made.append(fix_of("Remove the rule", _without(element), Safety.REVIEW, Update.CUTS_ACCESS.value))
        return made

    return Finding(
        id,
        subject.owner,
        source.at or element.header,
        message,
        value=source.shown,
        facet="/".join(str(step) for step in element.base) or "rule",
        origins=source.origins,
        fixes=fixes,
    )


def _high_risk(rule: Rule) -> str | None:
    """The high-risk TCP ports among those of a rule, '' for none, None when its protocol or ports are not decided."""
    if rule.protocol is None:
        return None
    if rule.protocol not in (TCP, ALL):
        return ""
    span = rule.span()
    if span is None:
        return None
    hit = [port for port in HIGH_RISK_PORTS if span[0] <= port <= span[1]]
    named = ", ".join(str(port) for port in hit[:3]) + (" and more" if len(hit) > 3 else "")
    return f"{'ports' if len(hit) > 1 else 'port'} {named}" if hit else ""


@control("EC2.19", SecurityGroup, SecurityGroupRule, slug="open-high-risk-port")
def high_risk_port(subject: Subject, context: Context) -> Answer:
    return _open_to_all("EC2.19", subject, _high_risk)


def _open_to_all(id: str, subject: Subject, opened: Callable[[Rule], str | None]) -> Answer:
    """What rules open to every address; `opened` names what a rule opens, '' for nothing that matters, None when not decided."""
    rules, doubt = ingress_rules(subject)
    findings: list[Finding] = []
    for rule in rules:
        what = opened(rule)
        if what == "":
            # Whoever may come: it is to nothing that the control is about.
            continue
        source = rule.open_source()
        if source is None:
            doubt = doubt or rule.maybe_open()
        elif what is None:
            doubt = True
        else:
            findings.append(_rule_finding(id, subject, rule, source, f"{what} open to {_shown(source)}"))
    if findings:
        return findings
    return Unknown("a rule is not decided by source") if doubt else PASS


def _unauthorized(rule: Rule, allowed: dict[str, set[int]]) -> str | None:
    """What a rule lets in beyond the authorized ports: '' for nothing, None when its protocol or ports are not decided."""
    if rule.protocol is None:
        return None
    if rule.protocol == ALL:
        return "all traffic"
    if rule.protocol not in allowed:
        return ""
    span = rule.span()
    if span is None:
        return None
    permitted = allowed[rule.protocol]
    if span[1] - span[0] > 1024 or any(port not in permitted for port in range(span[0], span[1] + 1)):
        return f"{rule.protocol} {_ports(*span)}"
    return ""


@control(
    "EC2.18",
    SecurityGroup,
    SecurityGroupRule,
    slug="open-unauthorized-port",
    parameters=(
        Parameter("authorized-tcp-ports", list, list(AUTHORIZED_TCP_PORTS), "TCP ports that may be open to the internet.", item=int),
        Parameter("authorized-udp-ports", list, [], "UDP ports that may be open to the internet.", item=int),
    ),
)
def unauthorized_port(subject: Subject, context: Context) -> Answer:
    this = declared("EC2.18")
    assert this is not None
    allowed = {
        TCP: {int(port) for port in context.parameter(this, "authorized-tcp-ports")},
        UDP: {int(port) for port in context.parameter(this, "authorized-udp-ports")},
    }
    return _open_to_all("EC2.18", subject, lambda rule: _unauthorized(rule, allowed))


UNDECIDED_ENTRY = "an entry is not decided by source"


@control(
    "EC2.21",
    NetworkAcl,
    NetworkAclEntry,
    slug="open-acl-to-admin-ports",
    partial="UDP: the control speaks of TCP, and its Config rule of both",
)
def acl_admin_ports(subject: Subject, context: Context) -> Answer:
    doubt = scope = ""
    findings: list[Finding] = []
    if isinstance(subject, NetworkAclEntry):
        egress, default = subject.egress.is_(True), subject.in_default_acl()
        if egress is YES or default is YES:
            return NOT_APPLICABLE
        if egress is MAYBE or default is MAYBE:
            scope = f"whether the entry is {'inbound' if egress is MAYBE else 'one of a default ACL'} is not decided by source"
    elif subject.element(("ingress",)).maybe_more:
        doubt = UNDECIDED_ENTRY
    for entry in acl_entries(subject):
        rule = entry.rule
        source = rule.open_source()
        if source is None:
            doubt = doubt or (UNDECIDED_ENTRY if rule.maybe_open() else "")
            continue
        allowed = entry.action.is_("allow") | entry.action.is_("ALLOW") | entry.action.is_("Allow")
        if allowed is NO:
            continue
        span = rule.span()
        if rule.protocol is None or allowed is MAYBE or (rule.protocol in (TCP, UDP) and span is None):
            doubt = doubt or UNDECIDED_ENTRY
            continue
        if rule.protocol not in (TCP, UDP, ALL) or span is None:
            continue
        hit = [port for port in (22, 3389) if span[0] <= port <= span[1]]
        if not hit:
            continue
        if rule.protocol == UDP:
            doubt = doubt or "whether an entry for UDP counts, the pages of the control and of its Config rule do not agree"
        elif scope:
            doubt = scope
        else:
            many, named = "ports" if len(hit) > 1 else "port", " and ".join(str(port) for port in hit)
            findings.append(_rule_finding("EC2.21", subject, rule, source, f"{many} {named} allowed from {_shown(source)}"))
    if findings:
        return findings
    return Unknown(doubt) if doubt else PASS
