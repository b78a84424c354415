"""Fixes in what several calls deploy: which instances a change reaches, and whether all of them need it."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fsbp_lsp.model import Fix, Resource
    from fsbp_lsp.text import Loc


def reservation(judged: Sequence[Resource], failing: Sequence[Resource]) -> Callable[[Fix], str] | None:
    """Why a fix asks for a review, '' when it does not; None when that holds for every fix.

    judged: the instances of one block, over all calls. failing: those of them that fail at the place in question.
    """
    needy = {id(one) for one in failing}
    if all(id(one) in needy for one in judged):
        return None
    pieces = {at.piece for one in judged for at in _deployed_by(one)}

    def reason(fix: Fix) -> str:
        reached = [one for one in judged if not fix.edits or any(_reaches(edit.at, one) for edit in fix.edits)]
        spared = [one for one in reached if id(one) not in needy]
        return f"{len(spared)} of its {len(reached)} instances {'does' if len(spared) == 1 else 'do'} not need it" if spared else ""

    def _reaches(at: Loc, resource: Resource) -> bool:
        places = _deployed_by(resource)
        if at.piece in pieces:
            # In the block itself, or at the argument of a call: nothing else is deployed by that.
            return any(at.piece is place.piece for place in places)
        return os.path.dirname(at.path) in {os.path.dirname(place.path) for place in places}

    return reason


def _deployed_by(resource: Resource) -> list[Loc]:
    """The headers of the resource and of the calls above it."""
    return [resource.header, *(call.header for call in resource.callers)]


__all__ = ["reservation"]
