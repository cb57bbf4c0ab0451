"""What somebody wrote from a phone: who it is about, and what becomes of it (§12). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from unicodedata import normalize

from contracts.events.enrollment import CitizenAnswered, Filing
from contracts.events.notify import CitizenAsked
from policy.duties import filing_rule
from policy.pack import Pack
from services.enrollment.opened import Opened
from services.enrollment.person.file import ResidentFile
from services.enrollment.person.filings import ends

Outcome = Literal[
    "no_match", "ambiguous", "died", "not_covered", "not_needed", "bad_date", "no_rule"
]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whose phone it may be, with what the vault says and where the person stands."""

    person: str
    opened: Opened
    died: date | None
    covered_years: Sequence[int]
    file: ResidentFile


def is_meant(opened: Opened, name: str, last_six: str) -> bool:
    """Tell whether a written name and last six characters are this person's."""
    number = opened.id_number.upper()
    return bool(number) and number[-6:] == last_six.upper() and _plain(opened.name) == _plain(name)


def _plain(name: str) -> str:
    """Return a name as it is compared: 阿依·古丽 and 阿依•古丽 are one."""
    found = "".join(normalize("NFKC", name).split())
    for dot in "•・‧∙.":
        found = found.replace(dot, "·")
    return found


def the_one(candidates: Sequence[Candidate], name: str, last_six: str) -> Candidate | Outcome:
    """Return whom a message is about: nobody is named to a phone that is not in the registers."""
    found = [
        one
        for one in candidates
        if not one.file.merged_into and is_meant(one.opened, name, last_six)
    ]
    if len(found) != 1:
        return "ambiguous" if found else "no_match"
    return found[0]


def answer(
    packs: Sequence[Pack], asked: CitizenAsked, who: Candidate | Outcome, today: date
) -> CitizenAnswered:
    """Return what becomes of it. A filing said again is answered as the first time."""
    if not isinstance(who, Candidate):
        return CitizenAnswered(message=asked.message, outcome=who)
    if asked.wish == "standing":
        return CitizenAnswered(
            message=asked.message, outcome="died" if who.died else "standing", person=who.person,
            filings=tuple(one for one in who.file.filings if one.last >= today),
            covered_years=tuple(who.covered_years),
        )  # fmt: skip
    first = asked.first or today
    standing = (one for one in who.file.filings if one.first == first)
    known = next((one for one in standing if one.province == asked.province), None)
    filing = known or Filing(
        place=asked.place, province=asked.province, first=first, last=ends(packs, first)
    )
    why_not = None if known else refusal(packs, who, filing, today)
    return CitizenAnswered(
        message=asked.message, outcome=why_not or "filed", person=who.person,
        filings=() if why_not else (filing,),
    )  # fmt: skip


def refusal(packs: Sequence[Pack], who: Candidate, filing: Filing, today: date) -> Outcome | None:
    """Return why a filing cannot be made; None if it can."""
    rule = filing_rule(packs, filing.first)
    if rule is None:
        return "no_rule"
    if who.died:
        return "died"
    if any(pack.area_code[:2] == filing.province for pack in packs):
        return "not_needed"
    earliest, latest = timedelta(days=rule.days_back), timedelta(days=rule.days_ahead)
    if not today - earliest <= filing.first <= today + latest:
        return "bad_date"
    return None if filing.first.year in who.covered_years else "not_covered"
