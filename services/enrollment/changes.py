"""What changed about a person, in the words of ledger 2: added, removed, changed (S0, P4). Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.enrollment.domain import Change

ADDED, REMOVED, CHANGED = "ADDED", "REMOVED", "CHANGED"


@dataclass(frozen=True, slots=True)
class StatusMove:
    """A line of the dynamic ledger.

    ``before`` and ``after``: categories, by commas; ``batch``: the source and list that said so last.
    """

    person: str
    revision: int
    township: str
    village: str
    change: str
    effective: date | None
    before: str
    after: str
    batch: str = ""


def status_move(change: Change) -> StatusMove | None:
    """Return the line for a change of flags, or None if the flags stay.

    At the level of a person a removal is a change while another source still gives an identity.
    """
    before, after = change.before.flags, change.after.flags
    if before == after or change.renumbered:
        return None
    if change.withdrawn and not change.listings:
        return None  # a list that was withdrawn takes its own lines with it, and adds none
    kind = CHANGED if before and after else ADDED if after else REMOVED
    now = change.now
    days = [
        one.valid_from for one in now.identities if one.category.value in set(after) - {*before}
    ]
    stopped = {*before} - {*after}
    ends = [
        one.valid_to + timedelta(days=1)
        for one in now.identities
        if one.valid_to is not None and one.category.value in stopped
    ]
    effective = max(days, default=None) or now.died or max(ends, default=None)
    return StatusMove(
        change.person, change.after.revision, now.township, now.village, kind, effective,
        ",".join(before), ",".join(after), now.status_batch,
    )  # fmt: skip
