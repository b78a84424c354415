"""Findings and fixes: born together, from the same binding."""

from __future__ import annotations

import enum
import os

from fsbp_lsp.files import project_root
from fsbp_lsp.values import Via

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.model.resource import Resource
    from fsbp_lsp.text import Edit, Loc
    from fsbp_lsp.values import Origin


class Verdict(enum.Enum):
    """What a control says about a resource. Only FAIL and UNDECLARED become findings."""

    PASS = "pass"
    FAIL = "fail"
    UNDECLARED = "undeclared"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


class Safety(enum.IntEnum):
    """How freely a fix may be applied; ordered, so one comparison decides."""

    MANUAL = 0
    """Holds a placeholder or a decision only a human can take; never applied in bulk."""
    REVIEW = 1
    """Complete, but may replace, interrupt, cost, cut access, touch IAM, or overrule someone's variable."""
    SAFE = 2
    """Complete and in place."""

    @property
    def word(self) -> str:
        return self.name.lower()


def _in_project(path: str) -> str:
    """The path as its repository calls it; as it is where there is none."""
    root = project_root(os.path.dirname(path) if os.path.isabs(path) else "")
    if root is None:
        return path
    made = os.path.relpath(os.path.abspath(path), root)
    return "" if made == "." else made.replace(os.sep, "/")


class Fix:
    """One way out. `edits` may span files; each names the file version it was made for.

    title: verb phrase. note: the effect to know before applying it, '' when there is none.
    refused: why the fix cannot be written here; then `edits` is empty.
    """

    __slots__ = ("edits", "note", "refused", "safety", "title")

    def __init__(self, title: str, edits: tuple[Edit, ...], safety: Safety, note: str = "", refused: str = "") -> None:
        self.title = title
        self.edits = edits
        self.safety = safety
        self.note = note
        self.refused = refused

    def __repr__(self) -> str:
        return f"Fix({self.title!r}, {self.safety.name})"


def _reserved(fix: Fix, reason: str) -> Fix:
    return Fix(fix.title, fix.edits, min(fix.safety, Safety.REVIEW), fix.note or reason, fix.refused) if reason else fix


class Finding:
    """One control that one resource fails (or leaves undeclared), at one line.

    message: the fact, then the cause; no advice, no full stop.
    value: the offending value as shown to people; '' when nothing is written.
    resource: None only for findings about the source itself (`syntax`, `unused-ignore`, …).
    facet: which part of the resource it is about (a lens path); part of the fingerprint.
    warn_only: never blocks, whatever the level of its control: AWS itself does not report it.
    origins: how the value came to be, nearest first. related: other places worth showing.
    """

    __slots__ = (
        "_fixes",
        "_make_fixes",
        "_reserve",
        "_stated",
        "at",
        "control",
        "facet",
        "instances",
        "message",
        "origins",
        "related",
        "resource",
        "value",
        "verdict",
        "warn_only",
    )

    def __init__(
        self,
        control: str,
        resource: Resource | None,
        at: Loc,
        message: str,
        *,
        verdict: Verdict = Verdict.FAIL,
        value: str = "",
        facet: str = "",
        origins: tuple[Origin, ...] = (),
        related: tuple[tuple[Loc, str], ...] = (),
        fixes: Callable[[], list[Fix]] | None = None,
        warn_only: bool = False,
    ) -> None:
        self.control = control
        self.resource = resource
        self.at = at.first_line()
        self.message = message
        self.verdict = verdict
        self.value = value
        self.facet = facet
        self.origins = origins
        self.related = self._stated = related
        self.warn_only = warn_only
        self.instances: tuple[str, ...] = (resource.address,) if resource is not None else ()
        self._make_fixes = fixes
        self._fixes: tuple[Fix, ...] | None = None
        self._reserve: Callable[[Fix], str] | None = None

    def again(self, resource: Resource) -> None:
        """It is true of a newer version of its resource; what was added when instances were brought together is taken back."""
        self.resource = resource
        self.related = self._stated
        self.instances = (resource.address,)
        self.reserve(None)

    @property
    def address(self) -> str:
        return self.resource.address if self.resource is not None else ""

    @property
    def decided_at(self) -> Loc | None:
        """Where the wrong value is written; None when it is written at the place of the finding, or nowhere."""
        end: Origin | None = None
        for origin in self.origins:
            if origin.via is Via.BRANCH and end is not None:
                # The hops from a condition on say why the value was chosen.
                break
            if origin.at is not None:
                end = origin
        last = self.origins[-1] if self.origins else None
        if end is not None and last is not None and (last.via, last.note) == (end.via, end.note):
            # An element of a collection that a condition chose: its own place comes after the reasons.
            end = last
        return end.at if end is not None else None

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """Alternatives, best first; at most one is applied. Made when first asked for."""
        if self._fixes is None:
            made = self._make_fixes() if self._make_fixes is not None else []
            self._fixes = tuple(made if self._reserve is None else [_reserved(fix, self._reserve(fix)) for fix in made])
        return self._fixes

    def reserve(self, reason: Callable[[Fix], str] | None) -> None:
        """Fixes that `reason` says something about need a review because of it; None takes that back."""
        if reason is not self._reserve:
            self._reserve = reason
            self._fixes = None

    @property
    def made_by(self) -> Callable[[], list[Fix]] | None:
        """What makes the fixes."""
        return self._make_fixes

    def offer(self, make: Callable[[], list[Fix]]) -> None:
        """Let the fixes be made in another way than the control would make them."""
        self._make_fixes = make
        self._fixes = None

    @property
    def best_fix(self) -> Fix | None:
        """The first fix that can be written; None when there is none."""
        return next((fix for fix in self.fixes if not fix.refused), None)

    @property
    def fingerprint(self) -> str:
        """16 hex digits over control, dialect, path, address and facet; no line numbers, so edits above do not move it.

        The path counts from the root of the repository, so that it does not matter from where it was asked.
        """
        if self.resource is None:
            parts: tuple[str, ...] = (self.control, _in_project(self.at.path), self.message)
        else:
            owner = self.resource
            parts = (self.control, owner.dialect.name, _in_project(owner.identity_path), owner.identity, self.facet)
        import hashlib  # loads OpenSSL; a clean run never asks for a fingerprint

        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Finding({self.control}, {self.address}, {self.message!r})"
