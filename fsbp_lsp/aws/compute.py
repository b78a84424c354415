"""AWS Lambda, Amazon ECR, Amazon ECS, Amazon EKS.

Runtime and version lists: Security Hub user guide, as of 2026-10.
"""

from __future__ import annotations

from fsbp_lsp.model import Attr, Companion, Facet, Kind, Nested, Part, Update
from fsbp_lsp.values import UNKNOWN


class Function(Kind, tf="aws_lambda_function", cfn="AWS::Lambda::Function"):
    runtime = Attr("runtime", "Runtime", update=Update.INTERRUPTS)
    package = Attr("package_type", "PackageType", default="Zip", update=Update.REPLACES)


class Permission(Kind, tf="aws_lambda_permission", cfn="AWS::Lambda::Permission"):
    principal = Attr("principal", "Principal", update=Update.REPLACES)
    source_account = Attr("source_account", "SourceAccount", update=Update.REPLACES)
    source_arn = Attr("source_arn", "SourceArn", update=Update.REPLACES)
    organization = Attr("principal_org_id", "PrincipalOrgID", update=Update.REPLACES)
    url_auth = Attr("function_url_auth_type", "FunctionUrlAuthType", update=Update.REPLACES)
    only_by_url = Attr(None, "InvokedViaFunctionUrl", update=Update.REPLACES)
    event_source_token = Attr("event_source_token", "EventSourceToken", update=Update.REPLACES)


class LifecyclePolicy(
    Facet,
    tf=Companion("aws_ecr_lifecycle_policy", by="repository", owner_name="name", reference="name"),
    cfn=Nested("LifecyclePolicy"),
):
    text = Attr("policy", "LifecyclePolicyText")


class Repository(Kind, tf="aws_ecr_repository", cfn="AWS::ECR::Repository"):
    scan_on_push = Attr("image_scanning_configuration.scan_on_push", "ImageScanningConfiguration.ScanOnPush", default=False)
    mutability = Attr("image_tag_mutability", "ImageTagMutability", default="MUTABLE", update=Update.CUTS_ACCESS)
    lifecycle = Part(LifecyclePolicy)


class Container(Facet, tf=Nested("container_definitions"), cfn=Nested("ContainerDefinitions")):
    name = Attr("name", "Name")
    privileged = Attr("privileged", "Privileged", default=False, update=Update.REPLACES)
    read_only_root = Attr("readonlyRootFilesystem", "ReadonlyRootFilesystem", default=False, update=Update.REPLACES)


class TaskDefinition(Kind, tf="aws_ecs_task_definition", cfn="AWS::ECS::TaskDefinition"):
    definitions = Attr("container_definitions", "ContainerDefinitions", update=Update.REPLACES)
    os_family = Attr(
        "runtime_platform.operating_system_family", "RuntimePlatform.OperatingSystemFamily", default="LINUX", update=Update.REPLACES
    )


class Cluster(Kind, tf="aws_eks_cluster", cfn="AWS::EKS::Cluster"):
    public_endpoint = Attr(
        "vpc_config.endpoint_public_access", "ResourcesVpcConfig.EndpointPublicAccess", default=True, update=Update.CUTS_ACCESS
    )
    private_endpoint = Attr("vpc_config.endpoint_private_access", "ResourcesVpcConfig.EndpointPrivateAccess", default=False)
    version = Attr("version", "Version", default=UNKNOWN, update=Update.INTERRUPTS)
    outpost = Attr("outpost_config", "OutpostConfig", update=Update.REPLACES)
