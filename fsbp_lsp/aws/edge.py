"""Elastic Load Balancing and Amazon CloudFront."""

from __future__ import annotations

from fsbp_lsp.model import Attr, Companion, Facet, Kind, Nested, Part, Update


class RedirectAction(Facet, tf=Nested("default_action"), cfn=Nested("DefaultActions")):
    type = Attr("type", "Type")
    protocol = Attr("redirect.protocol", "RedirectConfig.Protocol", default="#{protocol}")


class RuleAction(
    Facet,
    tf=(
        Companion("aws_lb_listener_rule", by="listener_arn", at="action"),
        Companion("aws_alb_listener_rule", by="listener_arn", at="action"),
    ),
    cfn=Companion("AWS::ElasticLoadBalancingV2::ListenerRule", by="ListenerArn", at="Actions"),
):
    """What a rule of the listener does before its default action is asked."""

    type = Attr("type", "Type")
    protocol = Attr("redirect.protocol", "RedirectConfig.Protocol", default="#{protocol}")


class Listener(Kind, tf=("aws_lb_listener", "aws_alb_listener"), cfn="AWS::ElasticLoadBalancingV2::Listener"):
    protocol = Attr("protocol", "Protocol")
    balancer = Attr("load_balancer_arn", "LoadBalancerArn", update=Update.REPLACES)
    actions = Part(RedirectAction)
    rule_actions = Part(RuleAction)


class LoadBalancer(Kind, tf=("aws_lb", "aws_alb"), cfn="AWS::ElasticLoadBalancingV2::LoadBalancer"):
    type = Attr("load_balancer_type", "Type", default="application", update=Update.REPLACES)
    drop_invalid_headers = Attr(
        "drop_invalid_header_fields",
        "LoadBalancerAttributes[Key=routing.http.drop_invalid_header_fields.enabled].Value",
        default=False,
        text=True,
        # Names with an underscore are invalid, too.
        update=Update.CUTS_ACCESS,
    )
    access_logs = Attr(
        "access_logs.enabled", "LoadBalancerAttributes[Key=access_logs.s3.enabled].Value", default=False, text=True, update=Update.COSTS
    )
    deletion_protection = Attr(
        "enable_deletion_protection", "LoadBalancerAttributes[Key=deletion_protection.enabled].Value", default=False, text=True
    )


class ClassicLog(Facet, tf=Nested("access_logs"), cfn=Nested("AccessLoggingPolicy")):
    enabled = Attr("enabled", "Enabled", tf_default=True, cfn_default=False, update=Update.COSTS)


class ClassicLoadBalancer(Kind, tf="aws_elb", cfn="AWS::ElasticLoadBalancing::LoadBalancer"):
    logs = Part(ClassicLog)


class Origin(Facet, tf=Nested("origin"), cfn=Nested("DistributionConfig.Origins")):
    domain = Attr("domain_name", "DomainName")
    s3 = Attr("s3_origin_config", "S3OriginConfig")
    custom = Attr("custom_origin_config", "CustomOriginConfig")
    vpc = Attr("vpc_origin_config", "VpcOriginConfig")


class DefaultBehavior(Facet, tf=Nested("default_cache_behavior"), cfn=Nested("DistributionConfig.DefaultCacheBehavior")):
    viewer_protocol = Attr("viewer_protocol_policy", "ViewerProtocolPolicy", update=Update.CUTS_ACCESS)


class Behavior(Facet, tf=Nested("ordered_cache_behavior"), cfn=Nested("DistributionConfig.CacheBehaviors")):
    viewer_protocol = Attr("viewer_protocol_policy", "ViewerProtocolPolicy", update=Update.CUTS_ACCESS)


class Distribution(Kind, tf="aws_cloudfront_distribution", cfn="AWS::CloudFront::Distribution"):
    root_object = Attr("default_root_object", "DistributionConfig.DefaultRootObject")
    log_bucket = Attr("logging_config.bucket", "DistributionConfig.Logging.Bucket")
    connection_mode = Attr(None, "DistributionConfig.ConnectionMode", default="direct", update=Update.REPLACES)
    origins = Part(Origin)
    default_behavior = Part(DefaultBehavior)
    behaviors = Part(Behavior)
