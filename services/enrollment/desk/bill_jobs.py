"""Bills that are held, refused after death, sent twice or overlap: each opens an issue, and closes it."""

from typing import Any

from sqlalchemy import text

from chassis.bus import AT_A_TIME, Subscription
from chassis.clock import today
from chassis.listening import Kept
from chassis.runtime import Turn
from contracts.envelope import event_id
from contracts.events.base import Event
from contracts.events.enrollment import DiscrepancyClosed, DiscrepancyOpened
from contracts.events.settlement import ClaimQuestioned
from contracts.vocabulary import ProblemKind
from services.enrollment.desk.rules import KIND_OF_QUESTION

UNKNOWN_PLACE = "未登记"
_NOTE = text(
    "INSERT INTO bill_question (person, claim, kind, year, detail, revision)"
    " VALUES (:person, :claim, :kind, :year, :detail, :revision) ON CONFLICT (person, claim)"
    " DO UPDATE SET kind = excluded.kind, year = excluded.year, detail = excluded.detail,"
    " revision = excluded.revision WHERE bill_question.revision < excluded.revision"
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:person, 7433254))")
"""Two processes may hear of two bills of one person at once: each must see what the other noted."""
_STANDING = text(
    "SELECT kind, year, string_agg(detail, '；' ORDER BY claim) AS detail FROM bill_question"
    " WHERE person = :person AND kind <> '' GROUP BY kind, year"
)
_OPEN = text(
    "SELECT kind, year, times FROM issue WHERE person = :person AND state <> 'closed'"
    " AND kind = ANY(CAST(:kinds AS text[])) FOR UPDATE"
)
_PLACE = text("SELECT township, village FROM resident WHERE person = :person")
_SAVE = text(
    # An issue that was closed opens again, and is counted once more; an open one keeps its day and officer.
    "INSERT INTO issue (person, kind, year, township, village, detail, state, opened)"
    " VALUES (:person, :kind, :year, :township, :village, :detail, 'open', :day)"
    " ON CONFLICT (person, kind, year) DO UPDATE SET detail = excluded.detail,"
    " times = issue.times + CASE WHEN issue.state = 'closed' THEN 1 ELSE 0 END,"
    " opened = CASE WHEN issue.state = 'closed' THEN excluded.opened ELSE issue.opened END,"
    " state = CASE WHEN issue.state = 'closed' THEN 'open' ELSE issue.state END, closed = NULL"
    " RETURNING times"
)
_CLOSE = text(
    "UPDATE issue SET state = 'closed', closed = :day"
    " WHERE person = :person AND kind = :kind AND year = :year"
)


async def keep_question(turn: Turn, _: str, body: bytes) -> None:
    """Note what is asked about a bill, and bring the person's issues in line with it."""
    await take(turn, ClaimQuestioned.model_validate_json(body))


async def take(turn: Turn, event: ClaimQuestioned) -> None:
    """Open and close issues as settlement asks."""
    tx = turn.tx
    await tx.execute(_ONE_AT_A_TIME, {"person": event.person})
    kind = KIND_OF_QUESTION.get(event.question, ProblemKind.BILL_HELD) if event.question else ""
    other = f"（{event.other}）" if event.other else ""
    detail = f"{event.claim} {event.question}{other}"
    await tx.execute(
        _NOTE,
        {
            "person": event.person, "claim": event.claim, "kind": str(kind),
            "year": event.discharge.year, "detail": detail, "revision": event.revision,
        },
    )  # fmt: skip
    who = {"person": event.person}
    asked = {(row.kind, row.year): row.detail for row in await tx.execute(_STANDING, who)}
    kinds = sorted({str(one) for one in KIND_OF_QUESTION.values()} | {ProblemKind.BILL_HELD.value})
    standing = {
        (row.kind, row.year): row.times for row in await tx.execute(_OPEN, who | {"kinds": kinds})
    }
    day, place = today(turn.clock), (await tx.execute(_PLACE, who)).first()
    where = {"township": place.township, "village": place.village} if place else {}
    for (name, year), what in asked.items():
        of = who | {"kind": name, "year": year, "detail": what, "day": day}
        of |= {"township": UNKNOWN_PLACE, "village": ""} | where
        times = (await tx.execute(_SAVE, of)).scalar_one()
        if (name, year) not in standing:
            turn.say(*_opened(of | {"found": turn.clock()}, times))
    for (name, year), times in standing.items():
        if (name, year) not in asked:
            await tx.execute(_CLOSE, who | {"kind": name, "year": year, "day": day})
            gone = DiscrepancyClosed(
                person=event.person, discrepancy=name, closed=day, year=year, times=times
            )
            turn.say(gone, event_id(gone.NAME, event.person, name, year, times))


def _opened(of: dict[str, Any], times: int) -> tuple[Event, str]:
    event = DiscrepancyOpened(
        person=of["person"], discrepancy=of["kind"], township=of["township"] or UNKNOWN_PLACE,
        village=of["village"], opened=of["day"], year=of["year"], times=times, found=of["found"],
    )  # fmt: skip
    return event, event_id(event.NAME, of["person"], of["kind"], of["year"], times)


KEEPS = (
    Kept(
        Subscription(
            "SETTLEMENT", "enrollment-questions", (ClaimQuestioned.SUBJECT,), "explicit", AT_A_TIME
        ),
        keep_question,
    ),
)
