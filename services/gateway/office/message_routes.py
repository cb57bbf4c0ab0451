"""What officers ask about messages: whom to call because no phone was reached, and that it was done."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from contracts.events.base import Text
from contracts.messages import NOTIFY_CALLED, NOTIFY_CALLS, Called, CallPage
from services.gateway.answers import Accepted, says
from services.gateway.asking import ask_for
from services.gateway.caller import COUNTY, Caller, TheDoor, Who, within
from services.gateway.door import Door
from services.gateway.office.answers import Calls
from services.gateway.office.people import people_of, shown
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError, refuse_identity_in_text

router = APIRouter()


class CalledIn(BaseModel):
    """What was said in person, in a few words, without a number or an illness."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    note: Text = Field(default="", max_length=200, description="告知情况")


@router.get(
    "/v1/messages/calls",
    summary="短信未送达、需电话或上门告知的人员（分页）",
    responses=REFUSALS | says(Calls),
    response_model=None,
)
async def calls(
    who: Who,
    door: TheDoor,
    township: Annotated[str, Query(max_length=50)] = "",
    after: Annotated[str, Query(max_length=40, description="上一页的 next")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    why: Annotated[
        str, Query(max_length=60, description="查询用途；填写的附姓名和电话，留痕")
    ] = "",
) -> dict[str, Any]:
    area = within(who, township, door)
    page = CallPage(township=area, after=after, most=limit)
    answer = await ask_for(who, door.nc, NOTIFY_CALLS, page)
    families = [one.person for one in answer.lines if one.audience == "family"] if why else []
    people = await people_of(who, door, "calls", families, area, why) if families else {}
    lines = [
        one.model_dump(mode="json") | shown(people.get(one.person, {})) for one in answer.lines
    ]
    return {"lines": lines, "next": answer.next}


@router.post(
    "/v1/messages/{message}/called",
    summary="登记已电话或上门告知",
    responses=REFUSALS | says(Accepted),
    response_model=None,
)
async def message_called(
    message: Annotated[str, Path(pattern="^[0-9a-f]{32}$")], body: CalledIn, who: Who, door: TheDoor
) -> dict[str, Any]:
    return await close("told", message, body, who, door)


async def close(
    kind: Literal["told", "done"], message: str, body: CalledIn, who: Caller, door: Door
) -> dict[str, Any]:
    """Take a call or a task off its list. Raises RefusedError, with 404 for one of another area too."""
    area = who.officer()
    refuse_identity_in_text(body)
    done = Called(
        message=message, kind=kind, holder=who.holder, note=body.note,
        area="" if area == COUNTY else area,
    )  # fmt: skip
    answer = await ask_for(who, door.nc, NOTIFY_CALLED, done)
    if not answer.found:
        raise RefusedError("unknown_message", "message", 404)
    return {"accepted": True, "notes": []}
