"""What a report is held against before it is taken: whose people, which application, which bill.

Each returns what the sender should know all the same, or raises RefusedError.
"""

from nats.aio.client import Client

from contracts import questions
from contracts.events.partner import (
    FlagDecided,
    IdentityChanged,
    ManualAssistancePaid,
    PartnerEvent,
)
from contracts.ledgers import ASSISTANCE_MANUAL_PAGE, ManualPage, ManualPageAnswer, PaidByHand
from contracts.money import format_yuan
from contracts.questions import AboutClaims, AboutPerson, ClaimAnswer, PersonAnswer
from services.gateway.asking import ask
from services.gateway.claim_columns import amounts_of
from services.gateway.refusals import RefusedError


async def vetted(nc: Client, event: PartnerEvent, office: str) -> list[str]:
    """Hold a report against what is known; ``office``: the township whose office says it."""
    notes: list[str] = []
    if office and isinstance(event, IdentityChanged):
        await _own_numbers(nc, event, office)
    elif office:
        notes += await _own_people(nc, getattr(event, "person", ""), office)
    if isinstance(event, FlagDecided):
        notes += await _asked_for(nc, event)
    if isinstance(event, ManualAssistancePaid):
        await _owed(nc, event)
    return notes


async def _own_numbers(nc: Client, event: IdentityChanged, office: str) -> None:
    """A township corrects the numbers of its own people only, and to nobody else's person."""
    found = await _person(nc, event.person)
    if not found.found:
        raise RefusedError("unknown_person", "certno", 404)
    if found.township != office:
        raise RefusedError("outside_area", "certno", 403)
    if (await _person(nc, event.new_person)).township not in {"", office}:
        raise RefusedError("outside_area", "new_certno", 403)


async def _own_people(nc: Client, person: str, office: str) -> list[str]:
    """A township writes of its own people only; of whom nobody knows yet, it is told what follows."""
    found = await _person(nc, person)
    if found.merged_into:
        found = await _person(nc, found.merged_into)
    if found.township not in {"", office}:
        raise RefusedError("outside_area", "certno", 403)
    return [] if found.township else [f"本县尚无此人居住信息；名册写明住在{office}时生效"]


async def _asked_for(nc: Client, decided: FlagDecided) -> list[str]:
    """Say that a decision waits for its application, if nobody has applied yet."""
    known = (await _person(nc, decided.person)).applications
    if (decided.category, decided.flag_year) in {(one.category, one.flag_year) for one in known}:
        return []
    return [f"未见{decided.flag_year}年度该类别的申报；申报到达后生效"]


async def _owed(nc: Client, paid: ManualAssistancePaid) -> None:
    """Refuse a payment by hand for no bill, for somebody else's, or above what is left to pay."""
    if not paid.amount:
        raise RefusedError("invalid_value", "amount")
    asked = AboutClaims(claims=[paid.claim])
    known = await ask(nc, questions.SETTLEMENT_CLAIMS, asked, list[ClaimAnswer])
    bill = known[0] if known else None
    if bill is None or bill.submitted is None:
        raise RefusedError("unknown_claim", "claim", 404)
    whose = {bill.person, bill.holder} - {""}
    right = (await _person(nc, paid.person)).merged_into or paid.person
    if not whose & {paid.person, right}:
        raise RefusedError("claim_of_another", "certno")
    page = ManualPage(year=bill.submitted.discharge.year, persons=sorted(whose))
    found = await ask(nc, ASSISTANCE_MANUAL_PAGE, page, ManualPageAnswer)
    lines = [line for line in found.lines if line.claim == paid.claim]
    due, before = amounts_of(lines)
    told = any(_same(paid, one) for line in lines for one in line.payments)
    if paid.action == "revoked" and not told:
        raise RefusedError("not_paid", "amount", detail=f"已登记发放{format_yuan(before)}元")
    if paid.action == "paid" and not told and paid.amount > due - before:
        said = f"应发{format_yuan(due)}元，已发{format_yuan(before)}元"
        raise RefusedError("above_due", "amount", detail=said)


def _same(paid: ManualAssistancePaid, known: PaidByHand) -> bool:
    """Tell whether a payment was told before; told again, it may say that it was signed for since."""
    said = (paid.paid_on, format_yuan(paid.amount), paid.card_last4)
    return said == (known.paid_on, known.amount, known.card_last4)


async def _person(nc: Client, person: str) -> PersonAnswer:
    return await ask(nc, questions.ENROLLMENT_PERSON, AboutPerson(person=person), PersonAnswer)
