"""A server on this machine that answers the few questions data sources of the examples ask AWS.

The answers are tables: by the action of the query and JSON protocols, by the path of the REST ones. `$Name_1` in an
answer is what the question says for the parameter `Name.1`, so that whoever asks for a service hears about that one. Whatever
else is asked is refused, which Terraform reports as an error of the data source.
"""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from string import Template
from urllib.parse import parse_qs

ACCOUNT = "111122223333"
_EC2 = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'
_IAM = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'
_CDN = 'xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"'
_ROUTE53 = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"'
_POLICY_DOCUMENT = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D"
_ZONE = (
    "<HostedZone><Id>/hostedzone/Z0123456789</Id><Name>terraform-aws-modules.modules.tf.</Name><CallerReference>x</CallerReference>"
    "<Config><PrivateZone>false</PrivateZone></Config><ResourceRecordSetCount>2</ResourceRecordSetCount></HostedZone>"
)
_IMAGE_PARAMETER = json.dumps({"image_id": "ami-12345678", "image_name": "mock"})

QUERY = {
    "GetCallerIdentity": (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>arn:aws:iam::{ACCOUNT}:user/mock</Arn><UserId>AIDA</UserId><Account>{ACCOUNT}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    ),
    "DescribeAvailabilityZones": (
        f"<DescribeAvailabilityZonesResponse {_EC2}><availabilityZoneInfo>"
        + "".join(
            f"<item><zoneName>us-east-1{letter}</zoneName><zoneId>use1-az{number}</zoneId><zoneState>available</zoneState>"
            "<regionName>us-east-1</regionName><optInStatus>opt-in-not-required</optInStatus><groupName>us-east-1</groupName></item>"
            for number, letter in enumerate("abcd", 1)
        )
        + "</availabilityZoneInfo></DescribeAvailabilityZonesResponse>"
    ),
    "DescribeImages": (
        f"<DescribeImagesResponse {_EC2}><imagesSet><item><imageId>ami-12345678</imageId><imageState>available</imageState>"
        "<name>al2023-ami-2023.1.20260101.0-kernel-6.1-x86_64</name><creationDate>2026-01-01T00:00:00.000Z</creationDate>"
        "<rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName></item></imagesSet></DescribeImagesResponse>"
    ),
    "DescribeVpcEndpointServices": (
        f"<DescribeVpcEndpointServicesResponse {_EC2}><serviceNameSet><item>$ServiceName_1</item></serviceNameSet><serviceDetailSet>"
        "<item><serviceName>$ServiceName_1</serviceName><serviceId>vpce-svc-0123456789abcdef0</serviceId><owner>amazon</owner>"
        "<serviceType><item><serviceType>$Filter_1_Value_1</serviceType></item></serviceType><acceptanceRequired>false</acceptanceRequired>"
        "<availabilityZoneSet><item>us-east-1a</item></availabilityZoneSet><vpcEndpointPolicySupported>true</vpcEndpointPolicySupported>"
        "</item></serviceDetailSet></DescribeVpcEndpointServicesResponse>"
    ),
    "DescribeManagedPrefixLists": (
        f"<DescribeManagedPrefixListsResponse {_EC2}><prefixListSet><item><prefixListId>pl-12345678</prefixListId>"
        "<prefixListName>$Filter_1_Value_1</prefixListName><addressFamily>IPv4</addressFamily><ownerId>AWS</ownerId>"
        "<prefixListArn>arn:aws:ec2:us-east-1:aws:prefix-list/pl-12345678</prefixListArn><state>create-complete</state>"
        "<maxEntries>2</maxEntries><version>1</version></item></prefixListSet></DescribeManagedPrefixListsResponse>"
    ),
    "GetManagedPrefixListEntries": (
        f"<GetManagedPrefixListEntriesResponse {_EC2}><entrySet><item><cidr>52.216.0.0/15</cidr></item><item><cidr>3.5.0.0/19</cidr></item>"
        "</entrySet></GetManagedPrefixListEntriesResponse>"
    ),
    "GetPolicy": (
        f"<GetPolicyResponse {_IAM}><GetPolicyResult><Policy><Arn>$PolicyArn</Arn><PolicyName>mock</PolicyName><Path>/</Path>"
        "<PolicyId>ANPA0123456789</PolicyId><DefaultVersionId>v1</DefaultVersionId><AttachmentCount>0</AttachmentCount>"
        "</Policy></GetPolicyResult></GetPolicyResponse>"
    ),
    "GetPolicyVersion": (
        f"<GetPolicyVersionResponse {_IAM}><GetPolicyVersionResult><PolicyVersion><Document>{_POLICY_DOCUMENT}</Document>"
        "<VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion></PolicyVersion></GetPolicyVersionResult></GetPolicyVersionResponse>"
    ),
}
"""By action: STS, EC2 and IAM."""

JSON: dict[str, dict[str, object]] = {
    "GetParameter": {
        "Parameter": {
            "Name": "$Name",
            "Type": "String",
            "Value": "ami-12345678",
            "Version": 1,
            "ARN": "arn:aws:ssm:us-east-1::parameter$Name",
        }
    },
    "DescribeOrganization": {
        "Organization": {
            "Id": "o-0123456789",
            "Arn": f"arn:aws:organizations::{ACCOUNT}:organization/o-0123456789",
            "FeatureSet": "ALL",
            "MasterAccountArn": f"arn:aws:organizations::{ACCOUNT}:account/o-0123456789/{ACCOUNT}",
            "MasterAccountEmail": "root@example.com",
            "MasterAccountId": ACCOUNT,
        }
    },
    "ListAccounts": {
        "Accounts": [
            {
                "Arn": f"arn:aws:organizations::{ACCOUNT}:account/o-0123456789/{ACCOUNT}",
                "Email": "root@example.com",
                "Id": ACCOUNT,
                "JoinedMethod": "INVITED",
                "Name": "mock",
                "Status": "ACTIVE",
            }
        ]
    },
    "ListRoots": {
        "Roots": [{"Arn": f"arn:aws:organizations::{ACCOUNT}:root/o-0123456789/r-1234", "Id": "r-1234", "Name": "Root", "PolicyTypes": []}]
    },
    "ListAWSServiceAccessForOrganization": {"EnabledServicePrincipals": []},
    "DescribeLimits": {"OpenShardCount": 0, "ShardLimit": 500, "OnDemandStreamCount": 0, "OnDemandStreamCountLimit": 50},
    "ListReleaseLabels": {"ReleaseLabels": ["emr-7.9.0", "emr-6.15.0"]},
    "GetAuthorizationToken": {
        "authorizationData": [
            {
                "authorizationToken": "QVdTOm1vY2s=",
                "expiresAt": 1900000000,
                "proxyEndpoint": f"https://{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com",
            }
        ]
    },
    "ListInstances": {"Instances": [{"InstanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef", "IdentityStoreId": "d-0123456789"}]},
    "GetGroupId": {"GroupId": "01234567-89ab-cdef-0123-456789abcdef", "IdentityStoreId": "d-0123456789"},
    "DescribeGroup": {"GroupId": "01234567-89ab-cdef-0123-456789abcdef", "IdentityStoreId": "d-0123456789", "DisplayName": "mock"},
}
"""By target: SSM, Organizations, Kinesis, EMR, ECR, IAM Identity Center."""

PARAMETERS = {"/aws/service/ecs/": _IMAGE_PARAMETER}
"""Values of SSM parameters by the beginning of their name, where it is no image's id."""

REST = {
    r"/": (
        '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>1234567890abcdef</ID>'
        "<DisplayName>mock</DisplayName></Owner><Buckets></Buckets></ListAllMyBucketsResult>"
    ),
    r"/2013-04-01/hostedzone": (
        f"<ListHostedZonesResponse {_ROUTE53}><HostedZones>{_ZONE}</HostedZones><IsTruncated>false</IsTruncated>"
        "<MaxItems>100</MaxItems></ListHostedZonesResponse>"
    ),
    r"/2013-04-01/hostedzone/\w+": (
        f"<GetHostedZoneResponse {_ROUTE53}>{_ZONE}<DelegationSet><NameServers><NameServer>ns-1.example.com</NameServer>"
        "</NameServers></DelegationSet></GetHostedZoneResponse>"
    ),
    r"/2013-04-01/tags/.*": (
        f"<ListTagsForResourceResponse {_ROUTE53}><ResourceTagSet><ResourceType>hostedzone</ResourceType>"
        "<ResourceId>Z0123456789</ResourceId><Tags></Tags></ResourceTagSet></ListTagsForResourceResponse>"
    ),
    r"/2020-05-31/cache-policy": (
        f"<CachePolicyList {_CDN}><MaxItems>100</MaxItems><Quantity>1</Quantity><Items><CachePolicySummary>"
        "<Type>managed</Type><CachePolicy><Id>658327ea-f89d-4fab-a63d-7e88639e58f6</Id><CachePolicyConfig><Name>Managed-CachingOptimized</Name>"
        "<MinTTL>1</MinTTL></CachePolicyConfig></CachePolicy></CachePolicySummary></Items></CachePolicyList>"
    ),
    r"/2020-05-31/cache-policy/.*": (
        f"<CachePolicy {_CDN}><Id>658327ea-f89d-4fab-a63d-7e88639e58f6</Id><CachePolicyConfig><Name>Managed-CachingOptimized</Name>"
        "<MinTTL>1</MinTTL></CachePolicyConfig></CachePolicy>"
    ),
    r"/2020-05-31/origin-request-policy": (
        f"<OriginRequestPolicyList {_CDN}><MaxItems>100</MaxItems><Quantity>1</Quantity><Items><OriginRequestPolicySummary>"
        "<Type>managed</Type><OriginRequestPolicy><Id>acba4595-bd28-49b8-b9fe-13317c0390fa</Id><OriginRequestPolicyConfig>"
        "<Name>Managed-UserAgentRefererHeaders</Name></OriginRequestPolicyConfig></OriginRequestPolicy>"
        "</OriginRequestPolicySummary></Items></OriginRequestPolicyList>"
    ),
    r"/2020-05-31/origin-request-policy/.*": (
        f"<OriginRequestPolicy {_CDN}><Id>acba4595-bd28-49b8-b9fe-13317c0390fa</Id><OriginRequestPolicyConfig>"
        "<Name>Managed-UserAgentRefererHeaders</Name></OriginRequestPolicyConfig></OriginRequestPolicy>"
    ),
    r"/outposts": json.dumps(
        {
            "Outposts": [
                {
                    "OutpostId": "op-0123456789abcdef0",
                    "OutpostArn": f"arn:aws:outposts:us-east-1:{ACCOUNT}:outpost/op-0123456789abcdef0",
                    "OwnerId": ACCOUNT,
                    "Name": "SEA19.07",
                    "AvailabilityZone": "us-east-1a",
                    "AvailabilityZoneId": "use1-az1",
                    "SiteId": "os-0123456789abcdef0",
                }
            ]
        }
    ),
}
"""By the whole path: S3, Route 53, CloudFront, Outposts."""

_REFUSED = "<Response><Errors><Error><Code>NotMocked</Code><Message>not mocked</Message></Error></Errors></Response>"


def answer_to_action(action: str, body: str) -> str | None:
    """action: of the query protocol, or the last part of the target of the JSON protocol. None when nobody taught it."""
    if action in QUERY:
        asked = {name.replace(".", "_"): values[0] for name, values in parse_qs(body).items()}
        return '<?xml version="1.0" encoding="UTF-8"?>' + Template(QUERY[action]).safe_substitute(asked)
    if action in JSON:
        said = {name: value for name, value in json.loads(body or "{}").items() if isinstance(value, str)}
        answer = json.loads(Template(json.dumps(JSON[action])).safe_substitute(said))
        if action == "GetParameter":
            known = [value for start, value in PARAMETERS.items() if said["Name"].startswith(start)]
            answer["Parameter"]["Value"] = known[0] if known else answer["Parameter"]["Value"]
        return json.dumps(answer)
    return None


def answer_to_path(path: str) -> str | None:
    """path: with or without a query. None when nobody taught it."""
    path = path.partition("?")[0]
    return next((answer for pattern, answer in REST.items() if re.fullmatch(pattern, path)), None)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode("utf-8", "replace")
        action = parse_qs(body).get("Action", [self.headers.get("X-Amz-Target", "").rpartition(".")[2]])[0]
        self._answer(answer_to_action(action, body))

    def do_GET(self) -> None:
        self._answer(answer_to_path(self.path))

    def _answer(self, text: str | None) -> None:
        data = (_REFUSED if text is None else text).encode()
        self.send_response(400 if text is None else 200)
        self.send_header("Content-Type", "application/x-amz-json-1.1" if data[:1] == b"{" else "text/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class FakeAws:
    """Answers on a port of this machine. Entered, it is the address."""

    def __enter__(self) -> str:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
