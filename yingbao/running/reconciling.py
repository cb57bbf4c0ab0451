"""Holds door, services and books against each other: what one says, the next must have, to the fen.

Each service compares itself with its own facts (``chassis.audit``), where a fact that nobody legitimate said
is right. Here what a service was told is compared with what its teller stands by, and what was accepted at
the door with what was heard. Every difference is named; an empty result is the good one.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import asyncpg

from contracts.events.claims import ClaimReversed, ClaimSubmitted, DuplicateDismissed
from contracts.events.partner import ManualAssistancePaid
from contracts.funds import ASSISTANCE_FUNDS, INSURANCE_FUNDS
from services.enrollment.person.links import REPORTED

GRACE_SECONDS, AGAIN_SECONDS, LOOKS = 120.0, 5.0, 12
"""What is younger may still be on its way; what differs is looked at again so much later, so often."""
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Check:
    """A comparison: what it is called, what a difference means, and the statement that finds them.

    The statement's columns: whose or which, what the one side says, what the other.
    """

    name: str
    meaning: str
    sql: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about which two sides disagree."""

    check: str
    what: str
    one: str
    other: str

    def __str__(self) -> str:
        return f"{self.check}: {self.what}: {self.one} ≠ {self.other}"


def _named(*events: type) -> str:
    return ", ".join(f"'{event.NAME}'" for event in events)  # type: ignore[attr-defined]


def _reports() -> Iterator[Check]:
    """Compare what departments and hospitals said at the door with what enrollment and assistance heard."""
    names = ", ".join(
        f"'{event.NAME}'"
        for event in sorted((*REPORTED, ManualAssistancePaid), key=lambda one: one.NAME)
    )
    said = "split_part(i.subject, '.', 3)"
    heard = " UNION ALL ".join(
        f"SELECT f.person, f.fact, f.event, f.body, f.added FROM {schema}.fact f"
        for schema in ("enrollment", "assistance")
    )
    yield Check(
        "reported_not_heard", "a report that the door accepted is not known to who keeps it",
        "SELECT i.subject || ' ' || i.id, 'accepted ' || i.accepted, 'not heard' FROM gateway.intake i"
        f" WHERE i.subject LIKE 'partner.%' AND {said} IN ({names}) AND i.accepted < {_YOUNG}"
        f" AND NOT EXISTS (SELECT FROM ({heard}) AS f"
        " WHERE f.person = convert_from(i.payload, 'UTF8')::json->>'person' AND f.body = i.payload)",
    )  # fmt: skip
    # Who is absent from a full list is said by enrollment itself, of the list that the door accepted.
    absent = "f.event = 'StatusReported' AND j->>'action' = 'removed' AND j->>'listed' IS NOT NULL"
    yield Check(
        "heard_not_reported", "enrollment or assistance was told something that no door accepted",
        "SELECT f.event || ' ' || left(f.fact, 60), 'heard ' || f.added, 'not accepted'"
        f" FROM ({heard}) AS f, LATERAL (SELECT {_BODY.format('f')} AS j) AS read"
        f" WHERE f.event IN ({names}) AND NOT ({absent})"
        " AND (j->>'received')::timestamptz >= (SELECT min(accepted) FROM gateway.intake)"
        " AND NOT EXISTS (SELECT FROM gateway.intake i WHERE i.payload = f.body)",
    )  # fmt: skip


_BODY = "convert_from({}.body, 'UTF8')::json"
_FROM_HOSPITALS = _named(ClaimSubmitted, ClaimReversed, DuplicateDismissed)
_YOUNG = "now() - make_interval(secs => $1)"


def _amounts(pays: str, told: str, funds: tuple[str, ...]) -> tuple[str, str]:
    """Return two texts: a service's own shares and those that it was heard to say, fund by fund in fen."""
    own = " || ' ' || ".join(f"coalesce(({pays}->>'{fund}')::bigint, 0)" for fund in funds)
    said = " || ' ' || ".join(
        f"coalesce(round(({told}->>'{fund}')::numeric * 100)::bigint, 0)" for fund in funds
    )
    return own, said


def _told(events: str, key: str, schema: str) -> str:
    """Return the SQL of the last word that a service heard about each claim."""
    return (
        f"SELECT DISTINCT ON (f.person, j->>'claim') f.person, j->>'claim' AS claim, j, f.event,"
        f" (j->>'{key}')::int AS revision, f.added FROM {schema}.fact f,"
        f" LATERAL (SELECT {_BODY.format('f')} AS j) AS read WHERE f.event IN ({events})"
        f" ORDER BY f.person, j->>'claim', (j->>'{key}')::int DESC"
    )


def _checks() -> Iterator[Check]:
    yield Check(
        "accepted_not_heard", "a bill that the door accepted is not known to settlement",
        f"SELECT i.subject || ' ' || i.id, 'accepted ' || i.accepted, 'not heard' FROM gateway.intake i"
        f" WHERE i.subject LIKE 'claims.%' AND i.accepted < {_YOUNG}"
        " AND NOT EXISTS (SELECT FROM settlement.fact f"
        " WHERE f.person = convert_from(i.payload, 'UTF8')::json->>'person' AND f.body = i.payload)",
    )  # fmt: skip
    yield Check(
        "heard_not_accepted", "settlement was told something that no door accepted",
        f"SELECT f.event || ' ' || f.fact, 'heard ' || f.added, 'not accepted' FROM settlement.fact f"
        f" WHERE f.event IN ({_FROM_HOSPITALS})"
        f" AND ({_BODY.format('f')}->>'received')::timestamptz >= (SELECT min(accepted) FROM gateway.intake)"
        " AND NOT EXISTS (SELECT FROM gateway.intake i WHERE i.payload = f.body)",
    )  # fmt: skip
    own, said = _amounts("c.pays::json", "t.j", INSURANCE_FUNDS)
    settled = _told("'ClaimSettled', 'ClaimHeld', 'ClaimRefused'", "revision", "assistance")
    yield Check(
        "settled_not_assisted", "assistance rests on another decision than settlement stands by",
        f"SELECT c.claim, 'revision ' || c.revision || ': ' || {own},"
        f" CASE WHEN t.claim IS NULL THEN 'not heard' ELSE 'revision ' || t.revision || ': ' || {said} END"
        f" FROM settlement.claim c LEFT JOIN ({settled}) t ON t.person = c.person AND t.claim = c.claim"
        f" WHERE c.revision > 0 AND c.received < {_YOUNG} AND (t.revision IS DISTINCT FROM c.revision"
        f" OR (c.outcome = 'settled' AND {own} <> {said}))",
    )  # fmt: skip
    own, said = _amounts("a.pays::json", "t.j", ASSISTANCE_FUNDS)
    granted = _told("'AssistanceGranted', 'AssistanceAdjusted'", "revision", "settlement")
    yield Check(
        "assisted_not_billed", "a bill rests on other assistance than was decided",
        f"SELECT t.claim, CASE WHEN a.claim IS NULL THEN 'not decided' ELSE"
        f" 'revision ' || a.revision || ': ' || {own} END, 'revision ' || t.revision || ': ' || {said}"
        f" FROM ({granted}) t LEFT JOIN assistance.claim a ON a.person = t.person AND a.claim = t.claim"
        f" WHERE t.added < {_YOUNG} AND (a.revision IS DISTINCT FROM t.revision OR {own} <> {said})",
    )  # fmt: skip
    told = _told("'BillIssued'", "bill_revision", "notify")
    yield Check(
        "billed_not_told", "notify knows another bill than settlement issued",
        "SELECT c.claim, 'bill ' || c.bill_revision, coalesce('bill ' || t.revision, 'not heard')"
        f" FROM settlement.claim c LEFT JOIN ({told}) t ON t.person = c.person AND t.claim = c.claim"
        f" WHERE c.bill_revision > 0 AND c.received < {_YOUNG}"
        " AND t.revision IS DISTINCT FROM c.bill_revision",
    )  # fmt: skip


CHECKS = (*_reports(), *_checks())


async def reconcile(database_url: str, grace: float = GRACE_SECONDS) -> list[Difference]:
    """Return what two sides disagree about; at most a hundred of each kind. ``grace``: seconds.

    What is only on its way between two services is the same no more a few seconds later, or once the bus is
    back that a machine took with it: only what stays word for word for a minute is a difference.
    """
    stays = await _look(database_url, grace)
    for _ in range(LOOKS):
        if not stays:
            break
        await asyncio.sleep(AGAIN_SECONDS)
        again = set(await _look(database_url, grace))
        stays = [one for one in stays if one in again]
    return stays


async def _look(database_url: str, grace: float) -> list[Difference]:
    connection = await asyncpg.connect(database_url)
    found = []
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for check in CHECKS:
                arguments = (grace,) if "$1" in check.sql else ()
                rows = await connection.fetch(f"{check.sql} LIMIT {SHOWN}", *arguments)
                found += [Difference(check.name, *map(str, row.values())) for row in rows]
    finally:
        await connection.close()
    return found
