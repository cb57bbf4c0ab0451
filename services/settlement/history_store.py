"""What was booked and decided of claims, revision by revision: read, never written here."""

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.factset import ADAPTERS
from contracts.events.assistance import AssistanceDecision
from services.settlement.adjusting import Booking, Known
from services.settlement.joining import History, joined
from services.settlement.rules import MOVED, PERSON_ACCOUNT
from services.settlement.store import PROVIDER

Of = tuple[str, str]
"""Person and claim."""
_WANTED = "unnest(CAST(:persons AS text[]), CAST(:claims AS text[])) AS wanted (person, claim)"
_BOOKED = text(
    "SELECT posting.person, posting.claim, revision,"
    " CASE WHEN credit = :provider THEN debit ELSE credit END AS account,"
    " CASE WHEN credit = :provider THEN amount ELSE -amount END AS fen, booked"
    f" FROM {_WANTED} JOIN posting USING (person, claim) ORDER BY posting.person, seq"
)
_DECIDED = text(
    # Keys are in the order of bytes, so the beginning of a key finds its facts by the index.
    "SELECT wanted.person, wanted.claim, event, body, added"
    f" FROM {_WANTED} JOIN fact ON fact.person = wanted.person"
    " AND fact.fact >= 'assistance/' || wanted.claim || '/'"
    " AND fact.fact < 'assistance/' || wanted.claim || '0'"
)


_NUMBERS = text(
    # Under whatever numbers a bill was settled, while its person's number was corrected.
    f"SELECT wanted.person, wanted.claim, other.person AS number FROM {_WANTED}"
    " JOIN claim AS other ON other.claim = wanted.claim"
    " WHERE other.person = wanted.person OR other.reason = :moved ORDER BY other.person"
)


async def histories(tx: AsyncConnection, wanted: Sequence[Of]) -> dict[Of, History]:
    """Return the history of each bill, over corrections of its person's number as one."""
    if not wanted:
        return {}
    numbers: defaultdict[Of, list[Of]] = defaultdict(list)
    for person, claim, number in await tx.execute(_NUMBERS, _columns(wanted) | {"moved": MOVED}):
        numbers[person, claim].append((number, claim))
    everything = [one for several in numbers.values() for one in several]
    booked, known = await bookings(tx, everything), await decisions(tx, everything)
    return {
        of: joined([(booked.get(one, []), known.get(one, [])) for one in numbers[of]])
        for of in wanted
    }


async def bookings(tx: AsyncConnection, wanted: Sequence[Of]) -> dict[Of, list[Booking]]:
    """Return what each revision moved in each fund; what the person pays is not a fund's."""
    found: defaultdict[Of, list[Booking]] = defaultdict(list)
    for person, claim, revision, account, fen, at in await tx.execute(
        _BOOKED, _columns(wanted) | {"provider": PROVIDER}
    ):
        if account != PERSON_ACCOUNT:
            found[person, claim].append(Booking(revision, account, int(fen), at))
    return found


async def decisions(tx: AsyncConnection, wanted: Sequence[Of]) -> dict[Of, list[Known]]:
    """Return what assistance decided, each time, and when it became known."""
    found: defaultdict[Of, list[Known]] = defaultdict(list)
    for person, claim, event, body, added in await tx.execute(_DECIDED, _columns(wanted)):
        decision = cast("AssistanceDecision", ADAPTERS[event].validate_json(body))
        found[person, claim].append(Known(decision, added))
    return found


def _columns(wanted: Sequence[Of]) -> dict[str, object]:
    return {"persons": [one[0] for one in wanted], "claims": [one[1] for one in wanted]}
