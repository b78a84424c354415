"""What the writer tests share: sources as `terraform fmt` leaves them, and random operations on them."""

from __future__ import annotations

import random
from typing import Any

from fsbp_lsp.syntax.hcl import read_hcl
from fsbp_lsp.syntax.hcl_tree import Body, Call, Expr, Literal, Object, Tuple
from fsbp_lsp.terraform import write
from fsbp_lsp.terraform.write import Expression, NewBlock, jsonencode
from fsbp_lsp.text import Edit, Piece, Refusal, SourceFile, apply_edits

BUCKET = """\
resource "aws_s3_bucket" "logs" {
  bucket = "logs" # name
  acl    = "private"

  tags = {
    Owner = "me"
    "a:b" = 1 # one
  }

  policy = <<-EOT
    { "a = b": "# no" }
  EOT
  region = "eu"

  versioning {
    enabled = false
  }

  lifecycle {
    prevent_destroy = true
  }
}
"""
GROUP = """\
# head
variable "x" {
  default = ["10.0.0.0/8"] # trailing
}

resource "aws_security_group" "g" {
  name        = "g"
  description = "${var.x}-{"
  ingress {}
  egress { self = true }
  cidrs = [
    "a", # first
    "b"  # second
  ]
  more = [
    1,
    2,
  ]
  inline = { a = 1, b = [1, 2] } # object
  rules = [{
    a = 1
    }, {
    b = 2
  }]
  empty_list   = []
  empty_object = {}
  document = jsonencode({
    Statement = [
      {
        Effect   = "Allow"
        Resource = "*"
      },
    ]
  })
  dynamic "logging" {
    for_each = var.x
    content {
      target = logging.value
    }
  }
}

locals { one = 1 }
"""
SOURCES = [BUCKET, GROUP, BUCKET.replace("\n", "\r\n"), "\ufeff" + GROUP, GROUP.rstrip("\n"), 'a "b" {\n}\n', "x = 1\n\nyyy = 2\n"]

WANTED: list[Any] = [
    True,
    7,
    2.5,
    None,
    'text ${x} %{y} "q" \\ é\n',
    "a" * 70,
    ["a", "b"],
    [{"a": 1, "bbbb": "c"}],
    [],
    {},
    {"x": 1, "long_key": [1, 2], "z": {"q": "w"}, "yy": None, "a:b": True},
    jsonencode({"Version": "x", "Statement": [{"Effect": "Deny", "Action": ["s3:*"]}]}),
    Expression("var.something"),
]

NAMES = ["set", "set long", "replace", "content", "block", "remove", "remove block", "key", "remove key"]
NAMES += ["element", "remove element", "after", "above", "behind"]

Outcome = tuple[Edit, ...] | Refusal


def pieces(text: str | bytes) -> list[tuple[Piece, Body]]:
    data = text.encode() if isinstance(text, str) else text
    file = read_hcl(SourceFile("main.tf", data))
    assert file.complete, file.errors
    return file.items


def bodies(body: Body) -> list[Body]:
    """All bodies of blocks below, outer ones first."""
    return [found for block in body.blocks for found in (block.body, *bodies(block.body))]


def collections(body: Body, kind: type[Expr]) -> list[Any]:
    found: list[Any] = []
    pending: list[Expr] = [attribute.expr for attribute in body.attributes.values()]
    while pending:
        node = pending.pop()
        if isinstance(node, kind):
            found.append(node)
        if isinstance(node, Object):
            pending += [value for _key, value in node.items]
        elif isinstance(node, Tuple):
            pending += node.items
        elif isinstance(node, Call):
            pending += node.args
    return found


class Operation:
    """One random operation that can be asked again of the result: it names its target by position."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.name = ""
        self.want: Any = None

    def __call__(self, text: bytes) -> Outcome | None:
        """Edits for `text`; None when the drawn operation has no target there."""
        pick = random.Random(self.seed)
        items = pieces(text)
        number = pick.random()
        piece, top = items[int(number * len(items))]
        bodies_ = [*bodies(top)] or [top]
        body = bodies_[int(pick.random() * len(bodies_))]
        want = self.want = pick.choice(WANTED)
        which = pick.random()
        key = pick.choice(["z", "some_longer_key_to_align", "a:b", "Owner"])
        self.name = name = pick.choice(NAMES)
        if name == "set":
            return write.set_attribute(piece, body, "zz", want)
        if name == "set long":
            return write.set_attribute(piece, body, "a_rather_long_attribute_name_to_align", want)
        if name == "content":
            return write.add_content(piece, body, [("m", want), ("much_longer", 2), NewBlock("added", [("d", want)])])
        if name == "block":
            return write.insert_block(piece, body, NewBlock("logging", [("a", 1), ("bbb", want), NewBlock("c", [("d", 1)])]))
        if name in ("above", "behind"):
            targets = [attribute.start for attribute in body.attributes.values()] or [0]
            at = targets[int(which * len(targets))]
            place = write.insert_comment_above if name == "above" else write.insert_comment_behind
            return place(piece, at, "# fsbp:ignore S3.8 -- reason")
        if name == "after" and top.blocks:
            return write.insert_block_after(piece, top.blocks[-1], NewBlock("resource", [("a", want)], ("t", "n")))
        if name in ("replace", "remove") and body.attributes:
            attribute = list(body.attributes)[int(which * len(body.attributes))]
            return (
                write.set_attribute(piece, body, attribute, want) if name == "replace" else write.remove_attribute(piece, body, attribute)
            )
        if name == "remove block" and body.blocks:
            return write.remove_block(piece, body, body.blocks[int(which * len(body.blocks))])
        objects = collections(body, Object)
        if name in ("key", "remove key") and objects:
            node = objects[int(which * len(objects))]
            keys = [one.value for one, _value in node.items if isinstance(one, Literal)]
            if name == "key":
                return write.set_key(piece, node, key, want)
            return write.remove_key(piece, node, pick.choice(keys)) if keys else None
        tuples = collections(body, Tuple)
        if name in ("element", "remove element") and tuples:
            node = tuples[int(which * len(tuples))]
            if name == "element":
                return write.append_element(piece, node, want)
            return write.remove_element(piece, node, pick.randrange(len(node.items))) if node.items else None
        return None


def applied(text: bytes, outcome: Outcome | None) -> bytes | None:
    """The text after the edits; None for a refusal."""
    return None if outcome is None or isinstance(outcome, Refusal) else apply_edits(text, outcome)
