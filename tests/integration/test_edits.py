"""A superuser edits books, decisions and facts at random: each edit is named by the audit, with its claim.

``YINGBAO_EDITS`` says how many are tried (24 by itself), ``YINGBAO_EDITS_SEED`` from which seed.
"""

import os
import random
from pathlib import Path

import asyncpg
import pytest

from tests.integration.own_county import BILLS, County
from yingbao.running.reconciling import reconcile

EDITS = int(os.environ.get("YINGBAO_EDITS", "24"))
SEED = int(os.environ.get("YINGBAO_EDITS_SEED", "1"))
BODY = "convert_from(body, 'UTF8')::jsonb"
FACTS = {
    "settlement": ("ClaimSubmitted", "total_fee"),
    "assistance": ("ClaimSettled", "in_scope"),
}
KINDS = (
    "UPDATE {schema}.posting SET amount = amount + 100 WHERE ctid = (SELECT ctid FROM {schema}.posting"
    " WHERE claim = $1 ORDER BY seq LIMIT 1)",
    "DELETE FROM {schema}.posting WHERE ctid = (SELECT ctid FROM {schema}.posting WHERE claim = $1 LIMIT 1)",
    "UPDATE {schema}.claim SET pays = (SELECT jsonb_object_agg(key, value::bigint + 1)::text"
    " FROM jsonb_each_text(pays::jsonb)) WHERE claim = $1",
    "UPDATE {schema}.claim SET decided = decided || '.' WHERE claim = $1",
    "DELETE FROM {schema}.claim WHERE claim = $1",
    "UPDATE {schema}.fact SET body = convert_to(jsonb_set({body}, '{{{field}}}', '\"777777.00\"')::text, 'UTF8')"
    " WHERE event = '{event}' AND {body}->>'claim' = $1",
    "DELETE FROM {schema}.fact WHERE event = '{event}' AND {body}->>'claim' = $1",
)


async def test_every_edit_by_a_superuser_is_named(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postings, decisions and facts of both books, changed or gone; the next audit says which."""
    monkeypatch.setattr("yingbao.running.reconciling.AGAIN_SECONDS", 0.1)
    rng, missed = random.Random(SEED), []
    async with County(room / "edited") as county:
        await county.enrol()
        await county.bills(0, BILLS)
        await county.settled(BILLS)
        owner = await asyncpg.connect(county.stack.database_url)
        for number in range(EDITS):
            kind, schema = KINDS[number % len(KINDS)], rng.choice(sorted(FACTS))
            event, field = FACTS[schema]
            claim = rng.choice(await with_money(owner, schema))
            kept = await snapshot(owner, schema, claim)
            edit = kind.format(schema=schema, event=event, field=field, body=BODY)
            done = await owner.execute(edit, claim)
            assert not done.endswith(" 0"), (edit, claim)
            if not await named(county, claim, schema):
                missed.append((number, schema, edit, claim))
            await put_back(owner, schema, claim, kept)
        assert await named(county, "", "") == []
        await owner.close()

    assert missed == []


async def with_money(owner: asyncpg.Connection, schema: str) -> list[str]:
    """Return the claims for which something is booked."""
    rows = await owner.fetch(f"SELECT DISTINCT claim FROM {schema}.posting ORDER BY claim")
    return [row["claim"] for row in rows]


async def named(county: County, claim: str, schema: str) -> list[str]:
    """Return what the audit says about a claim, or about the chain that it stands in; all if none is asked for."""
    audits = dict(zip(("settlement", "assistance"), await county.asker.audits(), strict=True))
    lines = [line for audit in audits.values() for line in audit.differences]
    lines += [str(one) for one in await reconcile(county.stack.database_url, grace=0)]
    if schema and audits[schema].chain_breaks:
        lines.append(f"{claim}: {audits[schema].chain_breaks} breaks in the chain")
    return [line for line in lines if claim in line]


TABLES = ("posting", "claim", "fact")
Kept = dict[str, list[asyncpg.Record]]


async def snapshot(owner: asyncpg.Connection, schema: str, claim: str) -> Kept:
    """Keep every row about a claim."""
    return {
        table: await owner.fetch(f"SELECT * FROM {schema}.{table} WHERE {_about(table)}", claim)
        for table in TABLES
    }


async def put_back(owner: asyncpg.Connection, schema: str, claim: str, kept: Kept) -> None:
    """Undo an edit, to the last column."""
    async with owner.transaction():
        for table, rows in kept.items():
            await owner.execute(f"DELETE FROM {schema}.{table} WHERE {_about(table)}", claim)
            await owner.copy_records_to_table(
                table, records=[tuple(row.values()) for row in rows], columns=list(rows[0].keys()),
                schema_name=schema,
            )  # fmt: skip


def _about(table: str) -> str:
    return f"{BODY}->>'claim' = $1" if table == "fact" else "claim = $1"
