"""Random strings and heredocs: what we read is what the real `terraform console` makes of them."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fsbp_lsp.syntax.hcl_tree import Expr, Literal, Template
from tests.syntax.hcl_trees import read

terraform = shutil.which("terraform")
BOTH = ["a", "b ", " ", "  ", "\t", "$.", "%.", "$$.", "$${", "%%{", "${1}", "${~ 1 ~}", "${~ 2}", "${3 ~}", '${"x"}', '${ "a${"b"}" }']
BOTH += ["é", "{", "}", "~", "#", "//", "<<E"]
QUOTED = [*BOTH, "\\n", '\\"', "\\\\", "\\t", "\\u00e9", "\\U0001F600"]
HEREDOC = [*BOTH, "\n", "\n", "\n  ", "\n    ", "\n\t", "\n \n", '"', "\\n", "\r\n"]


def _random_template(pick: random.Random) -> str:
    if pick.random() < 0.4:
        return '"' + "".join(pick.choice(QUOTED) for _ in range(pick.randrange(8))) + '"'
    body = "".join(pick.choice(HEREDOC) for _ in range(pick.randrange(12)))
    end = "" if body.endswith("\n") or not body else "\n"
    return f"<<{pick.choice(['', '-', '-'])}EOT\n{body}{end}{pick.choice(['', ' ', '    '])}EOT"


def _text(node: Any) -> Any:
    if isinstance(node, str):
        return node
    if isinstance(node, Literal):
        return node.value
    assert isinstance(node, Template)
    if len(node.parts) == 1 and not node.heredoc and isinstance(node.parts[0], Expr):
        return _text(node.parts[0])
    return "".join(str(_text(part)) for part in node.parts)


@pytest.mark.skipif(terraform is None, reason="no terraform program on this machine")
def test_strings_and_heredocs(tmp_path: Path) -> None:
    pick = random.Random(11)
    sources = [_random_template(pick) for _ in range(300)]
    text = "locals {\n" + "".join(f"  v{number} = {source}\n" for number, source in enumerate(sources)) + "}\n"
    (tmp_path / "main.tf").write_text(text, encoding="utf-8", newline="")
    asked = "base64encode(jsonencode([" + ", ".join(f"local.v{number}" for number in range(len(sources))) + "]))\n"
    environment = {key: value for key, value in os.environ.items() if key != "TF_CLI_CONFIG_FILE"} | {"CHECKPOINT_DISABLE": "1"}
    run = subprocess.run(
        [str(terraform), "console"], cwd=tmp_path, env=environment, input=asked, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    real = json.loads(base64.b64decode(run.stdout.strip().strip('"')))
    file = read(text)
    assert file.complete
    attributes = file.items[0][1].blocks[0].body.attributes
    wrong = [
        (source, _text(attributes[f"v{number}"].expr), real[number])
        for number, source in enumerate(sources)
        if _text(attributes[f"v{number}"].expr) != real[number]
    ]
    assert wrong == []
