"""What a text that looks like a Terraform plan holds, read with Python's own JSON reader.

A plan is what `terraform show -json FILE` and `tofu show -json FILE` print
(https://developer.hashicorp.com/terraform/internals/json-format).
"""

from __future__ import annotations

from fsbp_lsp.files import ReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Table = dict[str, Any]

MAX_RESOURCES = 50_000
MAX_MODULES = 5_000
MAX_DEPTH = 60
"""Levels of nesting that are read of one resource; what lies deeper is not known."""


def read_plan(data: bytes) -> Table | None:
    """The plan as plain data; None when the text is JSON but no plan.

    Raises ReadError for what looks like a plan and cannot be read, with the reason in words.
    """
    import json  # a check of source never needs it

    try:
        made = json.loads(data.decode("utf-8-sig"))
    except RecursionError:
        raise ReadError("not a readable plan: nested too deeply") from None
    except UnicodeDecodeError:
        raise ReadError("not a readable plan: not valid UTF-8") from None
    except ValueError as error:
        raise ReadError(f"not a readable plan: {str(error).partition(';')[0]}") from None
    if not isinstance(made, dict):
        return None
    version = made.get("format_version")
    if not isinstance(version, str) or not ("planned_values" in made or "resource_changes" in made):
        return None
    major = version.partition(".")[0]
    if major not in ("0", "1"):
        raise ReadError(f"a plan in format {version[:20]}, and only 0.x and 1.x are understood")
    if len(rows(made.get("resource_changes"))) > MAX_RESOURCES:
        raise ReadError(f"a plan of more than {MAX_RESOURCES} resources")
    return made


def table(data: object) -> Table:
    """The JSON object, an empty one for anything else: a plan is input like any other."""
    return data if isinstance(data, dict) else {}


def rows(data: object) -> list[Any]:
    """The JSON array, an empty one for anything else."""
    return data if isinstance(data, list) else []


def words(data: object) -> str:
    """The JSON string, '' for anything else."""
    return data if isinstance(data, str) else ""
