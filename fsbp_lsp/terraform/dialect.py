"""Placeholder until the writer is connected."""

from __future__ import annotations

from fsbp_lsp.model.resource import Dialect, Refusal
from fsbp_lsp.terraform.documents import decode


class TerraformDialect(Dialect):
    name = "terraform"

    def put(self, resource, path, want):
        return Refusal("not yet")

    def replace(self, at, want, node=None):
        return Refusal("not yet")

    def remove(self, resource, path):
        return Refusal("not yet")

    def insert_resource(self, after, type, name, body):
        return Refusal("not yet")

    def append(self, resource, path, want):
        return Refusal("not yet")

    def insert_ignore(self, resource, at, ids, reason, until=""):
        return Refusal("not yet")

    def decode_json(self, value):
        return decode(value)


TERRAFORM = TerraformDialect()
