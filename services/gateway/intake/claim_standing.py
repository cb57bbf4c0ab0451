"""How a bill stands, in the words of the door's answer. Pure."""

from collections.abc import Mapping

from contracts.bill_questions import ClaimAnswer
from contracts.funds import AMOUNTS, ASSISTANCE_FUNDS, FUND_ZH, GIVEN_FUNDS
from contracts.money import format_yuan, parse_yuan
from services.gateway.intake.national import to_national
from services.gateway.refusals import RefusedError


def said(claim: str, answer: ClaimAnswer | None) -> tuple[int, dict[str, object]]:
    """Put a claim's standing into the words of the answer."""
    where = f"/v1/claims/{claim}"
    if answer is not None and answer.outcome == "reversed" and answer.bill is None:
        return 200, {"claim": claim, "status": "reversed", "bill": None}
    if answer is None or (answer.outcome == "settled" and answer.bill is None):
        return 202, {"claim": claim, "status": "accepted", "location": where}
    if answer.outcome in {"refused", "held"}:
        status = 422 if answer.outcome == "refused" else 202
        body = RefusedError(answer.reason).body()
        return status, {"claim": claim, "status": answer.outcome, "location": where, **body}
    bill = answer.bill or {}
    amounts = {
        name: parse_yuan(value)
        for name, value in bill.items()
        if isinstance(value, str) and name in AMOUNTS
    }
    return 200, {
        "claim": claim,
        "status": answer.outcome,
        "bill": {key: value for key, value in bill.items() if key != "person"}
        | at_the_counter(answer, amounts),
        "national": to_national(amounts),
    }


def at_the_counter(answer: ClaimAnswer, amounts: Mapping[str, int]) -> dict[str, object]:
    """Say what the family pays at the hospital, and what goes by hand later (S1, C13, C16).

    Without a one-stop settlement the assistance comes later; what is decided after the first settlement
    comes by hand in any case, or is reclaimed, and the two are never netted.
    """
    if answer.submitted is None or answer.outcome != "settled" or "personal_burden" not in amounts:
        return {}
    now = {fund: amounts.get(fund, 0) for fund in FUND_ZH}
    given = {fund: now[fund] for fund in GIVEN_FUNDS}
    carried = now if answer.first_paid is None else answer.first_paid | given
    if not answer.submitted.one_stop:
        carried = {fund: fen for fund, fen in carried.items() if fund not in ASSISTANCE_FUNDS}
    later = {fund: now[fund] - carried.get(fund, 0) for fund in FUND_ZH}
    return {
        "one_stop": answer.submitted.one_stop,
        "family_pays_now": format_yuan(amounts["total_fee"] - sum(carried.values())),
        "paid_by_hand_later": format_yuan(sum(fen for fen in later.values() if fen > 0)),
        "to_be_returned": format_yuan(-sum(fen for fen in later.values() if fen < 0)),
    }
