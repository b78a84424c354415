"""AWS Lambda, Amazon ECR, Amazon ECS and Amazon EKS controls (Security Hub user guide, 2026-10)."""

from __future__ import annotations

from fsbp_lsp.aws import kubernetes
from fsbp_lsp.aws.compute import Cluster, Container, Function, Permission, Repository, TaskDefinition
from fsbp_lsp.aws.policy_conditions import Condition
from fsbp_lsp.controls.registry import NOT_APPLICABLE, PASS, Assumed, Unknown
from fsbp_lsp.controls.shapes import control, fact, fix_of, place, put_fixes, put_together, why_unknown, wrong
from fsbp_lsp.model import Attr, Finding, Fix, Placeholder, Safety, Update
from fsbp_lsp.values import MAYBE, NO, YES, Items, Map, Ref, Text, Tri, Value, as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.controls.registry import Answer, Context

AS_OF = "2026-10"

SUPPORTED_RUNTIMES = frozenset(
    {
        "dotnet10", "dotnet8",
        "java25", "java21", "java17", "java11", "java8.al2", "java17.al2023", "java11.al2023", "java8.al2023",
        "nodejs24.x", "nodejs22.x",
        "python3.14", "python3.13", "python3.12", "python3.11", "python3.10",
        "ruby4.0", "ruby3.4", "ruby3.3",
    }
)  # fmt: skip

RETIRED_RUNTIMES = frozenset(
    {
        "dotnet7", "dotnet6", "dotnet5.0", "dotnetcore3.1", "dotnetcore2.1", "dotnetcore2.0", "dotnetcore1.0",
        "java8", "go1.x",
        "nodejs20.x", "nodejs18.x", "nodejs16.x", "nodejs14.x", "nodejs12.x", "nodejs10.x", "nodejs8.10", "nodejs6.10",
        "nodejs4.3", "nodejs4.3-edge", "nodejs",
        "python3.9", "python3.8", "python3.7", "python3.6", "python2.7",
        "ruby3.2", "ruby2.7", "ruby2.5",
    }
)  # fmt: skip
"""Runtimes AWS Lambda has had and the control no longer lists. A name in neither set may be newer than this list."""

SUCCESSORS = {"dotnet": "dotnet10", "java": "java21", "nodejs": "nodejs22.x", "python": "python3.13", "ruby": "ruby3.4"}
"""What a fix proposes: supported, and known to the Terraform providers in use."""


def _fixed(value: Value, key: str) -> Tri:
    """Set, and to a fixed value, as a condition of the function's policy that compares this key."""
    if value.present() is NO:
        return NO
    return Condition("ArnLike" if key == "aws:SourceArn" else "StringEquals", key, Items((value,))).narrows()


@control(
    "Lambda.1",
    Permission,
    slug="public-function",
    partial="function URLs without authorization are not judged: whether AWS counts them is not documented",
)
def public_function(permission: Permission, context: Context) -> Answer:
    principal = permission.principal
    everyone = principal.is_("*")
    storage = principal.is_("s3.amazonaws.com")
    if (everyone | storage) is NO:
        return PASS
    narrowed = _fixed(permission.source_account, "aws:SourceAccount")
    if everyone is not NO:
        narrowed = narrowed | _fixed(permission.source_arn, "aws:SourceArn") | _fixed(permission.organization, "aws:PrincipalOrgID")
        # A fixed URL authorization type or event source token is a condition whose effect AWS does not document.
        marks = permission.url_auth.present() | permission.event_source_token.present()
        if not permission.terraform:
            marks = marks | ~permission.only_by_url.is_(False) & permission.only_by_url.present()
        if narrowed is NO and marks is not NO:
            return Unknown("a permission for a function URL is not judged")
    if narrowed is YES:
        return PASS
    if (everyone | storage) is MAYBE:
        return Unknown(why_unknown(principal))
    if narrowed is MAYBE:
        return Unknown("how far the source narrows the permission is not decided by source")
    if everyone is YES:
        message = "everybody may invoke the function"
    elif permission.source_arn.present() is NO:
        message = "any S3 bucket of any account may invoke the function: source account is not set"
    else:
        # The ARN of a bucket names no account, and a deleted bucket's name is free for everybody.
        message = "whoever owns the S3 bucket may invoke the function: source account is not set"

    def fixes() -> list[Fix]:
        if everyone is YES:
            # Who may use it is a human decision.
            return []
        return [
            Fix(fix.title, fix.edits, Safety.MANUAL, fix.note, fix.refused)
            for fix in put_fixes(
                permission, Permission.source_account, Permission.source_account.read(permission), Placeholder("ACCOUNT-ID")
            )
        ]

    return [
        Finding(
            "Lambda.1",
            permission.owner,
            principal.at or permission.header,
            message,
            value=principal.shown,
            facet="principal",
            origins=principal.origins,
            fixes=fixes,
        )
    ]


@control(
    "Lambda.2",
    Function,
    slug="retired-runtime",
    partial=f"runtimes as of {AS_OF}; OS-only runtimes (provided.*) and names newer than the list are not judged",
)
def runtime(function: Function, context: Context) -> Answer:
    package = function.package.is_("Image")
    if package is YES:
        return NOT_APPLICABLE
    value = Function.runtime.read(function)
    if value.present() is NO:
        # A function without code of its own runtime is rejected by AWS; nothing to judge.
        return NOT_APPLICABLE
    if value.in_(SUPPORTED_RUNTIMES) is YES:
        return PASS
    if value.in_(RETIRED_RUNTIMES) is not YES or package is MAYBE:
        return Unknown(why_unknown(value) if as_text(value.only) is None else f"{value.shown} is not in the list of {AS_OF}")
    text = as_text(value.only) or ""
    family = next((newest for prefix, newest in SUCCESSORS.items() if text.startswith(prefix)), "")
    dialect = function.resource.dialect.name
    return [
        wrong(
            "Lambda.2",
            function,
            Function.runtime,
            value,
            family,
            message=f"{fact(Function.runtime.shown(dialect), value)}, not a supported runtime (list of {AS_OF})",
            fixable=bool(family),
        )
    ]


# Amazon ECR


@control(
    "ECR.1",
    Repository,
    slug="unscanned-images",
    partial="scanning may be configured for the whole registry elsewhere",
    assumptions=("ecr-registry-scanning",),
)
def scanning(repository: Repository, context: Context) -> Answer:
    value = Repository.scan_on_push.read(repository)
    answer = value.is_(True)
    if answer is YES:
        return PASS
    if answer is MAYBE:
        return Unknown(why_unknown(value))
    if context.assumes("ecr-registry-scanning") is True:
        return Assumed("ecr-registry-scanning")
    if repository.module.of("aws_ecr_registry_scanning_configuration", "AWS::ECR::RegistryScanningConfiguration"):
        return Unknown("the registry's scanning configuration may cover the repository")
    return [wrong("ECR.1", repository, Repository.scan_on_push, value, True)]


@control("ECR.2", Repository, slug="mutable-tags", partial="IMMUTABLE_WITH_EXCLUSION is not judged: AWS does not document it")
def mutable_tags(repository: Repository, context: Context) -> Answer:
    value = Repository.mutability.read(repository)
    if value.is_("IMMUTABLE") is YES:
        return PASS
    if value.is_("IMMUTABLE_WITH_EXCLUSION") is YES:
        return Unknown("AWS does not document how it counts exceptions to immutability")
    if value.in_(("MUTABLE", "MUTABLE_WITH_EXCLUSION")) is not YES:
        return Unknown(why_unknown(value))

    def fixes() -> list[Fix]:
        if value.is_("MUTABLE") is not YES:
            # The exclusion filters would have to go as well, and somebody wanted them.
            return []
        return put_fixes(repository, Repository.mutability, value, "IMMUTABLE")

    return [wrong("ECR.2", repository, Repository.mutability, value, fixes=fixes)]


@control("ECR.3", Repository, slug="endless-images", no_fix="which images to expire is a human decision")
def image_lifecycle(repository: Repository, context: Context) -> Answer:
    items = repository.lifecycle
    answer = items.any(lambda facet: facet.text.present())
    if answer is YES:
        return PASS
    if answer is MAYBE:
        return Unknown("a lifecycle policy may exist that source does not decide")
    return [Finding("ECR.3", repository.owner, repository.header, "no lifecycle policy expires images", facet="lifecycle")]


# Amazon ECS


def _containers(task: TaskDefinition) -> Items:
    """The containers of a task definition, also those in a JSON string."""
    value = TaskDefinition.definitions.read(task)
    if task.terraform:
        value = task.resource.dialect.decode_json(value)
    items = value.items()
    made = []
    for number, item in enumerate(items.found):
        name = "container_definitions" if task.terraform else "ContainerDefinitions"
        made.append(Container(task.resource, (name, number), item, task.owner))
    raw = value.raw
    hidden = isinstance(raw, (Ref, Text)) and not items.found
    return Items(tuple(made), items.maybe_more or hidden)


def _setting(container: Container, attr: Attr) -> tuple[Value, bool]:
    """(what a container has for an attribute, whether it is spelled as the attribute is).

    The Terraform provider decodes the JSON of containers as Go does, which takes keys in any case: `readOnlyRootFilesystem`
    is as common as the name AWS gave it.
    """
    value = attr.read(container)
    datum = container.value.only
    if value.at is None and container.terraform and isinstance(datum, Map):
        name = attr.shown("terraform").lower()
        for key, found in datum.entries.items():
            if key.lower() == name:
                return found, key == attr.shown("terraform")
    return value, True


def _each_container(id: str, task: TaskDefinition, attr: Attr, good: bool) -> Answer:
    containers = _containers(task)
    findings: list[Finding] = []
    doubt = "a container is not decided by source" if containers.maybe_more else ""
    dialect = task.resource.dialect.name
    for container in containers.found:
        value, exact = _setting(container, attr)
        answer = value.is_(good)
        if answer is NO:
            name = as_text(container.name.only)
            which = f"container {name}: " if name else ""
            at = value.at or container.name.at or container.value.at or task.header

            def fixes(container: Container = container, value: Value = value) -> list[Fix]:
                return put_fixes(container, attr, value, good)

            findings.append(
                Finding(
                    id,
                    task.owner,
                    at,
                    f"{which}{fact(attr.shown(dialect), value)}",
                    value=value.shown if value.at is not None else "",
                    facet=f"containers[{container.base[-1]}]",
                    origins=value.origins,
                    # A second key of the same name in another spelling would be read as well.
                    fixes=fixes if exact else None,
                )
            )
        elif answer is MAYBE:
            doubt = doubt or why_unknown(value)
    return findings or (Unknown(doubt) if doubt else PASS)


@control("ECS.4", TaskDefinition, slug="privileged-container")
def privileged(task: TaskDefinition, context: Context) -> Answer:
    return _each_container("ECS.4", task, Container.privileged, False)


@control("ECS.5", TaskDefinition, slug="writable-root-filesystem")
def writable_root(task: TaskDefinition, context: Context) -> Answer:
    windows = task.os_family.starts_with("WINDOWS")
    if windows is YES:
        return NOT_APPLICABLE
    if windows is MAYBE:
        return Unknown("the operating system is not decided by source")
    return _each_container("ECS.5", task, Container.read_only_root, True)


# Amazon EKS


@control(
    "EKS.1",
    Cluster,
    slug="public-cluster-endpoint",
    partial="the endpoint of a local cluster on Outposts is not judged where nothing is written",
)
def public_endpoint(cluster: Cluster, context: Context) -> Answer:
    value = Cluster.public_endpoint.read(cluster)
    answer = value.is_(False)
    if answer is YES:
        return PASS
    if answer is MAYBE:
        return Unknown(why_unknown(value))
    if value.at is None and cluster.outpost.present() is not NO:
        # EKS user guide, "Create an Amazon EKS cluster on AWS Outposts": its endpoint resolves to private addresses.
        return Unknown("the cluster may be a local one on Outposts, whose endpoint has private addresses")
    dialect = cluster.resource.dialect.name

    def fixes() -> list[Fix]:
        made = put_fixes(cluster, Cluster.public_endpoint, value, False)
        if cluster.private_endpoint.is_(True) is YES:
            return made
        # A cluster needs one of its two endpoints.
        title = f"Set {Cluster.public_endpoint.shown(dialect)} to false and open the private endpoint"
        wanted = {Cluster.private_endpoint: True, Cluster.public_endpoint: False}
        return [fix_of(title, put_together(cluster, wanted), Safety.REVIEW, Update.CUTS_ACCESS.value)]

    return [wrong("EKS.1", cluster, Cluster.public_endpoint, value, fixes=fixes)]


@control(
    "EKS.2",
    Cluster,
    slug="outdated-kubernetes",
    partial=f"AWS asks for 1.{kubernetes.OLDEST_SUPPORTED} or newer as of {kubernetes.AS_OF}; a version whose standard support has ended "
    "since is not judged, as AWS moves the control some time afterwards; without a version AWS picks its default",
)
def kubernetes_version(cluster: Cluster, context: Context) -> Answer:
    value = Cluster.version.read(cluster)
    text = as_text(value.only)
    major, _, rest = (text or "").partition(".")
    if major != "1" or not rest.isdigit():
        return Unknown(why_unknown(value) if text is None else f"{value.shown} is no version as EKS names them")
    minor = int(rest)
    ended = kubernetes.support_ended(minor, context.today)
    if minor >= kubernetes.OLDEST_SUPPORTED:
        if minor > kubernetes.NEWEST and ended:
            return Unknown(f"standard support of 1.{minor} may have ended, which this release does not know")
        return Unknown(f"standard support of 1.{minor} ended on {ended}, and AWS moves the control afterwards") if ended else PASS
    dialect = cluster.resource.dialect.name

    def fixes() -> list[Fix]:
        made = put_fixes(cluster, Cluster.version, value, f"1.{kubernetes.NEWEST}")
        # EKS upgrades one minor version at a time, and never back.
        note = f"upgrade one minor version at a time; {Update.INTERRUPTS.value}"
        return [Fix(fix.title, fix.edits, Safety.MANUAL, note, fix.refused) for fix in made]

    since = f"; standard support ended on {ended}" if ended else ""
    return [
        Finding(
            "EKS.2",
            cluster.owner,
            place(cluster, Cluster.version.path(dialect), value),
            f"{fact(Cluster.version.shown(dialect), value)}, older than 1.{kubernetes.OLDEST_SUPPORTED} (as of {kubernetes.AS_OF}){since}",
            value=value.shown,
            facet="version",
            origins=value.origins,
            fixes=fixes,
        )
    ]
