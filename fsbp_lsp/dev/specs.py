"""Reads a control's Markdown specification. `docs/contributing.md` describes the format for authors.

A section is a heading and its fenced blocks. `tf`, `yaml`, `json` blocks are sources (with `path=NAME`
a further file of the same module); marker lines under a source line say what is found there:

    ^^^^^ RDS.3 "part of the message"      primary location of a finding
    ~~~~~ "part of the note"               a place the finding refers to

`toml` sets configuration. `tf fixed` (also `yaml`, `json`) follows the source it fixes; words after
`fixed`: a safety level, a quoted fix title, `path=NAME`. A paragraph `fixes: not shown` waives the block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_NAMES = {"tf": "main.tf", "yaml": "template.yaml", "json": "template.json", "tfvars": "terraform.tfvars"}
FENCE = re.compile(r"^(`{3,})(.*)$")
MARK = re.compile(r'^(?P<pad>\s*)(?P<mark>\^+|~+)\s*(?P<id>[A-Za-z0-9]+\.\d+|[a-z-]+)?\s*(?:"(?P<text>.*)")?\s*$')


@dataclass
class Mark:
    """A marker line: what is found at a place of the source above it."""

    kind: str
    path: str
    line: int
    """0-based."""
    start: int
    end: int
    """Columns in characters, 0-based and half open."""
    control: str
    text: str


@dataclass
class Fixed:
    """What a fix makes of the files it changes. safety, title: '' when the author leaves them open."""

    files: dict[str, str]
    safety: str
    title: str


@dataclass
class Section:
    """A heading with its sources, their markers and their fixed forms."""

    title: str
    spec: Path
    line: int
    files: dict[str, str] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    fixed: list[Fixed] = field(default_factory=list)
    config: str = ""
    fixes_shown: bool = True

    @property
    def dialect(self) -> str:
        return "terraform" if any(name.endswith((".tf", ".tofu", ".tf.json")) for name in self.files) else "cloudformation"

    @property
    def name(self) -> str:
        return f"{self.spec.stem}: {self.title}"


@dataclass
class Spec:
    """One file: the id in its title, its first paragraph, its sections."""

    path: Path
    control: str
    summary: str
    sections: list[Section]


def read_spec(path: Path) -> Spec:
    """Raises ValueError for a malformed file."""
    control, summary = "", ""
    sections: list[Section] = []
    current = Section("start", path, 1)
    lines = path.read_text(encoding="utf-8").split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        fence = FENCE.match(line)
        if fence:
            end = number + 1
            while lines[end] != fence.group(1):
                end += 1
                if end == len(lines):
                    raise ValueError(f"{path}:{number + 1}: unclosed fence")
            _block(current, fence.group(2).strip(), lines[number + 1 : end], number + 1)
            number = end + 1
            continue
        if line.startswith("# ") and not control:
            control = line[2:].strip()
        elif line.startswith("## "):
            if current.files:
                sections.append(current)
            current = Section(line[3:].strip(), path, number + 1)
        elif line.strip() == "fixes: not shown":
            current.fixes_shown = False
        elif control and not summary and line.strip() and current.title == "start":
            summary = line.strip()
        number += 1
    if current.files:
        sections.append(current)
    return Spec(path, control, summary, sections)


def _block(section: Section, info: str, body: list[str], line: int) -> None:
    words = re.findall(r'"[^"]*"|\S+', info)
    if not words:
        return
    language = words[0]
    if language == "toml":
        section.config = "\n".join(body) + "\n"
        return
    if language not in DEFAULT_NAMES:
        return
    options = dict(word.split("=", 1) for word in words[1:] if "=" in word and not word.startswith('"'))
    name = options.get("path", DEFAULT_NAMES[language])
    if "fixed" in words[1:]:
        safety = next((word for word in words if word in ("safe", "review", "manual")), "")
        title = next((word[1:-1] for word in words if word.startswith('"')), "")
        text = "\n".join(body) + "\n"
        if section.fixed and section.fixed[-1].title == title and name not in section.fixed[-1].files and "path" in options:
            section.fixed[-1].files[name] = text
        else:
            section.fixed.append(Fixed({name: text}, safety, title))
        return
    source: list[str] = []
    for number, text in enumerate(body):
        mark = MARK.match(text)
        if mark and (mark.group("id") or mark.group("text") is not None):
            if not source:
                raise ValueError(f"{section.spec}:{line + number + 1}: a marker needs a source line above it")
            start = len(mark.group("pad"))
            section.marks.append(
                Mark(
                    "primary" if mark.group("mark")[0] == "^" else "related",
                    name,
                    len(source) - 1,
                    start,
                    start + len(mark.group("mark")),
                    mark.group("id") or "",
                    mark.group("text") or "",
                )
            )
        else:
            source.append(text)
    section.files[name] = "\n".join(source) + "\n"


def all_specs(folder: Path) -> list[Spec]:
    """Every specification below a folder, in order of paths."""
    return [read_spec(path) for path in sorted(folder.glob("*/*.md"))]
