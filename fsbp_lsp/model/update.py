"""What changing a property does to something already deployed."""

from __future__ import annotations

import enum


class Update(enum.Enum):
    """Effect of a change on live infrastructure; everything but IN_PLACE asks for a review."""

    IN_PLACE = ""
    INTERRUPTS = "may interrupt the service while it is applied"
    REPLACES = "replaces the resource on the next deployment"
    CUTS_ACCESS = "can cut existing access"
    COSTS = "adds running cost"
    TOUCHES_IAM = "changes permissions"
