"""As which area a bill counts once its treatment elsewhere was filed (异地就医备案). Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from contracts.events.claims import ClaimSubmitted
from contracts.provinces import PROVINCES
from policy.dated import the_one
from policy.engine import pack_of
from policy.pack import Pack


class Filed(Protocol):
    """Days on which treatment in a province is filed, both included."""

    @property
    def province(self) -> str:
        """Two digits (GB/T 2260)."""

    @property
    def first(self) -> date:
        """First day."""

    @property
    def last(self) -> date:
        """Last day."""


def filed_area(packs: Sequence[Pack], filings: Iterable[Filed], bill: ClaimSubmitted) -> str:
    """Return the area by which a bill is settled: that of a filed one, if it was filed by then or later.

    The rule is that of the discharge day, as for all of a bill; filed must be the day of admission, or
    of the visit. A hospital's number that names another province than the filing's is not meant by it;
    one of the county's own says nothing about that.
    """
    day = bill.admit or bill.discharge
    pack = pack_of(packs, bill.discharge, bill.provider)
    rule = None if pack is None else the_one(pack.duties.filings, bill.discharge, {})
    area = None if rule is None else dict(rule.areas).get(bill.area)
    if pack is None or area is None:
        return bill.area
    there = bill.provider.lstrip("Hh")[:2]
    named = there in PROVINCES and there != pack.area_code[:2]
    filed = any(
        one.first <= day <= one.last and (not named or one.province == there) for one in filings
    )
    return area if filed else bill.area
