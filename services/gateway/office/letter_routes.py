"""What could not be read or handled (滞留消息): listed, looked at, sent back, closed, given an owner."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.language import tr
from contracts.events.base import Text
from contracts.sheets import ENROLLMENT_READING, Reading
from services.gateway.answers import Answer, says
from services.gateway.asking import ask_for
from services.gateway.caller import TheDoor, Who, purpose
from services.gateway.letters import Letter, State, Which
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import SET_ASIDE_ZH, ZH, RefusedError, refuse_identity_in_text

router = APIRouter()
STATES: Mapping[str, tuple[State, ...]] = {
    "open": ("open", "sending"), "sending": ("sending",), "all": ("open", "sending", "sent", "closed"),
}  # fmt: skip
Number = Annotated[int, Path(ge=1, le=2**62, description="编号")]
Why = Annotated[str, Query(min_length=2, max_length=100, description="查询用途，留痕")]
Part = Annotated[str, Query(max_length=60)]


class LetterShown(Answer):
    """What was set aside: when, by which service, why, and what became of it."""

    number: int
    set_aside: datetime
    service: str
    handler: str
    subject: str
    reason: str
    message: str
    detail: str
    owner: str
    state: Literal["open", "sending", "sent", "closed"]
    decider: str
    decided: datetime | None
    why: str


class LetterOpened(LetterShown):
    """A letter with its input, as it came; it may name a person."""

    payload: str


class Ordered(Answer):
    """Which letters an order is about; ``stay``: refused at the door, only their sender can correct them."""

    numbers: list[int]
    stay: list[int]


class WhichIn(BaseModel):
    """Numbers, or all of a service and a reason."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    numbers: list[Annotated[int, Field(ge=1, le=2**62)]] = Field(default=[], max_length=1000)
    service: Text = Field(default="", max_length=40)
    reason: Text = Field(default="", max_length=60)

    def which(self) -> Which:
        """Return which letters are meant. Raises RefusedError if that is all there are."""
        found = Which(self.numbers, self.service, self.reason)
        if found.vague:
            raise RefusedError("missing_field", "numbers")
        return found


class CloseIn(WhichIn):
    """Which letters need nothing any more, and why."""

    why: Text = Field(min_length=2, max_length=200, description="不再处理的原因，留痕")


class OwnIn(WhichIn):
    """Which letters somebody looks after; without an owner, nobody."""

    owner: Text = Field(default="", max_length=40, description="负责人岗位或账号")


@router.get("/v1/letters", summary="滞留消息（分页）", responses=REFUSALS)
async def letters(
    who: Who,
    door: TheDoor,
    state: Annotated[
        Literal["open", "sending", "all"],
        Query(description="open：待处理、正在送回；sending：正在送回；all：含已送回、已关闭"),
    ] = "open",
    service: Part = "",
    reason: Part = "",
    owner: Part = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> list[LetterShown]:
    who.county()
    which = Which((), service, reason, owner)
    found = await door.letters.page(which, STATES[state], limit, offset)
    return [LetterShown(**_shown(one)) for one in found]


@router.get("/v1/letters/{number}", summary="查看一条滞留消息的原文，留痕", responses=REFUSALS)
async def letter(number: Number, why: Why, who: Who, door: TheDoor) -> LetterOpened:
    who.county()
    found = await door.letters.one(number)
    reading = Reading(holder=who.holder, what="letter", area=str(number), why=purpose(why))
    await ask_for(who, door.nc, ENROLLMENT_READING, reading)
    return LetterOpened(**_shown(found), payload=found.payload)


@router.post(
    "/v1/letters/retry", summary="把滞留消息送回原处重新处理", responses=REFUSALS | says(Ordered),
    response_model=None,
)  # fmt: skip
async def send_letters_back(body: WhichIn, who: Who, door: TheDoor) -> dict[str, Any]:
    who.county()
    numbers, stay = await door.letters.send_back(body.which(), who.holder)
    return {"numbers": numbers, "stay": stay}


@router.post(
    "/v1/letters/closing", summary="关闭已处理的滞留消息", responses=REFUSALS | says(Ordered),
    response_model=None,
)  # fmt: skip
async def close_letters(body: CloseIn, who: Who, door: TheDoor) -> dict[str, Any]:
    who.county()
    refuse_identity_in_text(body)
    return {"numbers": await door.letters.close(body.which(), who.holder, body.why), "stay": []}


@router.post(
    "/v1/letters/owner", summary="登记滞留消息由谁负责", responses=REFUSALS | says(Ordered),
    response_model=None,
)  # fmt: skip
async def own_letters(body: OwnIn, who: Who, door: TheDoor) -> dict[str, Any]:
    who.county()
    refuse_identity_in_text(body)
    return {"numbers": await door.letters.own(body.which(), body.owner), "stay": []}


def _shown(one: Letter) -> dict[str, Any]:
    said = ZH.get(one.reason) or SET_ASIDE_ZH.get(one.reason, one.reason)
    return {name: getattr(one, name, "") for name in LetterShown.model_fields} | {
        "message": tr(said)
    }
