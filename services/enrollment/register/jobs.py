"""Confirms from the register that somebody is enrolled whose bill is held because no premium is known.

A million residents stand in the register and need no fact each; a bill that waits asks for one person.
"""

from sqlalchemy import text

from chassis.bus import AT_A_TIME, Subscription
from chassis.jobs import Job
from chassis.listening import Kept
from chassis.runtime import Runtime, Turn
from contracts.envelope import event_id
from contracts.events.enrollment import EnrolmentConfirmed
from contracts.events.settlement import ClaimHeld

NOT_ENROLLED = "not_enrolled"
_ASK = text(
    "INSERT INTO coverage_asked (person, year) VALUES (:person, :year) ON CONFLICT DO NOTHING"
)
_NAMED = (
    "(EXISTS (SELECT 1 FROM register_row AS entry WHERE entry.year = latest.year"
    " AND entry.batch = latest.batch AND entry.person = asked.person) OR EXISTS"
    " (SELECT 1 FROM resident CROSS JOIN LATERAL unnest(formerly) AS earlier (number)"
    " JOIN register_row AS entry ON entry.year = latest.year AND entry.batch = latest.batch"
    " AND entry.person = earlier.number WHERE resident.person = asked.person))"
)
_FOUND = text(
    # Who is found is confirmed; whom a newer register no longer has is asked about again from now on.
    "UPDATE coverage_asked AS asked SET confirmed = CASE WHEN named.stands THEN named.batch END"
    f" FROM (SELECT asked.person, asked.year, latest.batch, {_NAMED} AS stands FROM coverage_asked AS asked"
    " JOIN latest_register AS latest ON latest.year = asked.year AND latest.kind = 'enrolled'"
    " WHERE asked.confirmed IS DISTINCT FROM latest.batch) AS named"
    " WHERE asked.person = named.person AND asked.year = named.year"
    " AND (named.stands OR asked.confirmed IS NOT NULL)"
    # Another process may have been faster: what it wrote is looked at again once its row is free.
    " AND asked.confirmed IS DISTINCT FROM CASE WHEN named.stands THEN named.batch END"
    " RETURNING asked.person, asked.year, named.batch, named.stands"
)


async def note(turn: Turn, _: str, body: bytes) -> None:
    """Write down whose bill waits for want of coverage."""
    held = ClaimHeld.model_validate_json(body)
    if held.reason == NOT_ENROLLED and held.discharge is not None:
        await turn.tx.execute(_ASK, {"person": held.person, "year": held.discharge.year})


async def confirm_found(runtime: Runtime) -> bool:
    """Confirm whoever the latest whole register names, and take back whom it names no longer."""
    async with runtime.turn() as turn:
        at = runtime.clock()
        for row in (await turn.tx.execute(_FOUND)).all():
            event = EnrolmentConfirmed(
                person=row.person, coverage_year=row.year, batch=row.batch, known=at, stands=row.stands
            )  # fmt: skip
            turn.say(event, event_id("confirmed", row.person, row.year, at.isoformat()))
    return False


CONFIRMING = "confirming"
KEEPS = (
    Kept(
        Subscription("SETTLEMENT", "enrollment-held", (ClaimHeld.SUBJECT,), "explicit", AT_A_TIME),
        note,
        wakes=CONFIRMING,
    ),
)
JOBS = (
    # At once when a bill asks, in whichever process; else for a register that has come in since.
    Job(CONFIRMING, confirm_found, seconds=5.0, alone=False),
)
