"""The last line, the exit status, and that they agree."""

import pytest

from fsbp_lsp.config import Configuration, Settings
from fsbp_lsp.config.load import layer_of
from fsbp_lsp.model import Safety, Verdict
from fsbp_lsp.report.closing import closing, hook_closing
from tests.report.samples import about_source, finding, outcome


def settings(*texts: str) -> Settings:
    return Configuration(isolated=True, overrides=[layer_of(text) for text in texts]).settings_for("")


@pytest.mark.parametrize(
    ("findings", "options", "last", "status"),
    [
        ((), {}, "No findings. Exit 0: nothing blocks.", 0),
        ((finding(),), {}, "Found 1 finding (1 blocks; 1 fixable). Exit 1: S3.8 blocks.", 1),
        ((finding(control="S3.9", safety=None),), {}, "Found 1 finding (1 warns). Exit 0: nothing blocks.", 0),
        (
            (finding(), finding(control="S3.4", safety=Safety.REVIEW), finding(control="S3.9", safety=Safety.MANUAL)),
            {},
            "Found 3 findings (2 block, 1 warns; 1 fixable, 1 more with --unsafe-fixes). Exit 1: S3.4, S3.8 block.",
            1,
        ),
        ((finding(safety=Safety.REVIEW),), {}, "Found 1 finding (1 blocks; 1 fixable with --unsafe-fixes). Exit 1: S3.8 blocks.", 1),
        ((finding(),), {"exit_zero": True}, "Found 1 finding (1 blocks; 1 fixable). Exit 0: --exit-zero.", 0),
        ((finding(verdict=Verdict.UNDECLARED),), {}, "Found 1 finding (1 warns; 1 fixable). Exit 0: nothing blocks.", 0),
        (
            (about_source("internal-error"), finding(safety=None)),
            {"exit_zero": True},
            "Found 2 findings (2 block). Exit 2: a control could not run (internal-error).",
            2,
        ),
        (
            (finding(),),
            {"settings": settings("unfixable=S3.8")},
            "Found 1 finding (1 blocks). Exit 1: S3.8 blocks.",
            1,
        ),
    ],
)
def test_last_line(findings, options, last, status):
    made = outcome(*findings, **options)
    assert closing(made)[-1] == last
    assert made.exit_code == status
    assert last.split("Exit ")[1].startswith(str(status))


def test_fixes_in_modules_that_were_not_named_are_counted_apart():
    near, far, further = finding(), finding(path="other/main.tf"), finding(control="S3.4", path="other/main.tf")
    assert closing(outcome(far))[-1].startswith("Found 1 finding (1 blocks; 1 fixable when its directory is named, too).")
    made = outcome(near, far, further)
    assert closing(made)[-1].startswith("Found 3 findings (3 block; 1 fixable, 2 more when their directories are named, too).")
    assert made.summary()["fixable_elsewhere"] == 2


def test_what_is_no_finding_is_counted():
    made = outcome(finding(), settings=settings('controls."S3.8".level=verify'))
    assert closing(made) == ["1 left to checks after deployment.", "No findings. Exit 0: nothing blocks."]


def test_many_controls_are_cut():
    made = outcome(*(finding(control=f"S3.{n}", safety=None) for n in (1, 2, 3, 4, 8)), finding(control="IAM.1"), finding(control="EC2.19"))
    assert closing(made)[-1].endswith("Exit 1: EC2.19, IAM.1, S3.1, S3.2, S3.3 and 2 more block.")


def test_changed_files_count_against_the_status():
    made = outcome()
    made.fixing = True
    made.changed = ["a.tf"]
    made.fixed = [finding()]
    assert closing(made) == ["Fixed 1 finding in 1 file.", "No findings left. Exit 1: 1 file changed."]
    assert closing(made, would=True, judged=False) == ["Would fix 1 finding in 1 file.", "Exit 1: 1 file would change."]
    assert hook_closing(made)[0] == "Fixed 1 finding in a.tf; look at it and stage it."
    made.changed = [f"{letter}.tf" for letter in "abcdefg"]
    assert hook_closing(made)[0] == "Fixed 1 finding in a.tf, b.tf, c.tf, d.tf, e.tf and 2 more; look at it and stage it."
    fixed = made.fixed[0]
    made.fixed, made.changed = [], []
    made.refused = [(fixed, "the result has a syntax error")]
    assert closing(made) == ["1 fix could not be applied (--show-fixes says why).", "No findings. Exit 0: nothing blocks."]
    assert closing(made, fixes_shown=True)[0] == "1 fix could not be applied."
    line = f"not fixed: modules/storage/s3.tf:2:9: {fixed.control} {fixed.address}: {fixed.message}: the result has a syntax error"
    assert hook_closing(made)[0] == line
    made.refused = [*made.refused, *made.refused]
    assert closing(made)[0] == "2 fixes could not be applied (--show-fixes says why)."


def test_order_does_not_depend_on_the_order_of_modules():
    one, other = finding(path="a.tf"), finding(path="b.tf")
    assert [entry.finding for entry in outcome(other, one).entries] == [one, other]
    low, high = finding(control="S3.8"), finding(control="S3.11")
    assert [entry.id for entry in outcome(high, low).entries] == ["S3.8", "S3.11"]
