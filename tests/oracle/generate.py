"""Configurations made from a seed: the resource types our controls read, their values written in every way people write them.

A value is drawn first and then dressed (`dress`); blocks repeat by `count` and `for_each` or are `dynamic`; companions
stand in a file of their own and point at their bucket in any way that works.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.oracle.dress import Dresser, block, literal
from tests.oracle.types import BOOL, TYPES, Attributes

BPA = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
OPEN = '{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::x/*" }'
SECURE = '{ Bool = { "aws:SecureTransport" = "false" } }'
CLOSED = f'{{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "arn:aws:s3:::x/*", Condition = {SECURE} }}'

GUARD = """
variable "bucket" {}

variable "block" {
  type = bool
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = var.bucket
  block_public_acls       = var.block
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = var.block
}
"""
STORE = """
variable "name" {}

resource "aws_s3_bucket" "this" {
  count  = 1
  bucket = var.name
}

output "id" {
  value = one(aws_s3_bucket.this[*].id)
}
"""
MODULES = {"guard/main.tf": GUARD, "store/main.tf": STORE}


class Generator:
    """One module of resources."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.dresser = Dresser(self.random)
        self.dress = self.dresser.dress
        self._main: list[str] = []
        self._companions: list[str] = []

    def _pick(self, *values: str) -> str:
        return self.dress(self.random.choice(values), self.random.choice(values))

    def _assign(self, name: str, values: tuple[object, ...]) -> str:
        value = self.random.choice(values)
        rest = [one for one in values if one is not value and one is not None] or [value]
        return f"{name} = {self.dress(value, self.random.choice(rest))}"

    def _assigned(self, attributes: Attributes, required: frozenset[str], chance: float) -> list[str]:
        return [self._assign(name, values) for name, values in attributes.items() if name in required or self.random.random() < chance]

    # Resources of one piece

    def resource(self) -> None:
        type = self.random.choice(list(TYPES))
        shape = TYPES[type]
        attributes = dict(shape.attributes)
        lines: list[str] = []
        repeat = self.random.randrange(6)
        if repeat == 0:
            lines.append(f"count = {self.dress(self.random.choice((0, 1, 2)), 1)}")
        elif repeat in (1, 2) and attributes:
            name = self.random.choice(list(attributes))
            values = [one for one in attributes.pop(name) if one is not None]
            table = f"{{ a = {literal(self.random.choice(values))}, b = {literal(self.random.choice(values))} }}"
            lines += [f"for_each = {self.dresser.local(table) if repeat == 1 else table}", f"{name} = each.value"]
        elif repeat == 3:
            lines.append('for_each = toset(["x", "y"])')
        elif repeat == 4 and attributes:
            lines += self._by_objects(attributes)
        lines += shape.fixed
        lines += self._assigned(attributes, shape.required, 0.7)
        for name, inner in shape.blocks.items():
            if name in shape.required or self.random.random() < 0.7:
                lines.append(self._block(name, self._assigned(inner, shape.required, 0.85), name in shape.required))
        self._main.append(block(f'resource "{type}" "{self.dresser.name("r")}"', *lines))

    def _by_objects(self, attributes: Attributes) -> list[str]:
        """`for_each` over a map of objects that give some of the attributes: takes these out of `attributes`."""
        taken = {name: attributes.pop(name) for name in list(attributes) if self.random.random() < 0.6}
        rows: list[str] = []
        for key in ("a", "b"):
            given = [f"{name} = {literal(self.random.choice(values))}" for name, values in taken.items()]
            rows.append(f"{key} = {{ {', '.join(given)} }}")
        table = f"{{ {', '.join(rows)} }}"
        reads = ("each.value.{0}", "try(each.value.{0}, null)", 'lookup(each.value, "{0}", null)', 'each.value["{0}"]')
        lines = [f"{name} = {self.random.choice(reads).format(name)}" for name in taken]
        return [f"for_each = {self.dresser.local(table) if self.random.random() < 0.5 else table}", *lines]

    def _block(self, name: str, lines: list[str], required: bool) -> str:
        kind = self.random.randrange(5)
        if kind > 1 or (kind == 1 and required):
            return block(name, *lines)
        over = f"{self.dresser.variable(True, False)} ? [1] : []" if kind == 0 else self.dresser.local("[]")
        return block(f'dynamic "{name}"', f"for_each = {over}", block("content", *lines))

    # Security groups and networks

    def security_group(self) -> None:
        name = self.dresser.name("sg")
        ports = [self.random.choice((22, 80, 443, 3389, 8080)) for _rule in range(self.random.randrange(1, 4))]
        rules = [(port, self.random.choice(("0.0.0.0/0", "10.0.0.0/8"))) for port in ports]
        form = self.random.randrange(4)
        inside: list[str] = []
        if form == 0:
            for port, source in rules:
                sources = f"cidr_blocks = [{self.dress(source, '10.1.0.0/16')}]"
                inside.append(block("ingress", f"from_port = {self.dress(port, 1)}", f"to_port = {port}", 'protocol = "tcp"', sources))
        elif form == 1:
            table = ", ".join(f'{{ port = {port}, from = ["{source}"] }}' for port, source in rules)
            lines = (
                "from_port = ingress.value.port",
                "to_port = ingress.value.port",
                'protocol = "tcp"',
                "cidr_blocks = ingress.value.from",
            )
            inside.append(block('dynamic "ingress"', f"for_each = {self.dresser.local(f'[{table}]')}", block("content", *lines)))
        self._main.append(block(f'resource "aws_security_group" "{name}"', 'description = "x"', *inside))
        group = f"security_group_id = aws_security_group.{name}.id"
        if form == 2:
            for number, (port, source) in enumerate(rules):
                said = (
                    f"type = {self._pick('ingress', 'egress')}",
                    f"from_port = {self.dress(port, 1)}",
                    f"to_port = {port}",
                    f"protocol = {self.dress('tcp', 'udp')}",
                    f"cidr_blocks = {self.dress((source,), ('10.2.0.0/16',))}",
                )
                self._companions.append(block(f'resource "aws_security_group_rule" "{name}_{number}"', group, *said))
        elif form == 3:
            table = ", ".join(f'r{number} = "{source}"' for number, (_port, source) in enumerate(rules))
            ends = (f"from_port = {ports[0]}", f"to_port = {ports[0]}", 'ip_protocol = "tcp"', "cidr_ipv4 = each.value")
            over = f"for_each = {self.dresser.local(f'{{ {table} }}')}"
            self._companions.append(block(f'resource "aws_vpc_security_group_ingress_rule" "{name}"', over, group, *ends))

    def network(self) -> None:
        name = self.dresser.name("n")
        self._main.append(block(f'resource "aws_vpc" "{name}"', f"cidr_block = {self.dress('10.0.0.0/16', '10.1.0.0/16')}"))
        vpc = f"vpc_id = aws_vpc.{name}.id"
        if self.random.random() < 0.7:
            lines = (
                f"traffic_type = {self._pick('ALL', 'REJECT', 'ACCEPT')}",
                'log_destination_type = "s3"',
                'log_destination = "arn:aws:s3:::l"',
            )
            self._companions.append(block(f'resource "aws_flow_log" "{name}"', vpc, *lines))
        if self.random.random() < 0.5:
            rule = block("ingress", 'protocol = "-1"', "self = true", "from_port = 0", "to_port = 0")
            rules = [rule] if self.random.random() < 0.4 else []
            self._companions.append(block(f'resource "aws_default_security_group" "{name}"', vpc, *rules))
        if self.random.random() < 0.5:
            port = self.random.choice((22, 443))
            ports = (f"from_port = {self.dress(port, 1)}", f"to_port = {port}", 'protocol = "tcp"', "rule_no = 100")
            entry = block(
                "ingress", f"action = {self._pick('allow', 'deny')}", f"cidr_block = {self._pick('0.0.0.0/0', '10.0.0.0/8')}", *ports
            )
            self._companions.append(block(f'resource "aws_network_acl" "{name}"', vpc, entry))

    # Buckets and what belongs to them

    def bucket(self) -> None:
        name = self.dresser.name("b")
        named = self.random.random() < 0.6
        repeat = self.random.choice(("", "", "count", "for_each", "chained", "gate"))
        lines = {
            "count": ["count = 2"],
            "for_each": ['for_each = toset(["x", "y"])'],
            "chained": ['for_each = toset(["x", "y"])'],
            "gate": [f"count = {self.dresser.variable(True, False)} ? 1 : 0"],
        }.get(repeat, [])
        suffix = {"count": "-${count.index}", "for_each": "-${each.key}", "chained": "-${each.key}"}.get(repeat, "")
        if named:
            lines.append(f'bucket = "corp-{name}{suffix}"')
        self._main.append(block(f'resource "aws_s3_bucket" "{name}"', *lines))
        if not repeat and self.random.random() < 0.4:
            # Its companions stand in a module.
            self._main.append(
                block(f'module "{name}"', 'source = "./guard"', f"bucket = aws_s3_bucket.{name}.id", self._assign("block", BOOL))
            )
            return
        if not repeat and self.random.random() < 0.3:
            # The bucket stands in a module, its companion here.
            self._main.append(block(f'module "{name}"', 'source = "./store"', f'name = "corp-{name}-m"'))
            self._companions.append(
                block(f'resource "aws_s3_bucket_public_access_block" "{name}"', f"bucket = module.{name}.id", self._assign(BPA[0], BOOL))
            )
        for type, make in self._bucket_companions().items():
            if self.random.random() < 0.65:
                over, link = self._link(name, repeat, named)
                self._companions.append(block(f'resource "{type}" "{self.dresser.name("c")}"', over, f"bucket = {link}", *make()))

    def _link(self, name: str, repeat: str, named: bool) -> tuple[str, str]:
        """(what the companion repeats by, how it points at its bucket)."""
        attribute = self.random.choice(("id", "id", "bucket"))
        bucket = f"aws_s3_bucket.{name}"
        if repeat == "count":
            return "count = 2", f"{bucket}[count.index].{attribute}"
        if repeat == "for_each":
            return 'for_each = toset(["x", "y"])', f"{bucket}[each.key].{attribute}"
        if repeat == "chained":
            return f"for_each = {bucket}", f"each.value.{attribute}"
        if repeat == "gate":
            forms = (f"{bucket}[0].{attribute}", f"one({bucket}[*].{attribute})", f"try({bucket}[0].{attribute}, null)")
            return f"count = length({bucket})", self.random.choice(forms)
        choices = [f"{bucket}.{attribute}", self.dresser.local(f"{bucket}.{attribute}")]
        if named:
            choices.append(f'"corp-{name}"')
        return "", self.random.choice(choices)

    def _bucket_companions(self) -> dict[str, Callable[[], list[str]]]:
        return {
            "aws_s3_bucket_public_access_block": lambda: self._assigned(dict.fromkeys(BPA, (True, True, True, False)), frozenset(), 0.9),
            "aws_s3_bucket_logging": lambda: ['target_bucket = "logs"', 'target_prefix = "x/"'],
            "aws_s3_bucket_server_side_encryption_configuration": lambda: [
                block("rule", block("apply_server_side_encryption_by_default", f"sse_algorithm = {self._pick('aws:kms', 'AES256')}"))
            ],
            "aws_s3_bucket_policy": lambda: [f"policy = {self._policy()}"],
            "aws_s3_bucket_lifecycle_configuration": lambda: [
                block("rule", 'id = "r"', f"status = {self._pick('Enabled', 'Disabled')}", "filter {}", block("expiration", "days = 30"))
            ],
        }

    # Policies

    def _policy(self) -> str:
        statements = self.random.choice(((OPEN,), (CLOSED,), (OPEN, CLOSED)))
        form = self.random.randrange(4)
        if form == 0:
            name = self.dresser.name("d")
            self._companions.append(
                block(f'data "aws_iam_policy_document" "{name}"', *(self._statement(one is OPEN) for one in statements))
            )
            return f"data.aws_iam_policy_document.{name}.json"
        listed = f"[{', '.join(statements)}]"
        if form == 1:
            listed = f"concat([{statements[0]}], [{', '.join(statements[1:])}])"
        text = f'jsonencode({{ Version = "2012-10-17", Statement = {listed} }})'
        return self.dresser.local(text) if form == 2 else text

    def _statement(self, open: bool) -> str:
        condition = block("condition", 'test = "Bool"', 'variable = "aws:SecureTransport"', 'values = ["false"]')
        return block(
            "statement",
            f"effect = {self.dress('Allow' if open else 'Deny', 'Deny')}",
            f"actions = {self.dress(('s3:GetObject' if open else 's3:*',), ('s3:ListBucket',))}",
            'resources = ["arn:aws:s3:::x/*"]',
            block("principals", 'type = "*"', 'identifiers = ["*"]'),
            "" if open else condition,
        )

    def identity(self) -> None:
        name = self.dresser.name("p")
        action, resource = self.random.choice(("*", "s3:*", "s3:GetObject")), self.random.choice(("*", "arn:aws:s3:::x"))
        statement = (
            f"{{ Effect = {self.dress('Allow', 'Deny')}, Action = {self.dress(action, 's3:PutObject')}, "
            f"Resource = {self.dress((resource,), ('arn:aws:s3:::y',))} }}"
        )
        text = f'jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'
        self._main.append(block(f'resource "aws_iam_policy" "{name}"', f"policy = {text}"))
        self._main.append(block(f'resource "aws_iam_user" "{name}"', f'name = "{name}"'))
        if self.random.random() < 0.6:
            link = self.random.choice((f"aws_iam_user.{name}.name", f"aws_iam_user.{name}.id", f'"{name}"'))
            lines = (f"user = {link}", 'policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"')
            self._companions.append(block(f'resource "aws_iam_user_policy_attachment" "{name}"', *lines))

    # Files

    def _fill(self, size: int) -> dict[str, str]:
        pieces = (self.security_group, self.bucket, self.identity, self.network)
        for number in range(size):
            (self.resource if number % 5 > 1 else pieces[(number // 5 * 2 + number % 5) % len(pieces)])()
        return {
            "main.tf": "\n\n".join(self._main) + "\n",
            "companions.tf": "\n\n".join(self._companions) + "\n",
            "variables.tf": "\n\n".join(self.dresser.variables) + "\n",
            "locals.tf": block("locals", *self.dresser.locals) + "\n",
        }

    def module(self, size: int = 60) -> dict[str, str]:
        """A root module with about `size` resource blocks: file name to text."""
        files = self._fill(size) | MODULES
        files["terraform.tfvars"] = "".join(f"{name} = {value}\n" for name, value in self.dresser.tfvars.items())
        return files

    def called(self, size: int = 30) -> dict[str, str]:
        """The same as a module that a root module calls twice, each variable that a value file would set an argument."""
        files = {f"part/{name}": text for name, text in (self._fill(size) | MODULES).items()}
        arguments = [f"{name} = {value}" for name, value in self.dresser.tfvars.items()]
        files["main.tf"] = block('module "part"', 'source = "./part"', 'for_each = toset(["a", "b"])', *arguments) + "\n"
        return files
