"""Messages of a full list wait until it counts; those of a withdrawn list, or of a first one, never leave."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus import AT_A_TIME, Subscription
from chassis.listening import Kept
from chassis.runtime import Turn
from contracts.events.enrollment import FullListSettled

OPENING = "opening"
"""The first list of a register counts, and nobody is told that everybody on it is new."""
_SETTLE = text(
    # A list may be closed, withdrawn and counted again; the last word holds, in whatever order it comes.
    "INSERT INTO settled_list (batch, state, settled) VALUES (:batch, :state, :settled)"
    " ON CONFLICT (batch) DO UPDATE SET state = excluded.state, settled = excluded.settled"
    " WHERE settled_list.settled < excluded.settled"
)
_RELEASE = text(
    # Whoever was told what a withdrawn list said is told that it is not so; nobody else hears of it.
    "UPDATE sms SET state = CASE WHEN CASE WHEN undoes THEN EXISTS (SELECT 1 FROM sms AS told"
    " WHERE told.person = sms.person AND told.audience = sms.audience AND told.batch = sms.batch"
    " AND NOT told.undoes"
    " AND told.state NOT IN ('held', 'created', 'withdrawn')) ELSE settled_list.state = 'closed' END"
    # From now on it waits for the next morning, as what came about now.
    " THEN 'created' ELSE 'withdrawn' END, created = now() FROM settled_list WHERE sms.state = 'held'"
    " AND sms.batch = settled_list.batch AND NOT (undoes AND settled_list.state IN ('closed', 'opening'))"
)


_NOT_SO = text(
    # What waits for the morning and is taken back at noon, as its list was withdrawn, is not said at all.
    # What another list says as well has no undoing, and stays true.
    "UPDATE sms SET state = 'withdrawn' FROM settled_list WHERE sms.state = 'created' AND NOT undoes"
    " AND sms.batch <> '' AND sms.batch = settled_list.batch AND settled_list.state <> 'closed'"
    " AND EXISTS (SELECT 1 FROM sms AS undoing WHERE undoing.person = sms.person"
    " AND undoing.audience = sms.audience AND undoing.batch = sms.batch AND undoing.undoes)"
)


async def settle(turn: Turn, _: str, body: bytes) -> None:
    """Learn whether a full list counts."""
    event = FullListSettled.model_validate_json(body)
    state = OPENING if event.opening else event.state
    await turn.tx.execute(_SETTLE, {"batch": event.batch, "state": state, "settled": event.settled})


async def release(tx: AsyncConnection) -> None:
    """Let the messages of lists that count leave, and drop those of lists that do not."""
    await tx.execute(_NOT_SO)
    await tx.execute(_RELEASE)


KEEPS = (
    Kept(
        Subscription(
            "ENROLLMENT", "notify-lists", (FullListSettled.SUBJECT,), "explicit", AT_A_TIME
        ),
        settle,
    ),
)
