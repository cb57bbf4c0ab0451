"""What was booked and decided of claims, revision by revision: read, never written here."""

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.factset import ADAPTERS
from contracts.events.assistance import AssistanceDecision
from services.settlement.adjusting import Booking, Known, after_correction
from services.settlement.domain import MOVED, PERSON_ACCOUNT
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


_EARLIER = text(
    f"SELECT wanted.person, wanted.claim, earlier.person AS formerly FROM {_WANTED}"
    " JOIN claim AS earlier ON earlier.claim = wanted.claim AND earlier.person <> wanted.person"
    " WHERE earlier.reason = :moved ORDER BY earlier.received"
)
History = tuple[list[Booking], list[Known]]
"""What was booked and decided of one bill."""


async def histories(tx: AsyncConnection, wanted: Sequence[Of]) -> dict[Of, History]:
    """Return the history of each bill, over corrections of its person's number as one."""
    if not wanted:
        return {}
    earlier: defaultdict[Of, list[Of]] = defaultdict(list)
    for person, claim, formerly in await tx.execute(_EARLIER, _columns(wanted) | {"moved": MOVED}):
        earlier[person, claim].append((formerly, claim))
    everything = [*wanted, *(one for several in earlier.values() for one in several)]
    booked, known = await bookings(tx, everything), await decisions(tx, everything)
    found = {}
    for of in wanted:
        history: History = (booked.get(of, []), known.get(of, []))
        for before in reversed(earlier.get(of, [])):
            if booked.get(before):
                history = after_correction((booked[before], known.get(before, [])), history)
        found[of] = history
    return found


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
