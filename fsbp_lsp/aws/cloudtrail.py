"""AWS CloudTrail."""

from __future__ import annotations

from fsbp_lsp.model import Attr, Facet, Kind, Nested, Part, Update


class EventSelector(Facet, tf=Nested("event_selector"), cfn=Nested("EventSelectors")):
    read_write = Attr("read_write_type", "ReadWriteType", default="All")
    management = Attr("include_management_events", "IncludeManagementEvents", default=True)
    excluded = Attr("exclude_management_event_sources", "ExcludeManagementEventSources")


class AdvancedSelector(Facet, tf=Nested("advanced_event_selector"), cfn=Nested("AdvancedEventSelectors")):
    pass


class Trail(Kind, tf="aws_cloudtrail", cfn="AWS::CloudTrail::Trail"):
    multi_region = Attr("is_multi_region_trail", "IsMultiRegionTrail", default=False, update=Update.COSTS)
    global_events = Attr("include_global_service_events", "IncludeGlobalServiceEvents", tf_default=True, cfn_default=False)
    logging = Attr("enable_logging", "IsLogging", tf_default=True, update=Update.COSTS)
    validation = Attr("enable_log_file_validation", "EnableLogFileValidation", default=False)
    key = Attr("kms_key_id", "KMSKeyId")
    log_role = Attr("cloud_watch_logs_role_arn", "CloudWatchLogsRoleArn")
    log_group = Attr("cloud_watch_logs_group_arn", "CloudWatchLogsLogGroupArn")
    selectors = Part(EventSelector)
    advanced_selectors = Part(AdvancedSelector)
