"""`python -m tests.controls.update [FILE …]`: rewrite markers and `fixed` blocks from what the engine says.

The result is a proposal: read the difference before committing it. Titles, prose and sources stay.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fsbp_lsp.model import Finding
from fsbp_lsp.text import apply_edits, edits_by_file
from tests.controls.run import findings
from tests.controls.spec import DEFAULT_NAMES, FENCE, MARK, Section, all_specs, read_spec


def _language(name: str) -> str:
    return "json" if name.endswith(".json") else "yaml" if name.endswith(".yaml") else "tfvars" if name.endswith(".tfvars") else "tf"


def _marks(finding: Finding) -> tuple[str, int, str]:
    line, start = finding.at.file.lines.position(finding.at.start, "utf-32")
    end = finding.at.file.lines.position(finding.at.end, "utf-32")[1]
    return finding.at.path, line, f'{" " * start}{"^" * max(end - start, 1)} {finding.control} "{finding.message}"'


def _rewrite(control: str, section: Section, body: list[str], name: str) -> list[str]:
    source = [line for line in body if not _is_mark(line)]
    found = [f for f in findings({n: t.encode() for n, t in section.files.items()}, section.config) if f.control == control]
    marks: dict[int, list[str]] = {}
    for finding in found:
        path, line, text = _marks(finding)
        if path == name and text not in marks.setdefault(line, []):
            marks[line].append(text)
    out: list[str] = []
    for number, text_line in enumerate(source):
        out.append(text_line)
        out.extend(marks.get(number, []))
    return out


def _is_mark(line: str) -> bool:
    mark = MARK.match(line)
    return bool(mark and mark.group("mark")[0] == "^" and (mark.group("id") or mark.group("text") is not None))


def _fixed(control: str, section: Section) -> list[str]:
    files = {name: text.encode() for name, text in section.files.items()}
    mine = [f for f in findings(files, section.config) if f.control == control]
    titles: list[str] = []
    for finding in mine:
        for fix in finding.fixes:
            if not fix.refused and fix.edits and fix.title not in titles:
                titles.append(fix.title)
    out: list[str] = []
    several = any(len([f for f in finding.fixes if not f.refused and f.edits]) > 1 for finding in mine)
    for title in titles if several else titles[:1]:
        chosen = []
        for finding in mine:
            fits = [f for f in finding.fixes if not f.refused and f.edits and (f.title == title or not several)]
            if fits:
                chosen.append(fits[0])
        contents = dict(files)
        for path, (_source, edits) in edits_by_file([edit for fix in chosen for edit in fix.edits]).items():
            contents[path] = apply_edits(contents[path], edits)
        levels = {fix.safety.word for fix in chosen}
        level = f" {levels.pop()}" if len(levels) == 1 else ""
        for path, data in contents.items():
            if data != files.get(path):
                language = _language(path)
                named = "" if path == DEFAULT_NAMES[language] else f" path={path}"
                # As much of the title as tells the alternatives apart and holds no quote.
                quoted = f' "{title.split(chr(34))[0].split(" (")[0].strip()}"' if several else ""
                out += ["", f"```{language} fixed{level}{named}{quoted}", *data.decode().removesuffix("\n").split("\n"), "```"]
    return out


def update(path: Path) -> None:
    spec = read_spec(path)
    sections = {section.line: section for section in spec.sections}
    lines = path.read_text(encoding="utf-8").split("\n")
    out: list[str] = []
    current: Section | None = None
    pending: Section | None = None
    number = 0

    def flush() -> None:
        nonlocal pending
        if pending is not None and pending.fixes_shown:
            while out and not out[-1].strip():
                out.pop()
            out.extend(_fixed(spec.control, pending))
            out.append("")
        pending = None

    while number < len(lines):
        line = lines[number]
        fence = FENCE.match(line)
        if fence:
            end = number + 1
            while lines[end] != fence.group(1):
                end += 1
            words = fence.group(2).split()
            if "fixed" in words[1:]:
                while out and not out[-1].strip():
                    out.pop()
                out.append("")
                number = end + 1
                while number < len(lines) and not lines[number].strip():
                    number += 1
                continue
            out.append(line)
            body = lines[number + 1 : end]
            if current is not None and words and words[0] in DEFAULT_NAMES:
                name = next((word[5:] for word in words if word.startswith("path=")), DEFAULT_NAMES[words[0]])
                body = _rewrite(spec.control, current, body, name)
                pending = current
            out.extend(body)
            out.append(lines[end])
            number = end + 1
            continue
        if line.startswith("## "):
            flush()
            current = sections.get(number + 1)
        out.append(line)
        number += 1
    flush()
    path.write_text("\n".join(out).rstrip("\n") + "\n", encoding="utf-8")


def main(names: list[str]) -> None:
    for path in [Path(name) for name in names] or [spec.path for spec in all_specs()]:
        update(path)


if __name__ == "__main__":
    main(sys.argv[1:])
