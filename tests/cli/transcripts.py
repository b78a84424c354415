"""Golden transcripts: Markdown files whose `console` blocks show commands and exactly what they print.

Per `##` section: fenced blocks with `path=NAME` in their info string become files of a fresh folder;
in a `console` block, `$ fsbp …` runs a command there (standard output and error as one stream), and
`[exit N]` ends its output when the status is not 0. `$ cat NAME` prints a file, `$ hook …` and
`$ hook-fix …` run the hooks, `$ git …` runs git. UPDATE_TRANSCRIPTS=1 rewrites the outputs for review.
"""

from __future__ import annotations

import io
import os
import pathlib
import re
import shlex
import subprocess
import sys

from fsbp_lsp.cli import hook_main, main

_FENCE = re.compile(r"^(`{3,})([^\n]*)\n(.*?)^\1[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_QUIET = {"FSBP_CONFIG", "FSBP_FAIL_ON", "FSBP_TRACEBACK", "NO_COLOR", "FORCE_COLOR", "PRE_COMMIT_COLOR"}


class Section:
    """One `##` section: its title and its place in the text."""

    def __init__(self, title: str, start: int, text: str) -> None:
        self.title = title
        self.start = start
        self.text = text


def sections(text: str) -> list[Section]:
    """The `##` sections of a transcript file."""
    starts = [found.start() for found in re.finditer(r"^## ", text, re.MULTILINE)]
    ends = [*starts[1:], len(text)]
    return [
        Section(text[start:end].partition("\n")[0][3:].strip(), start, text[start:end]) for start, end in zip(starts, ends, strict=True)
    ]


def replay(section: Section, folder: pathlib.Path) -> str:
    """The section's text with the outputs its commands have now. The working directory must be `folder`."""

    def block(found: re.Match[str]) -> str:
        fence, info, body = found.groups()
        path = re.search(r"path=(\S+)", info)
        if path is not None:
            target = folder / path.group(1)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body.encode())
            return found.group()
        if info.strip() != "console":
            return found.group()
        commands = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
        return f"{fence}{info}\n{''.join(_shown(command) for command in commands)}{fence}\n"

    return _FENCE.sub(block, section.text)


def _shown(command: str) -> str:
    output, status = run(command)
    if output and not output.endswith("\n"):
        output += "\n"
    return f"$ {command}\n{output}" + (f"[exit {status}]\n" if status else "")


def run(command: str) -> tuple[str, int]:
    """(what it prints, status) of one command line of a transcript."""
    words = shlex.split(command)
    given = dict(word.split("=", 1) for word in words[: next((i for i, word in enumerate(words) if "=" not in word), 0)])
    words = words[len(given) :]
    if words[0] == "git":
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return done.stdout, done.returncode
    if words[0] == "cat":
        return pathlib.Path(words[1]).read_text(), 0
    stdin = b""
    if "<" in words:
        at = words.index("<")
        stdin = pathlib.Path(words[at + 1]).read_bytes()
        words = words[:at]
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    held = sys.stdout, sys.stderr, sys.stdin
    before = {name: os.environ.pop(name) for name in _QUIET if name in os.environ}
    os.environ.update(given)
    sys.stdout = sys.stderr = stream
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    try:
        if words[0] == "fsbp":
            status = main(words[1:])
        else:
            status = hook_main(words[1:], fix=words[0] == "hook-fix")
    finally:
        sys.stdout, sys.stderr, sys.stdin = held
        for name in given:
            del os.environ[name]
        os.environ.update(before)
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8", "backslashreplace"), status
