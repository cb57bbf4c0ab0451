"""Compares what the door made of an untidy list with what a person reads in it."""

from collections.abc import Iterable, Iterator
from datetime import date

from chassis.privacy import person_key
from contracts.events.partner import StatusReported
from contracts.vocabulary import Source
from services.gateway.intake.people import admitter, row_vault
from services.gateway.intake.rosters import RosterReader
from services.gateway.intake.taken import NothingTakenError, Rejected, Roster
from services.gateway.refusals import RefusedError
from services.gateway.regions import namer
from tests.dirty_lists import DirtyList, Line
from tests.files import NOW, SETTINGS

DESK = RosterReader(
    admitter(SETTINGS, NOW.date), lambda: NOW, namer("341623"), rows=row_vault(SETTINGS)
)
KEY = SETTINGS.person_key.get_secret_value()


def complaints(made: DirtyList, month: date) -> list[str]:
    """Return what is wrong about how a list was read; nothing, if a person would agree with all of it."""
    try:
        roster = DESK.begin(
            Source.CIVIL_AFFAIRS, made.content, month=month, year=month.year, full=True
        ).whole()
    except NothingTakenError as refused:
        return [*_of_rows(made, {}, _places(refused.rejected), month)]
    except RefusedError as refused:
        return (
            [] if made.may_go_back else [f"the file went back: {refused.reason} {refused.detail}"]
        )
    except Exception as error:  # noqa: BLE001  a crash is what is looked for
        return [f"crash: {type(error).__name__}: {error}"]
    found = _places([*roster.rejected, *roster.waiting])
    return [*_of_rows(made, _granted(roster), found, month), *_of_notice(roster)]


def _places(rejected: Iterable[Rejected]) -> dict[tuple[str, int], str]:
    return {(one.sheet, one.row): one.reason for one in rejected}


def _granted(roster: Roster) -> dict[tuple[str, str], StatusReported]:
    return {
        (fact.person, f"{fact.category}/{fact.action}"): fact
        for _, fact in roster.facts
        if isinstance(fact, StatusReported)
    }


def _of_rows(
    made: DirtyList,
    granted: dict[tuple[str, str], StatusReported],
    named: dict[tuple[str, int], str],
    month: date,
) -> Iterator[str]:
    expected = set()
    for line in made.lines:
        key = (person_key(KEY, line.number), f"{line.category}/granted")
        place = f"{line.sheet} row {line.row}"
        reason = named.pop((line.sheet, line.row), None)
        if line.readable:
            expected.add(key)
            yield from _of_person(line, granted.get(key), reason, place)
        elif reason is None:
            yield f"{place} was neither taken nor named: {line.cells}"
    yield from (
        f"{sheet} row {row} is nobody, but went back: {why}" for (sheet, row), why in named.items()
    )
    yield from (f"nobody wrote {key}" for key in granted.keys() - expected)


def _of_person(
    line: Line, fact: StatusReported | None, reason: str | None, place: str
) -> Iterator[str]:
    if fact is None:
        yield f"{place} is readable, but not taken ({reason}): {line.cells}"
    elif (fact.effective, fact.township) != (line.effective, line.township):
        yield f"{place} was changed: {fact.effective} {fact.township}, but {line.cells}"


def _of_notice(roster: Roster) -> Iterator[str]:
    """A row that went back makes its list a question, so nobody leaves by it in silence."""
    notice = roster.received
    hidden = [one for one in roster.rejected if one.reason != "duplicate_row"]
    if notice is None or (notice.hiding, notice.waiting) != (len(hidden), len(roster.waiting)):
        yield f"the notice does not say what went back: {notice}"
