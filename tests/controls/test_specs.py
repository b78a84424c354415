"""Every section of every spec, and what the harness demands beyond what its author wrote."""

from __future__ import annotations

import pytest

from fsbp_lsp.controls import registry
from fsbp_lsp.engine.proof import still_reads
from fsbp_lsp.model import Finding, Fix
from fsbp_lsp.text import apply_edits, edits_by_file
from tests.controls.run import findings, reports
from tests.controls.spec import Fixed, Section, Spec, all_specs

SPECS = all_specs()
SECTIONS = [(spec, section) for spec in SPECS for section in spec.sections]


def _encoded(section: Section) -> dict[str, bytes]:
    return {name: text.encode() for name, text in section.files.items()}


def _of(control: str, found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.control == control]


def _where(finding: Finding) -> tuple[str, int, int, int]:
    line, start = finding.at.file.lines.position(finding.at.start, "utf-32")
    end = finding.at.file.lines.position(finding.at.end, "utf-32")[1]
    return finding.at.path, line, start, end


@pytest.mark.parametrize(("spec", "section"), SECTIONS, ids=[section.name for _spec, section in SECTIONS])
def test_marks(spec: Spec, section: Section) -> None:
    """Every finding of the control is marked, every mark is a finding, at the very characters."""
    found = findings(_encoded(section), section.config)
    assert not [f.message for f in found if f.control == "internal-error"]
    mine = _of(spec.control, found)
    got = sorted((*_where(finding), finding.control) for finding in mine)
    want = sorted((m.path, m.line, m.start, m.end, m.control) for m in section.marks if m.kind == "primary" and m.control == spec.control)
    assert got == want, "\n".join(f"{_where(f)} {f.control} {f.message}" for f in mine) or "no findings"
    for mark in section.marks:
        if mark.kind == "primary":
            here = [f for f in found if f.control == mark.control and _where(f) == (mark.path, mark.line, mark.start, mark.end)]
            assert here, f"no {mark.control} at {mark.path}:{mark.line + 1}"
            assert any(mark.text in f.message for f in here), [f.message for f in here]
        else:
            places = [(origin.at, origin.note) for f in mine for origin in f.origins if origin.at is not None]
            places += [(at, note) for f in mine for at, note in f.related]
            spots = [(at.path, *at.file.lines.position(at.start, "utf-32")) for at, _note in places]
            assert (mark.path, mark.line, mark.start) in spots, spots


def _applied(section: Section, fixes: list[Fix]) -> dict[str, bytes]:
    contents = _encoded(section)
    for path, (_source, edits) in edits_by_file([edit for fix in fixes for edit in fix.edits]).items():
        contents[path] = apply_edits(contents[path], edits)
    return contents


def _usable(finding: Finding) -> list[Fix]:
    return [fix for fix in finding.fixes if not fix.refused and fix.edits]


FIXED = [(spec, section) for spec, section in SECTIONS if any(m.kind == "primary" and m.control == spec.control for m in section.marks)]


@pytest.mark.parametrize(("spec", "section"), FIXED, ids=[section.name for _spec, section in FIXED])
def test_fixes(spec: Spec, section: Section) -> None:
    """A fix gives the text the spec shows, reads, makes the control pass, breaks no other, and is a fixpoint."""
    found = findings(_encoded(section), section.config)
    mine = _of(spec.control, found)
    offered = [finding for finding in mine if _usable(finding)]
    control = registry.declared(spec.control)
    assert control is not None
    if control.no_fix:
        assert not offered, f"{spec.control} declares no fix ({control.no_fix}) and offers one"
        return
    if not offered:
        return
    if not section.fixed:
        assert not section.fixes_shown, "a fix is offered and no fixed block shows it: " + offered[0].fixes[0].title
    shown: list[Fixed | None] = [*section.fixed] if section.fixed else [None]
    for fixed in shown:
        title = fixed.title if fixed is not None else ""
        chosen: list[Fix] = []
        for finding in offered:
            fits = [fix for fix in _usable(finding) if fix.title.startswith(title)]
            if fits:
                chosen.append(fits[0])
        assert chosen, f"no fix titled {title!r}: {[fix.title for f in offered for fix in f.fixes]}"
        if fixed is not None and fixed.safety:
            assert {fix.safety.word for fix in chosen} == {fixed.safety}
        after = _applied(section, chosen)
        if fixed is not None:
            for name, text in fixed.files.items():
                assert after[name].decode() == text
        before = _encoded(section)
        for name, data in after.items():
            assert still_reads(name, before.get(name, b""), data)
        again = findings(after, section.config)
        assert not _of("syntax", again)
        fixed_all = len(chosen) == len(mine)
        if fixed_all:
            assert not _of(spec.control, again), [f.message for f in _of(spec.control, again)]
        new = {(f.control, f.address) for f in again} - {(f.control, f.address) for f in found}
        assert not new, f"the fix brings {new}"


def _verdicts(contents: dict[str, bytes], config: str, control: str) -> set[tuple[str, str]]:
    return {(f.control, f.address) for f in findings(contents, config) if f.control == control}


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def _bom(text: str) -> str:
    return "\ufeff" + text


def _emoji(text: str) -> str:
    return "# 🚀 é ümlaut\n" + text


def _spread(text: str) -> str:
    return text.replace("\n", "\n\n")


VARIANTS = {"crlf": _crlf, "bom": _bom, "emoji": _emoji}


@pytest.mark.parametrize(("spec", "section"), SECTIONS, ids=[section.name for _spec, section in SECTIONS])
def test_variants(spec: Spec, section: Section) -> None:
    """The verdict does not depend on line endings, a byte order mark or text before the resource."""
    base = _verdicts(_encoded(section), section.config, spec.control)
    for name, change in VARIANTS.items():
        if name == "emoji" and any(path.endswith(".json") for path in section.files):
            continue
        contents = {path: change(text).encode() for path, text in section.files.items()}
        assert _verdicts(contents, section.config, spec.control) == base, name


@pytest.mark.parametrize(("spec", "section"), SECTIONS, ids=[section.name for _spec, section in SECTIONS])
def test_broken(spec: Spec, section: Section) -> None:
    """A syntax error appended: no claim that rests on absence survives, and nothing new is claimed."""
    contents = _encoded(section)
    name = next(iter(contents))
    if name.endswith(".json"):
        return
    base = _verdicts(contents, section.config, spec.control)
    contents[name] += b'\nresource "aws_' if name.endswith((".tf", ".tofu")) else b"\n  Broken: [unclosed\n"
    broken = findings(contents, section.config)
    mine = _of(spec.control, broken)
    assert {(f.control, f.address) for f in mine} <= base
    for finding in mine:
        # What is still claimed is written in the source: it has a value at the place of the finding.
        assert finding.value, f"claims an absence in broken source: {finding.message}"


@pytest.mark.parametrize("spec", SPECS, ids=[spec.control for spec in SPECS])
def test_complete(spec: Spec) -> None:
    """A spec shows the control failing, passing and silent, in each dialect it claims."""
    control = registry.declared(spec.control)
    assert control is not None, f"{spec.control} has a spec and no declaration"
    assert spec.summary, "the first paragraph says what the control is about"
    dialects = {"terraform" if not type.startswith("AWS::") else "cloudformation" for type in control.types()}
    kinds: dict[str, set[str]] = {dialect: set() for dialect in dialects}
    for section in spec.sections:
        made = reports(_encoded(section), section.config)
        kinds.setdefault(section.dialect, set())
        if any(f.control == spec.control for r in made for f in r.findings):
            kinds[section.dialect].add("fail")
        elif any(u.control == spec.control for r in made for u in r.unknown):
            kinds[section.dialect].add("unknown")
        else:
            kinds[section.dialect].add("pass")
    if "CloudFormation is not judged" in control.partial:
        dialects.discard("cloudformation")
    for dialect in dialects:
        missing = {"fail", "pass"} - kinds[dialect]
        assert not missing, f"no {missing} section for {dialect}"
    assert any("unknown" in have for have in kinds.values()), "no section where the control stays silent for want of knowledge"


def test_every_control_has_a_spec() -> None:
    assert {spec.control for spec in SPECS} == set(registry.load_all())
