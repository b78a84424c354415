"""The examples of public modules, made to plan offline.

What is changed in the copy, the same for both opinions: version constraints and backends go, registry sources
become the copies of those modules that the corpus holds, `region` arguments of provider 6 go (the provider at
hand is 5.x), the provider gets mock credentials, and what other providers make (`random_pet`, `tls_private_key`) becomes
the built-in `terraform_data`, whose id is as unknown before apply. Modules that the corpus lacks are replaced by ones
that take everything and give back what is known after apply. Arguments and blocks of later providers go. Calls of AWS
by data sources end at `FakeAws`.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from fsbp_lsp.syntax.hcl import read_hcl
from fsbp_lsp.text import SourceFile
from tests.oracle.terraform import PlanError, Workspace

CORPUS = os.environ.get("FSBP_CORPUS", "")
PREFIX = "terraform-aws-modules__"
_MOCK = """
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
"""
_REGISTRY = re.compile(
    r'(\n[ \t]*source[ \t]*=[ \t]*)"terraform-aws-modules/([a-z0-9-]+)/aws(?://([^"]+))?"((?:\n[ \t]*)version[ \t]*=[ \t]*"[^"]*")?'
)
_TERRAFORM = re.compile(r"^terraform \{\n(?:[ \t].*\n|\n)*?\}\n", re.MULTILINE)
_REGION = re.compile(r"^[ \t]+region[ \t]*=[ \t]*var\.region[ \t]*(?:#.*)?\n", re.MULTILINE)
_FOREIGN = (
    r"random_(?:pet|id|string|password|integer)|null_resource|local_file|external|http|time_(?:sleep|static)"
    r"|tls_(?:private_key|self_signed_cert|cert_request|locally_signed_cert|certificate)"
)
_STAND_IN = re.compile(rf'^(resource|data) "({_FOREIGN})" "(\w+)" \{{\n(?:[ \t].*\n|\n)*?\}}\n', re.MULTILINE)
_STAND_IN_USE = re.compile(
    rf"\b(data\.(?=external|http|tls)|(?=random|null|local_file|time|tls))({_FOREIGN})\.(\w+)((?:\[[^]]*\])?)((?:\.\w+|\[[^]]*\])*)"
)
PLANNED = tuple(
    f"{PREFIX}terraform-aws-{name}"
    for name in (
        "ecs/examples/fargate",
        "kms/examples/complete",
        "rds/examples/complete-mysql",
        "s3-bucket/examples/complete",
        "s3-bucket/examples/s3-replication",
        "sns/examples/complete",
        "sqs/examples/complete",
    )
)
"""Examples that plan with provider 5.100: few enough for CI, of as many modules as plan at all.

What keeps others from planning: arguments that must be given in provider 6 and do not exist here (autoscaling, CloudFront, ECR
templates, managed instances of ECS), data sources that ask AWS more than `FakeAws` answers (endpoint services, images,
a hosted zone by id), variables without a default (atlantis), and outputs of modules that the corpus lacks.
"""
_REPAIRED = frozenset(
    {
        "Unsupported argument",
        "Unsupported block type",
        "Unsupported attribute",
        "Invalid resource type",
        "Invalid data source",
        "Reference to undeclared resource",
    }
)
_GONE = frozenset({"Unsupported argument", "Unsupported block type", "Invalid resource type", "Invalid data source"})
"""Errors after which what is named goes; after the others its value becomes null."""
_REFUSED = re.compile(r"(Value for unconfigurable attribute|Unsupported attribute)\n\n(?:  with [^\n]*\n)?  on (\S+) line (\d+)")
_CALL = re.compile(r'^module "(\w+)" \{\n((?:[ \t].*\n|\n)*?)\}\n', re.MULTILINE)


def examples() -> list[str]:
    """`repository/examples/name` of every example in the corpus."""
    root = Path(CORPUS)
    found = [path.parent for path in root.glob(f"{PREFIX}*/examples/*/main.tf")]
    return sorted(str(path.relative_to(root)) for path in found)


class Lab:
    """A copy of the corpus' modules, side by side, as they plan offline."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The copies make up one repository: modules call each other across them.
        (folder / ".git").mkdir()
        for repository in sorted(Path(CORPUS).glob(f"{PREFIX}*")):
            target = folder / repository.name
            shutil.copytree(repository, target, ignore=shutil.ignore_patterns(".git"))
            for path in target.rglob("*.tf"):
                if path.is_file():
                    path.write_text(self._planable(path, path.read_text(encoding="utf-8")), encoding="utf-8")
        self._stub()

    def _planable(self, path: Path, text: str) -> str:
        def local(match: re.Match[str]) -> str:
            wanted = self.folder / f"{PREFIX}terraform-aws-{match[2]}" / (match[3] or "")
            relative = os.path.relpath(wanted, path.parent)
            return f'{match[1]}"{relative if relative.startswith(".") else f"./{relative}"}"'

        def stand_in(match: re.Match[str]) -> str:
            count = re.search(r"^[ \t]+count[ \t]*=.*\n", match[0], re.MULTILINE)
            return f'resource "terraform_data" "{match[2]}_{match[3]}" {{\n{count[0] if count else ""}}}\n'

        def use(match: re.Match[str]) -> str:
            return f"terraform_data.{match[2]}_{match[3]}{match[4]}{'.id' if match[5] else ''}"

        text = _REGISTRY.sub(local, text)
        text = _TERRAFORM.sub(
            lambda match: re.sub(r"\n[ \t]*version[ \t]*=.*", "", match[0]) if "configuration_aliases" in match[0] else "", text
        )
        text = _REGION.sub("", text)
        text = re.sub(r"^[ \t]+skip_\w+[ \t]*=[ \t]*true[^\n]*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"\b(data\.aws_region\.\w+(?:\[0\])?)\.region\b", r"\1.name", text)
        text = _STAND_IN.sub(stand_in, text)
        if _STAND_IN_USE.search(text):
            text = _STAND_IN_USE.sub(use, text)
        return re.sub(r'^provider "aws" \{\n', f'provider "aws" {{{_MOCK}', text, flags=re.MULTILINE)

    def repair(self, workspace: Workspace, example: str) -> None:
        """Take out what the provider at hand does not know, as far as it is an argument or a block."""
        folder = self.folder / example
        for _round in range(8):
            wrong: dict[Path, dict[int, bool]] = {}
            for said in workspace.validate(folder):
                place = said.get("range")
                if place and said["summary"] in _REPAIRED:
                    wrong.setdefault(Path(os.path.normpath(folder / place["filename"])), {})[place["start"]["byte"]] = (
                        said["summary"] in _GONE
                    )
            if not wrong:
                return
            for path, offsets in wrong.items():
                path.write_bytes(without(path.read_bytes(), offsets))

    def plan(self, workspace: Workspace, example: str) -> bytes:
        """The plan of an example, what the provider refuses to be told taken out first. Raises PlanError."""
        folder = self.folder / example
        self.repair(workspace, example)
        for _round in range(6):
            try:
                return workspace.plan(folder, modules=True)
            except PlanError as error:
                refused = _REFUSED.findall(str(error))
                if not refused:
                    raise
                for summary, name, line in set(refused):
                    path = Path(os.path.normpath(folder / name))
                    lines = path.read_bytes().splitlines(keepends=True)
                    text = lines[int(line) - 1]
                    offset = sum(map(len, lines[: int(line) - 1])) + len(text) - len(text.lstrip())
                    path.write_bytes(without(path.read_bytes(), {offset: summary.startswith("Value")}))
        return workspace.plan(folder, modules=True)

    def _stub(self) -> None:
        """Modules that the corpus does not hold take every argument and give back what is known only after apply."""
        inputs: dict[Path, set[str]] = {}
        outputs: dict[Path, set[str]] = {}
        for path in self.folder.rglob("*.tf"):
            text = path.read_text(encoding="utf-8")
            for name, body in _CALL.findall(text):
                source = re.search(r'^[ \t]*source[ \t]*=[ \t]*"(\.[^"]*)"', body, re.MULTILINE)
                target = Path(os.path.normpath(path.parent / source[1])) if source is not None else None
                if target is None or any(target.glob("*.tf")):
                    continue
                inputs.setdefault(target, set()).update(re.findall(r"^  (\w+)[ \t]*=", body, re.MULTILINE))
                for other in path.parent.glob("*.tf"):
                    used = re.findall(rf"\bmodule\.{name}(?:\[[^]]*\])?\.(\w+)", other.read_text(encoding="utf-8"))
                    outputs.setdefault(target, set()).update(used)
        for target, names in inputs.items():
            target.mkdir(parents=True, exist_ok=True)
            taken = sorted(names - {"source", "version", "providers", "count", "for_each", "depends_on"})
            text = 'resource "terraform_data" "stub" {}\n' + "".join(f'variable "{name}" {{\n  default = null\n}}\n' for name in taken)
            given = sorted(outputs.get(target, ()))
            text += "".join(f'output "{name}" {{\n  value = jsondecode(terraform_data.stub.id)\n}}\n' for name in given)
            (target / "main.tf").write_text(text, encoding="utf-8")


def without(data: bytes, offsets: dict[int, bool]) -> bytes:
    """The file without the arguments and blocks that hold these offsets, or with arguments that say nothing."""
    spans: dict[tuple[int, int], bytes] = {}
    for piece, body in read_hcl(SourceFile("x.tf", data)).items:
        for at, go in ((offset - piece.base, go) for offset, go in offsets.items()):
            here = body
            while True:
                block = next((one for one in here.blocks if one.start <= at < one.end), None)
                if block is not None and at >= block.header_end:
                    here = block.body
                    continue
                attribute = next((one for one in here.attributes.values() if one.start <= at < one.end), None)
                if block is not None:
                    spans[piece.base + block.start, piece.base + block.end] = b""
                elif attribute is not None and go:
                    spans[piece.base + attribute.start, piece.base + attribute.end] = b""
                elif attribute is not None:
                    nothing = {"count": b"0", "for_each": b"{}"}.get(attribute.name, b"null")
                    spans[piece.base + attribute.expr_start, piece.base + attribute.expr_end] = nothing
                break
    for start, end in sorted(spans, reverse=True):
        data = data[:start] + spans[start, end] + data[end:]
    return data


_ANSWERS: dict[str, str] = {
    "GetCallerIdentity": (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        "<Arn>arn:aws:iam::111122223333:user/mock</Arn><UserId>AIDA</UserId><Account>111122223333</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    ),
    "DescribeAvailabilityZones": (
        '<DescribeAvailabilityZonesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><availabilityZoneInfo>'
        + "".join(
            f"<item><zoneName>us-east-1{letter}</zoneName><zoneId>use1-az{number}</zoneId><zoneState>available</zoneState>"
            "<regionName>us-east-1</regionName><optInStatus>opt-in-not-required</optInStatus><groupName>us-east-1</groupName></item>"
            for number, letter in enumerate("abcd", 1)
        )
        + "</availabilityZoneInfo></DescribeAvailabilityZonesResponse>"
    ),
    "DescribeImages": (
        '<DescribeImagesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><imagesSet><item><imageId>ami-12345678</imageId>'
        "<imageState>available</imageState><name>mock</name><creationDate>2026-01-01T00:00:00.000Z</creationDate>"
        "<rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName></item></imagesSet></DescribeImagesResponse>"
    ),
}


_OWNER = (
    '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>1234567890abcdef</ID>'
    "<DisplayName>mock</DisplayName></Owner><Buckets></Buckets></ListAllMyBucketsResult>"
)
_ZONES = (
    '<ListHostedZonesResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZones>'
    "<HostedZone><Id>/hostedzone/Z0123456789</Id><Name>terraform-aws-modules.modules.tf.</Name><CallerReference>x</CallerReference>"
    "<Config><PrivateZone>false</PrivateZone></Config><ResourceRecordSetCount>2</ResourceRecordSetCount></HostedZone>"
    "</HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesResponse>"
)
_TAGS = (
    '<ListTagsForResourceResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceTagSet>'
    "<ResourceType>hostedzone</ResourceType><ResourceId>Z0123456789</ResourceId><Tags></Tags></ResourceTagSet></ListTagsForResourceResponse>"
)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """The query and JSON protocols of STS, EC2 and SSM."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode("utf-8", "replace")
        action = parse_qs(body).get("Action", [self.headers.get("X-Amz-Target", "").rpartition(".")[2]])[0]
        if action == "GetParameter":
            self._answer(
                200,
                '{"Parameter":{"Name":"p","Type":"String","Value":"ami-12345678","Version":1,"ARN":"arn:aws:ssm:us-east-1::parameter/p"}}',
            )
        elif action in _ANSWERS:
            self._answer(200, f'<?xml version="1.0" encoding="UTF-8"?>{_ANSWERS[action]}')
        else:
            self._answer(400, "<Response><Errors><Error><Code>NotMocked</Code><Message>not mocked</Message></Error></Errors></Response>")

    def do_GET(self) -> None:
        """S3 and Route 53."""
        path = self.path.partition("?")[0]
        if path == "/":
            self._answer(200, _OWNER)
        elif path == "/2013-04-01/hostedzone":
            self._answer(200, _ZONES)
        elif path.startswith("/2013-04-01/tags/"):
            self._answer(200, _TAGS)
        else:
            self._answer(400, "<Error><Code>NotMocked</Code><Message>not mocked</Message></Error>")

    def _answer(self, status: int, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1" if data[:1] == b"{" else "text/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class FakeAws:
    """Answers the few questions that data sources of examples ask, on a port of this machine."""

    def __enter__(self) -> str:
        self._server = HTTPServer(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
