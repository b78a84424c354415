"""Addresses are taken apart where module calls end, whatever the modules are called."""

from __future__ import annotations

import itertools

import pytest

from fsbp_lsp.terraform.address import join, split

NAMES = ("a", "data", "module", "a_module", "data_module", 'data["a"]', 'module["data"]', 'x["a.module"]', "x[0]")
LOCALS = ("aws_s3_bucket.data", "data.aws_s3_bucket.b", "module.data", "module.module", "aws_x.module")


@pytest.mark.parametrize("depth", range(4))
def test_prefix_and_local_come_back(depth: int) -> None:
    for names in itertools.product(NAMES, repeat=depth):
        prefix = ".".join(f"module.{name}" for name in names)
        for local in LOCALS:
            assert split(join(prefix, local)) == (prefix, local)
