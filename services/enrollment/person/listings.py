"""Somebody's rows of full lists: what a person's facts say of the lists they came with. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from contracts.events.base import Event
from contracts.events.partner import StatusReported


@dataclass(frozen=True, order=True, slots=True)
class Listing:
    """A person's row of a full list, or the removal that the list's silence meant."""

    month: date
    received: datetime
    batch: str
    source: str
    category: str
    present: bool


def listings_of(events: Sequence[Event]) -> frozenset[Listing]:
    """Return a person's rows of full lists."""
    return frozenset(
        Listing(
            one.listed, one.received, one.batch, one.source.value, one.category.value,
            one.action == "granted",
        )
        for one in events
        if isinstance(one, StatusReported) and one.listed is not None
    )  # fmt: skip
