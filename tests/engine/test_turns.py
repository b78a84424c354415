"""Checks of one session that take turns, as the language server has them: each gives what it would give alone.

Harder than it is in the server: whatever a check asks whether to go on, or reads a file, another one begins and ends there,
on newer text of some other directory.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from fsbp_lsp.config import Settings
from fsbp_lsp.engine.check import ModuleReport, Session
from fsbp_lsp.engine.discover import ModuleKey
from tests.controls.memory import MemoryFiles
from tests.controls.run import TODAY
from tests.engine.test_session import answers, edited

ROOT = """\
module "data" {
  source   = "../child"
  name     = local.name
  recover  = var.recover
  for_each = toset(["a", "b"])
}

variable "recover" {
  default = false
}

locals {
  name = "orders"
}

resource "aws_s3_bucket_policy" "given" {
  bucket = module.data["a"].bucket
  policy = "{}"
}
"""
CHILD = """\
variable "name" {}

variable "recover" {
  default = true
}

resource "aws_dynamodb_table" "table" {
  name = var.name

  point_in_time_recovery {
    enabled = var.recover
  }
}

resource "aws_s3_bucket" "bucket" {
  bucket = var.name
}

output "bucket" {
  value = aws_s3_bucket.bucket.id
}
"""
OTHER = """\
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket            = aws_s3_bucket.logs.id
  block_public_acls = file("${path.module}/../child/flag")
}

module "data" {
  source = "../child"
  name   = aws_s3_bucket.logs.bucket
}
"""
START = {"root/main.tf": ROOT, "child/main.tf": CHILD, "child/more.tf": 'resource "aws_ecr_repository" "r" {}\n', "other/main.tf": OTHER}
START["child/flag"] = "true"
KEYS = [ModuleKey("terraform", path) for path in ("root", "child", "other")]


class Interrupted(MemoryFiles):
    """Files with a call before each look at them."""

    pause: Callable[[], None] = staticmethod(lambda: None)

    def look(self) -> None:
        self.pause()

    def read(self, path: str) -> bytes:
        self.pause()
        return super().read(path)


def healthy(report: ModuleReport) -> bool:
    """Everything that has a say in it could be read: otherwise what was certain before is kept."""
    assert report.module is not None
    return report.module.complete and all(unit.complete for unit in report.units)


@pytest.mark.parametrize("seed", range(5))
def test_checks_that_take_turns_give_what_they_give_alone(seed: int) -> None:
    chance = random.Random(seed)
    now = dict(START)
    files = Interrupted({name: text.encode() for name, text in now.items()})
    settings = Settings()
    session = Session(files, lambda _path: settings, TODAY, keep=True, pause=files.look)
    under_way: list[ModuleKey] = []
    interruptions = 0
    compared = 0

    def alone(key: ModuleKey) -> ModuleReport:
        files.pause = lambda: None
        try:
            report = Session(files, lambda _path: settings, TODAY).check_module(key)
        finally:
            files.pause = turn
        assert report is not None
        return report

    def turn() -> None:
        nonlocal interruptions
        if len(under_way) not in (1, 2) or chance.random() > 0.1:
            return
        # A directory is checked once at a time.
        key = chance.choice([key for key in KEYS if key not in under_way])
        interruptions += 1
        check(key)

    def alive() -> bool:
        turn()
        return True

    def check(key: ModuleKey) -> None:
        nonlocal compared
        under_way.append(key)
        report = session.check_module(key, alive)
        under_way.pop()
        expected = alone(key)
        if healthy(expected):
            compared += 1
            assert answers(report) == answers(expected), (key, now)

    files.pause = turn
    for _step in range(30):
        name = chance.choice([name for name in now if name.endswith(".tf")])
        now[name] = START[name] if chance.random() < 0.5 else edited(now[name], chance)
        files.contents[name] = now[name].encode()
        session.look_for_callers()
        for key in chance.sample(KEYS, 3):
            check(key)
    assert interruptions > 20
    assert compared > 20


@pytest.mark.parametrize("seed", range(5))
def test_text_that_changes_under_way_leaves_nothing_wrong_behind(seed: int) -> None:
    """What such a check says is dropped by the server, or said again; what it remembers must not mislead the next one."""
    chance = random.Random(seed)
    now = dict(START)
    files = Interrupted({name: text.encode() for name, text in now.items()})
    settings = Settings()
    session = Session(files, lambda _path: settings, TODAY, keep=True, pause=files.look)
    under_way: list[ModuleKey] = []

    def turn() -> None:
        if not under_way or len(under_way) > 2 or chance.random() > 0.1:
            return
        name = chance.choice([name for name in now if name.endswith(".tf")])
        now[name] = START[name] if chance.random() < 0.5 else edited(now[name], chance)
        files.contents[name] = now[name].encode()
        session.look_for_callers()
        check(chance.choice(KEYS))

    def alive() -> bool:
        turn()
        return chance.random() > 0.01

    def check(key: ModuleKey) -> None:
        if key in under_way:
            return
        under_way.append(key)
        session.check_module(key, alive)
        under_way.pop()

    compared = 0
    for _step in range(15):
        files.pause = turn
        for key in chance.sample(KEYS, 3):
            check(key)
        files.pause = lambda: None
        for key in KEYS:
            expected = Session(files, lambda _path: settings, TODAY).check_module(key)
            assert expected is not None
            if healthy(expected):
                compared += 1
                assert answers(session.check_module(key)) == answers(expected), (key, now)
    assert compared > 10
