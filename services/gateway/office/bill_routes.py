"""The one-page bill (一单清) over HTTP: printed for whoever asks at a window, and a printed copy verified."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from chassis.clock import today
from chassis.language import tr
from contracts.bill_questions import ClaimAnswer
from contracts.bill_sheets import SETTLEMENT_CLAIM_PAGE, ClaimLine, ClaimPage
from contracts.identity import PersonKey
from contracts.money import format_yuan, parse_yuan
from contracts.questions import AboutPerson
from services.gateway.answers import says
from services.gateway.asking import pages_for
from services.gateway.caller import COUNTY, Caller, TheDoor, Who, purpose
from services.gateway.door import Door
from services.gateway.intake.claim_standing import said
from services.gateway.office.answers import PersonBill, PrintedBill, Verified
from services.gateway.office.bill_sheets import (
    TEMPLATE,
    Told,
    code_of,
    covered_by,
    in_groups,
    is_verified,
    printed,
)
from services.gateway.office.explanations import claim_of, explained, seen_claim
from services.gateway.office.naming import LEVEL, PROVIDER, names_of, office_of
from services.gateway.office.people import people_of, shown
from services.gateway.office.printing import pdf
from services.gateway.office.routes import seen_by
from services.gateway.office.sheet_reader import PAGE
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import ZH, RefusedError

router = APIRouter()
WHAT, WHY_LEAST = "bill_sheet", 2
Why = Annotated[str, Query(max_length=100, description="查询用途，留痕；医疗机构不填")]


@router.get(
    "/v1/claims/{claim}/sheet", summary="一单清，文字和金额，带校验码",
    responses=REFUSALS | says(PrintedBill), response_model=None,
)  # fmt: skip
async def bill_in_words(claim: str, who: Who, door: TheDoor, why: Why = "") -> PrintedBill:
    return await _printed(claim, who, door, why)


@router.get(
    "/v1/claims/{claim}/sheet.pdf", summary="一单清（PDF，一页），带校验码", responses=REFUSALS,
    response_class=Response,
)  # fmt: skip
async def bill_sheet(claim: str, who: Who, door: TheDoor, why: Why = "") -> Response:
    found = await _printed(claim, who, door, why)
    content = await asyncio.to_thread(pdf, TEMPLATE, in_groups(found))
    return Response(content, media_type="application/pdf")


@router.get(
    "/v1/claims/{claim}/verification", summary="核验一单清的校验码",
    responses=REFUSALS | says(Verified), response_model=None,
)  # fmt: skip
async def verification(
    claim: str,
    code: Annotated[str, Query(min_length=4, max_length=40, description="单上的校验码")],
    who: Who,
    door: TheDoor,
) -> dict[str, Any]:
    ref, answer = await _of_code(door, who, claim, code)
    bill, hospitals = answer.bill or {}, names_of(door.settings)[PROVIDER]
    return {
        "claim": ref, "verified": is_verified(_keys(door), ref, bill, code), "status": answer.outcome,
        "revision": bill["bill_revision"], "discharge": bill["discharge"],
        "hospital": hospitals.get(str(bill["provider"]), bill["provider"]),
        "total_fee": bill["total_fee"], "covered": covered_by(bill), "burden": bill["personal_burden"],
    }  # fmt: skip


async def _of_code(door: Door, who: Caller, claim: str, code: str) -> tuple[str, ClaimAnswer]:
    """Return an issued bill: any office's, if the code is right; else only one that the caller may see.

    A family may bring its paper to any window. Raises RefusedError with 404, and 409 where none was issued.
    """
    if who.role != "hospital":
        who.officer()
        answer = await claim_of(door, who, claim)
        if answer.bill and is_verified(_keys(door), claim, answer.bill, code):
            return claim, answer
    ref, answer = await seen_claim(door, who, claim)
    if not answer.bill:
        raise RefusedError("not_issued", "claim", 409)
    return ref, answer


@router.get(
    "/v1/enrollment/persons/{person}/bills", summary="个人一个年度的结算单", responses=REFUSALS
)
async def bills_of_person(
    person: PersonKey,
    year: Annotated[int, Query(ge=2003, le=2100, description="待遇年度")],
    why: Annotated[str, Query(min_length=2, max_length=100, description="查询用途，留痕")],
    who: Who,
    door: TheDoor,
) -> list[PersonBill]:
    who.officer()
    asked = AboutPerson(person=person, holder=who.holder, why=purpose(why), what="person_bills")
    await seen_by(who, door, asked)
    page = ClaimPage(ledger="one_stop", every=True, year=year, persons=[person], most=PAGE)
    hospitals = names_of(door.settings)[PROVIDER]
    lines = [
        one
        async for answer in pages_for(who, door.nc, SETTLEMENT_CLAIM_PAGE, page)
        for one in answer.lines
    ]
    lines.sort(key=lambda one: (one.discharge, one.claim), reverse=True)
    return [_listed(one, hospitals) for one in lines]


def _listed(one: ClaimLine, hospitals: Mapping[str, str]) -> PersonBill:
    """Return a bill as a line of somebody's bills."""
    paid = sum(parse_yuan(amount) for amount in one.pays.values())
    return PersonBill(
        claim=one.claim, provider=hospitals.get(one.provider, one.provider), kind=one.kind,
        discharge=one.discharge, outcome=one.outcome,
        message=tr(ZH.get(one.reason, "")), total_fee=one.total_fee,
        covered=format_yuan(paid), personal_burden=one.personal_burden,
    )  # fmt: skip


def standing(ref: str, answer: ClaimAnswer) -> dict[str, Any]:
    """Return the bill that stands, as the door's answer has it. Raises RefusedError with 409 if none does."""
    bill = said(ref, answer)[1].get("bill")
    if answer.outcome in {"held", "refused", "reversed"}:
        raise RefusedError(f"bill_{answer.outcome}", "claim", 409)
    if not isinstance(bill, dict):
        raise RefusedError("not_issued", "claim", 409)
    if bill["settlement_revision"] != answer.revision:
        raise RefusedError("bill_decided_anew", "claim", 409)
    return bill


async def _printed(claim: str, who: Caller, door: Door, why: str) -> PrintedBill:
    ref, answer = await seen_claim(door, who, claim)
    bill = standing(ref, answer)
    told = await _told(door, who, ref, answer, bill, why)
    return printed(ref, answer, bill, told, code_of(_keys(door).split(",")[0], ref, bill))


async def _told(
    door: Door, who: Caller, ref: str, answer: ClaimAnswer, bill: dict[str, Any], why: str
) -> Told:
    """Put names to codes; a hospital knows its patient, and reads the name from nobody."""
    hospital = who.role == "hospital"
    area = COUNTY if hospital else who.officer()
    person = answer.holder or answer.person
    if not hospital and len(why) < WHY_LEAST:
        raise RefusedError("missing_field", "why")
    people = {} if hospital else await people_of(who, door, WHAT, [person], area, why)
    whose, names = shown(people.get(person, {})), names_of(door.settings)
    explanation = await explained(door, who, ref, answer)
    level = "" if answer.submitted is None else answer.submitted.level
    return Told(
        name=whose["name"], last4=whose["last4"],
        hospital=names[PROVIDER].get(bill["provider"], bill["provider"]),
        level=names[LEVEL].get(level, level), unit=office_of(door.settings, COUNTY).unit,
        day=today(door.clock), family=explanation.family, added=explanation.added, basis=explanation.zh,
        adjustments=explanation.adjustments,
    )  # fmt: skip


def _keys(door: Door) -> str:
    return door.settings.operator_key.get_secret_value()
