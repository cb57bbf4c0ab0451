"""Finds people by what they are called, for a purpose that is written down; no name stands in an address."""

import re
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.clock import today
from contracts.events.base import Text
from contracts.identity import PersonKey, plain_name
from contracts.messages import NOTIFY_MESSAGES_OF, MessagesOf, PersonMessage
from contracts.questions import AboutPerson
from contracts.sheets import BY_INITIALS, BY_NAME, BY_PHONE, ENROLLMENT_FIND, FindQuestion
from services.gateway.answers import says
from services.gateway.asking import ask_for
from services.gateway.caller import Caller, TheDoor, Who, purpose, within
from services.gateway.door import Door
from services.gateway.intake.reading.characters import name_of
from services.gateway.intake.reading.phones import phone_of
from services.gateway.office.answers import Found
from services.gateway.office.people import placed
from services.gateway.office.routes import seen_by
from services.gateway.office.sheet_reader import PLACE
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError

router = APIRouter()
PERSONS = "/v1/enrollment/persons"
A_HOUSEHOLD = 100
_is_letters = re.compile(r"[a-z]{2,12}", re.ASCII | re.IGNORECASE).fullmatch


class FindIn(BaseModel):
    """Find people by name, by the initials of the name (``zxm``) or by phone."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    word: str = Field(max_length=60, description="姓名、姓名拼音首字母或手机号")
    why: Text = Field(min_length=2, description="查询用途，留痕")
    township: str = Field(default="", max_length=50)
    after: str = Field(default="", max_length=40, description="上一页的 next")


def asked_by(written: str) -> tuple[str, str]:
    """Return (kind, word) of what somebody looks for. Raises RefusedError: too little to find anybody by."""
    reached = phone_of(written)
    if reached.mobile:
        return BY_PHONE, reached.mobile
    word = plain_name(name_of(written))
    if _is_letters(word):
        return BY_INITIALS, word
    if len(word) < 2 or any(one.isdigit() for one in word):
        raise RefusedError("not_a_word", "word")
    return BY_NAME, word


@router.post(
    f"{PERSONS}/find", summary="按姓名、拼音首字母或手机号查找", responses=REFUSALS | says(Found),
    response_model=None,
)  # fmt: skip
async def find(body: FindIn, who: Who, door: TheDoor) -> dict[str, Any]:
    area = within(who, body.township, door)
    sealed = door.operators.seal(orjson.dumps(asked_by(body.word)).decode(), PLACE)
    asked = FindQuestion(
        sealed=sealed, year=today(door.clock).year, township=area, after=body.after,
        holder=who.holder, why=purpose(body.why),
    )  # fmt: skip
    return await _found(who, door, asked)


@router.get(
    f"{PERSONS}/{{person}}/household", summary="同户人员", responses=REFUSALS | says(Found),
    response_model=None,
)  # fmt: skip
async def household(
    person: PersonKey,
    who: Who,
    door: TheDoor,
    why: Annotated[str, Query(min_length=2, max_length=100, description="查询用途，留痕")],
) -> dict[str, Any]:
    area = within(who, "", door)
    asked = FindQuestion(
        household_of=person, year=today(door.clock).year, township=area, most=A_HOUSEHOLD,
        holder=who.holder, why=purpose(why),
    )  # fmt: skip
    return await _found(who, door, asked)


@router.get(
    f"{PERSONS}/{{person}}/messages", summary="关于个人的短信及其送达情况", responses=REFUSALS
)
async def messages(
    person: PersonKey,
    who: Who,
    door: TheDoor,
    why: Annotated[str, Query(min_length=2, max_length=100, description="查询用途，留痕")],
) -> list[PersonMessage]:
    who.officer()
    asked = AboutPerson(person=person, holder=who.holder, why=purpose(why), what="person_messages")
    await seen_by(who, door, asked)
    return await ask_for(who, door.nc, NOTIFY_MESSAGES_OF, MessagesOf(person=person))


async def _found(who: Caller, door: Door, asked: FindQuestion) -> dict[str, Any]:
    answer = await ask_for(who, door.nc, ENROLLMENT_FIND, asked)
    opened = orjson.loads(door.operators.open(answer.sealed, PLACE))
    people = [
        {"person": person, **placed(dict(zip(answer.columns, row, strict=True)))}
        for person, row in opened.items()
    ]
    return {"people": sorted(people, key=_by_place), "next": answer.after}


def _by_place(one: dict[str, Any]) -> tuple[str, ...]:
    """Put who is found in the order of a list on paper; a page of them, as the next one comes by key."""
    return one["township"], one["village"], one["head"], one["name"], one["last4"]
