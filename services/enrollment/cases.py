"""A person as the check of a year sees one, as of a day: from the file that is kept of everybody. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from contracts.vocabulary import Justification, Source
from services.enrollment.chronic import Chronic
from services.enrollment.justifications import Claimed
from services.enrollment.premiums import PremiumStanding
from services.enrollment.problems import NO_LISTS, Case, Listed
from services.enrollment.timelines import Stay


def case_on(
    file: Mapping[str, Any],
    died: date | None,
    year: int,
    day: date,
    *,
    enrolled: bool,
    register_tag: str = "",
    system: Listed = NO_LISTS,
) -> Case:
    """Return a person as of a day of a coverage year (domain §14: 11).

    Whoever died in the year belongs to its rosters, as dead. ``enrolled``: a premium, an exemption or
    the register says so; ``register_tag``: how the register writes the name; ``system``: what the
    insurance system's own lists say.
    """
    stays = stays_of(file)
    flags = flags_of(file)
    named = [one for one in stays if one.on(day)]
    dead = died is not None and died <= day
    if died is not None and dead and died.year == year:
        before = died.replace(day=1) - timedelta(days=1)
        named += [one for one in stays if one not in named and (one.on(died) or one.on(before))]
    standing = next((one for one in file.get("premiums", ()) if one[0] == year), None)
    tags = {file.get("name_tag"), register_tag} - {"", None}
    return Case(
        listed=tuple(sorted({one.category for one in named})),
        died=died,
        premium=PremiumStanding(*standing) if standing else PremiumStanding(year),
        justified=[_claimed(one) for one in file.get("justified", ())],
        names_agree=file.get("names_agree", True) and len(tags) <= 1,
        enrolled=enrolled and not dead,
        was_listed=file.get("was_listed", True),
        rosters=sorted({(one.source, one.category) for one in named}),
        still_named=any(one.on(day) for one in (*stays, *flags)),
        named_in_year=any(_in_year(one, year) for one in (*stays, *flags)),
        system=system,
        chronic=[_chronic(one) for one in file.get("chronic", ())],
        sub_levels=file.get("sub_levels", {}),
        deaths=[(source, date.fromisoformat(told)) for source, told in file.get("deaths", ())],
    )


def stays_of(file: Mapping[str, Any]) -> list[Stay]:
    """Return how long each roster named a person, as kept; an earlier version kept no days."""
    return [_stay(one) for one in file.get("rosters", ()) if len(one) == len(fields(Stay))]


def _in_year(one: Stay, year: int) -> bool:
    ended = one.valid_to is not None and one.valid_to < date(year, 1, 1)
    return one.valid_from <= date(year, 12, 31) and not ended


def flags_of(file: Mapping[str, Any]) -> list[Stay]:
    """Return the flags that were applied for and approved: the bureau's own word, for a year each."""
    return [
        Stay(Source.BUREAU.value, category, date(year, 1, 1), date(year, 12, 31))
        for category, year, state, *_ in file.get("applications", ())
        if state == "approved"
    ]


def _stay(row: Sequence[Any]) -> Stay:
    source, category, start, end, listed = row
    return Stay(source, category, date.fromisoformat(start), _day(end), _day(listed))


def _chronic(row: Sequence[Any]) -> Chronic:
    disease, applied, result, reason, certificate, start, end = row
    return Chronic(
        disease, date.fromisoformat(applied), result, reason, certificate, _day(start), _day(end)
    )


def _claimed(row: Sequence[Any]) -> Claimed:
    reason, evidence, start, end, checked = row
    return Claimed(
        Justification(reason), evidence, date.fromisoformat(start), _day(end),
        date.fromisoformat(checked),
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
