"""Elastic Load Balancing and Amazon CloudFront controls (Security Hub user guide, 2026-10)."""

from __future__ import annotations

from fsbp_lsp.aws.edge import ClassicLoadBalancer, ClassicLog, Distribution, Listener, LoadBalancer, Origin
from fsbp_lsp.controls.registry import NOT_APPLICABLE, PASS, Unknown
from fsbp_lsp.controls.shapes import control, effect, fact, fix_of, place, put_fixes, require, require_present, why_unknown, within, wrong
from fsbp_lsp.model import Attr, Finding, Fix, Placeholder, Question, Refusal, Safety, Update, parse_path
from fsbp_lsp.model.resource import read_path
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Ref, Text, Tri, Value, any_of, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.controls.registry import Answer, Context
    from fsbp_lsp.model import Subject
    from fsbp_lsp.text import Edit

APPLICATION = LoadBalancer.type.is_("application")


def _serves_http(listener: Listener) -> Tri:
    """What a listener without a protocol is: HTTP on an Application Load Balancer, says the Terraform provider."""
    raw = listener.balancer.raw
    balancer = listener.module.get(raw.address) if listener.terraform and isinstance(raw, Ref) else None
    if balancer is None or balancer.type not in LoadBalancer.types():
        return MAYBE
    answer: Tri = LoadBalancer(balancer).type.is_("application")
    return answer


@control(
    "ELB.1",
    Listener,
    slug="plain-http-listener",
    partial="a listener whose rules redirect while its default action does not: AWS does not say how it counts",
)
def http_listener(listener: Listener, context: Context) -> Answer:
    # The Terraform provider takes it in any case.
    plain = listener.protocol.test(lambda datum: str(datum).upper() == "HTTP") if listener.protocol.written else _serves_http(listener)
    if plain is NO:
        return NOT_APPLICABLE
    if plain is MAYBE:
        why = (
            why_unknown(listener.protocol)
            if listener.protocol.written
            else "whether it is an Application Load Balancer's is not decided by source"
        )
        return Unknown(why)
    actions = listener.actions
    answer = actions.any(lambda action: action.type.is_("redirect") & action.protocol.is_("HTTPS"))
    if answer is YES:
        return PASS
    if answer is MAYBE:
        return Unknown("the default action is not decided by source")
    rules = any_of(listener.rule_actions.found, lambda action: action.type.is_("redirect") & action.protocol.is_("HTTPS"))
    if rules is not NO:
        return Unknown("a rule of the listener may redirect to HTTPS, which AWS does not say how it counts")
    action = actions.found[-1] if actions.found else None
    at = listener.header
    message = "the HTTP listener does not redirect to HTTPS"
    shown = ""
    if action is not None:
        kind = action.type
        at = kind.at or action.header
        shown = kind.shown if kind.at is not None else ""
        if kind.is_("redirect") is YES:
            at = action.protocol.at or action.header_of(("redirect",) if listener.terraform else ("RedirectConfig",))
            message = (
                "the HTTP listener's redirect keeps the protocol of the request"
                if action.protocol.at is None
                else f"the HTTP listener redirects to {action.protocol.shown}, not to HTTPS"
            )
            shown = action.protocol.shown if action.protocol.at is not None else ""

    def fixes() -> list[Fix]:
        if action is None or action.type.is_("redirect") is not YES:
            # Turning a forward into a redirect needs an HTTPS listener to take the traffic.
            return []
        attr: Attr = type(action).protocol
        made = put_fixes(action, attr, attr.read(action), "HTTPS")
        return [Fix(fix.title, fix.edits, min(fix.safety, Safety.REVIEW), Update.CUTS_ACCESS.value, fix.refused) for fix in made]

    return [Finding("ELB.1", listener.owner, at, message, value=shown, facet="actions", fixes=fixes)]


invalid_headers = require("ELB.4", LoadBalancer.drop_invalid_headers, slug="invalid-headers-kept", is_=True, only_if=APPLICATION)


def _classic_or_application(subject: Subject) -> Tri:
    return subject.type.is_("application") if isinstance(subject, LoadBalancer) else YES


@control("ELB.5", LoadBalancer, ClassicLoadBalancer, slug="unlogged-load-balancer")
def access_logs(subject: Subject, context: Context) -> Answer:
    scope = _classic_or_application(subject)
    if scope is NO:
        return NOT_APPLICABLE
    if scope is MAYBE:
        return Unknown("the type of load balancer is not decided by source")
    if isinstance(subject, ClassicLoadBalancer):
        return _classic_logs(subject)
    assert isinstance(subject, LoadBalancer)
    value = LoadBalancer.access_logs.read(subject)
    answer = value.is_(True)
    if answer is YES:
        return PASS
    if answer is MAYBE:
        return Unknown(why_unknown(value))
    return [_unlogged(subject, subject, LoadBalancer.access_logs)]


def _unlogged(owner: Subject, part: Subject, attr: Attr) -> Finding:
    value = attr.read(part)
    dialect = owner.resource.dialect.name
    path = attr.path(dialect)

    def fixes() -> list[Fix]:
        if value.at is not None:
            return put_fixes(part, attr, value, True)
        return _log_bucket(owner)

    return Finding(
        "ELB.5",
        owner.owner,
        place(part, path, value),
        fact(within(part, attr.shown(dialect)), value),
        value=value.shown if value.at is not None else "",
        facet="access_logs",
        origins=value.origins,
        fixes=fixes,
    )


def _log_bucket(owner: Subject) -> list[Fix]:
    """Logging needs a bucket, and which one is a human decision."""
    bucket = Placeholder("LOG-BUCKET-NAME")
    dialect = owner.resource.dialect
    title = "Write access logs to a bucket"
    if owner.terraform:
        if owner.value.child("access_logs").written:
            safety, note = effect(Update.COSTS)
            return [fix_of(title, dialect.put(owner.resource, ("access_logs", "enabled"), True), safety, note)]
        edits = dialect.append(owner.resource, ("access_logs",), {"bucket": bucket, "enabled": True})
    elif isinstance(owner, ClassicLoadBalancer):
        edits = dialect.put(owner.resource, ("AccessLoggingPolicy",), {"Enabled": True, "S3BucketName": bucket})
    else:
        edits = _log_attributes(owner, bucket)
    return [fix_of(title, edits, Safety.MANUAL)]


def _log_attributes(owner: Subject, bucket: Placeholder) -> tuple[Edit, ...] | Refusal:
    """The two attributes that switch logging on; the bucket only where none is named."""
    wanted: list[dict[str, object]] = [{"Key": "access_logs.s3.enabled", "Value": "true"}]
    if read_path(owner.value, parse_path("LoadBalancerAttributes[Key=access_logs.s3.bucket].Value")).present() is NO:
        wanted.append({"Key": "access_logs.s3.bucket", "Value": bucket})
    dialect = owner.resource.dialect
    if not owner.value.child("LoadBalancerAttributes").written:
        return dialect.put(owner.resource, ("LoadBalancerAttributes",), wanted)
    edits: list[Edit] = []
    for each in wanted:
        made = dialect.append(owner.resource, ("LoadBalancerAttributes",), each)
        if isinstance(made, Refusal):
            return made
        edits.extend(made)
    return tuple(edits)


def _classic_logs(balancer: ClassicLoadBalancer) -> Answer:
    items = balancer.logs
    for log in items.found:
        value = ClassicLog.enabled.read(log)
        answer = value.is_(True)
        if answer is YES:
            return PASS
        if answer is MAYBE:
            return Unknown(why_unknown(value))
        return [_unlogged(balancer, log, ClassicLog.enabled)]
    if items.maybe_more:
        return Unknown("access logs may be configured in a way source does not decide")
    return [
        Finding(
            "ELB.5",
            balancer.owner,
            balancer.header,
            "access logs are not configured",
            facet="access_logs",
            fixes=lambda: _log_bucket(balancer),
        )
    ]


deletable_balancer = require("ELB.6", LoadBalancer.deletion_protection, slug="deletable-load-balancer", is_=True)


# Amazon CloudFront


def _is_bucket(origin: Origin) -> Tri:
    """Whether an origin is an S3 bucket: it has an S3 configuration, or the address of a bucket and no other configuration."""
    answer: Tri = origin.s3.present() | _bucket_address(origin.domain) & ~(origin.custom.present() | origin.vpc.present())
    return answer


BUCKET_ADDRESSES = ("bucket_regional_domain_name", "bucket_domain_name", "DomainName", "RegionalDomainName", "DualStackDomainName")


def _bucket_address(domain: Value) -> Tri:
    raw = domain.raw
    if isinstance(raw, Ref):
        return YES if raw.attribute in BUCKET_ADDRESSES else MAYBE
    if isinstance(raw, Text) or raw is UNKNOWN:
        return domain.contains(".s3.") | domain.contains(".s3-")
    text = known(raw)
    return Tri.of(isinstance(text, str) and ".amazonaws.com" in text and (".s3." in text or ".s3-" in text))


@control(
    "CloudFront.1",
    Distribution,
    slug="missing-root-object",
    partial="a distribution of S3 and custom origins: AWS evaluates those of the one kind, not those of the other, and is silent on both",
)
def root_object(distribution: Distribution, context: Context) -> Answer:
    value = Distribution.root_object.read(distribution)
    buckets = [_is_bucket(origin) for origin in distribution.origins.found]
    if all(answer is NO for answer in buckets) and not distribution.origins.maybe_more:
        return NOT_APPLICABLE
    answer = value.present()
    if answer is YES:
        return PASS
    if answer is MAYBE:
        return Unknown(why_unknown(value))
    if distribution.origins.maybe_more or MAYBE in buckets or YES not in buckets:
        return Unknown("whether an origin is an S3 bucket is not decided by source")
    if NO in buckets:
        return Unknown("AWS does not say whether a distribution that has custom origins, too, is evaluated")
    return [wrong("CloudFront.1", distribution, Distribution.root_object, value, Placeholder("index.html"))]


@control("CloudFront.3", Distribution, slug="plain-http-viewers")
def viewer_protocol(distribution: Distribution, context: Context) -> Answer:
    findings: list[Finding] = []
    doubt = ""
    dialect = distribution.resource.dialect.name
    for part in (distribution.default_behavior, distribution.behaviors):
        if part.maybe_more:
            doubt = doubt or "a cache behavior may exist that source does not decide"
        for behavior in part.found:
            attr: Attr = type(behavior).viewer_protocol
            value = attr.read(behavior)
            answer = value.is_("allow-all")
            if answer is YES:
                message = fact(within(behavior, attr.shown(dialect)), value)
                findings.append(wrong("CloudFront.3", behavior, attr, value, "redirect-to-https", message=message))
            elif answer is MAYBE:
                doubt = doubt or why_unknown(value)
    return findings or (Unknown(doubt) if doubt else PASS)


def _multi_tenant(distribution: Distribution) -> Tri:
    return NO if distribution.terraform or distribution.connection_mode.is_("tenant-only") is NO else MAYBE


unlogged_distribution = require_present(
    "CloudFront.5",
    Distribution.log_bucket,
    slug="unlogged-distribution",
    placeholder="LOG-BUCKET.s3.amazonaws.com",
    # CloudFront developer guide, "Unsupported features": standard logging (legacy).
    unless=Question(_multi_tenant, "AWS counts a multi-tenant distribution, which cannot have standard logging (legacy),"),
    partial="standard logging (legacy); AWS does not count standard logging v2, and does not say how it counts multi-tenant "
    "distributions, which can have that one only",
)
