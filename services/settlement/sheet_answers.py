"""Answers for a page of bills: S0's sheets of stays, of one-stop settlement, of major diseases."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import text

from chassis import factset
from chassis.asking import answers
from chassis.runtime import Runtime
from contracts.bill_sheets import SETTLEMENT_CLAIM_PAGE, ClaimLine, ClaimPage, ClaimPageAnswer
from contracts.funds import Fund
from contracts.money import format_yuan, parse_yuan
from contracts.vocabulary import Kind
from policy.engine import pack_of
from policy.loader import load_packs
from policy.pack import Pack
from services.settlement import rules
from services.settlement.adjusting import first_pays
from services.settlement.history_store import histories

_PAGE = (
    # A bill that was issued and is held or refused since stays in the sheet, with nothing paid.
    "SELECT person, claim, kind, discharge, outcome, reason, category, pays, bill FROM claim"
    " WHERE reason <> :moved"
    " AND (:every OR outcome = 'settled' OR (outcome <> 'reversed' AND bill_revision > 0))"
    " AND discharge BETWEEN make_date(:year, 1, 1) AND make_date(:year, 12, 31) AND {whose}"
    " AND person || '/' || claim > :after ORDER BY person || '/' || claim LIMIT :most"
)
# Two statements: with one for both, a connection could keep a county's plan, and read it whole for a person.
_OF_THE_POOR = text(_PAGE.format(whose="ever_poor"))
_OF_SOME = text(_PAGE.format(whose="person = ANY(CAST(:persons AS text[]))"))


async def claim_page(runtime: Runtime, page: ClaimPage) -> ClaimPageAnswer:
    """Return a page of bills, with what was settled first and what was re-decided since."""
    packs = load_packs(runtime.settings.packs)
    asked = page.model_dump(include={"year", "after", "most", "every"}) | {"moved": rules.MOVED}
    statement = _OF_THE_POOR
    if page.persons:
        statement, asked["persons"] = _OF_SOME, page.persons
    async with runtime.look() as connection:
        rows = (await connection.execute(statement, asked)).all()
        events = await factset.read_events(connection, sorted({row.person for row in rows}))
        history = await histories(connection, [(row.person, row.claim) for row in rows])
    bills = {person: rules.collect(facts).decide(packs).bills for person, facts in events.items()}
    lines = [
        _line(row, bills[row.person][row.claim], first_pays(*history[row.person, row.claim]))
        for row in rows
    ]
    last = rows[-1] if len(rows) == page.most else None
    return ClaimPageAnswer(
        lines=[one for one in lines if belongs(page.ledger, one, packs)],
        after=f"{last.person}/{last.claim}" if last else "",
    )


def belongs(ledger: str, line: ClaimLine, packs: Sequence[Pack]) -> bool:
    """Tell whether a bill stands in a sheet.

    A major disease is one that the pack names, or one for which critical illness insurance paid.
    """
    if ledger == "one_stop":
        return True
    if line.kind != Kind.INPATIENT.value:
        return False
    pack = pack_of(packs, line.discharge, line.provider)
    named = pack is not None and line.disease in pack.disease_classes
    return ledger == "inpatient_claim" or named or Fund.CII.value in line.pays


def _line(row: Any, bill: Any, first: Mapping[str, int]) -> ClaimLine:
    issued = orjson.loads(row.bill) if row.bill else {}
    insured = {
        fund: format_yuan(fen)
        for fund, fen in orjson.loads(row.pays).items()
        if fen and fund != rules.PERSON_ACCOUNT
    }
    funds = {fund.value for fund in Fund}
    pays = {name: value for name, value in issued.items() if name in funds and value != "0.00"}
    now = pays or insured
    # What the hospital and a commercial insurer gave stands on the bill from the first day.
    given = bill.hospital_reduction + bill.commercial_supplement
    at_first = sum(first.values()) + given
    if row.outcome != "settled":
        now = {}
    return ClaimLine(
        person=row.person, claim=row.claim, provider=bill.provider, kind=row.kind, level=bill.level,
        admit=bill.admit, discharge=row.discharge, disease=bill.disease, category=row.category,
        one_stop=bill.one_stop, why_not=bill.why_not_one_stop, statement=bool(issued),
        total_fee=format_yuan(bill.total_fee), in_scope=format_yuan(bill.in_scope),
        pays=now, personal_burden=issued.get("personal_burden", ""), outcome=row.outcome,
        reason=row.reason, first=format_yuan(at_first),
        difference=format_yuan(sum(parse_yuan(one) for one in now.values()) - at_first),
    )  # fmt: skip


ANSWERS = (answers(SETTLEMENT_CLAIM_PAGE, claim_page),)
