"""Who looks after which township and village: set and ended by the bureau, seen by each for its own."""

from datetime import date
from typing import Annotated, Any, cast

import orjson
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.clock import today
from chassis.language import tr
from chassis.privacy import Vault, vault
from contracts.events.base import Text
from contracts.officers import (
    COUNTY_DESK,
    HOSPITAL_DESK,
    INSURER_DESK,
    NOTIFY_DUTIES,
    NOTIFY_DUTY_BEGINS,
    NOTIFY_DUTY_ENDS,
    OFFICER_PLACE,
    POST_ZH,
    DutyBegins,
    DutyEnds,
    DutyLine,
    DutyPage,
    Post,
)
from services.gateway.answers import Accepted, says
from services.gateway.asking import ask_for
from services.gateway.caller import TheDoor, Who, within
from services.gateway.door import Door
from services.gateway.intake.reading.bodies import Day
from services.gateway.intake.reading.phones import phone_of
from services.gateway.office.answers import Duties, DutyTaken
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError, refuse_identity_in_text

router = APIRouter()
DutyId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class DutyIn(BaseModel):
    """Somebody looks after townships, or one village, or sits at a desk, from a day on."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    townships: list[Text] = Field(default=[], max_length=40, description="乡镇（街道），代班时不填")
    village: Text = Field(default="", max_length=50, description="村（社区）；空为全乡镇")
    post: Post = Field(description="、".join(f"{one} {zh}" for one, zh in POST_ZH.items()))
    hospital: Text = Field(
        default="", max_length=20, description="医疗机构编号，仅 hospital_desk 填写"
    )
    name: Text = Field(min_length=1, max_length=30)
    phone: Text = Field(min_length=11, max_length=20)
    group: Text = Field(default="", max_length=50, description="责任组")
    first: Day
    last: Day | None = None
    stands_in_for: str = Field(
        default="", pattern="^([0-9a-f]{32})?$", description="代谁的班；期间原责任人不收短信"
    )


class DutyEndIn(BaseModel):
    """The last day of a duty."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    last: Day


@router.post(
    "/v1/officers",
    summary="登记医保专干、包村干部、村医及其任期",
    responses=REFUSALS | says(DutyTaken),
    response_model=None,
)
async def begin_duty(body: DutyIn, who: Who, door: TheDoor) -> dict[str, Any]:
    who.county()
    refuse_identity_in_text(body.model_copy(update={"phone": ""}))
    asked = DutyBegins(
        townships=_places(body, door), village=body.village, post=body.post, group=body.group,
        first=body.first, last=body.last, stands_in_for=body.stands_in_for,
        contact_sealed=_sealed(body, door), holder=who.holder,
    )  # fmt: skip
    answer = await ask_for(who, door.nc, NOTIFY_DUTY_BEGINS, asked)
    if answer.refused:
        raise RefusedError(answer.refused, "stands_in_for", 404)
    return {"duty": answer.duty, "status": "accepted"}


def _places(body: DutyIn, door: Door) -> tuple[str, ...]:
    """Return the townships by their official names. Raises RefusedError for what does not go together."""
    if body.last is not None and body.last < body.first:
        raise RefusedError("bad_date", "last", detail=tr("结束日期早于开始日期"))
    if body.stands_in_for:
        if body.townships or body.village:
            raise RefusedError("invalid_value", "townships", detail=tr("代班的辖区与原责任人相同"))
        return ()
    if (body.post == "hospital_desk") != bool(body.hospital):
        raise RefusedError(
            "invalid_value", "hospital", detail=tr("医院医保办须填医疗机构编号，其他岗位不填")
        )
    if desk := _desk(body):
        if body.townships or body.village:
            raise RefusedError(
                "invalid_value",
                "townships",
                detail=tr("{post}不分乡镇", post=tr(POST_ZH[body.post])),
            )
        return (desk,)
    if not body.townships or (body.village and len(body.townships) != 1):
        raise RefusedError("township_empty", "townships")
    return tuple(sorted({door.place(one, today(door.clock)) for one in body.townships}))


def _desk(body: DutyIn) -> str:
    """Return the desk of a post that looks after no township; empty for the others."""
    if body.post == "hospital_desk":
        return f"{HOSPITAL_DESK}{body.hospital}"
    return {"clerk": COUNTY_DESK, "insurer_desk": INSURER_DESK}.get(body.post, "")


def _sealed(body: DutyIn, door: Door) -> str:
    """Seal name and phone. Raises RefusedError for a phone that no SMS reaches."""
    phone = phone_of(body.phone)
    if phone.state != "mobile":
        raise RefusedError("phone_unreadable", "phone")
    settings = door.settings
    contacts = vault(settings.contact_key.get_secret_value(), settings.cipher_suite)
    said = {"name": body.name, "phone": phone.mobile}
    return contacts.seal(orjson.dumps(said).decode(), OFFICER_PLACE)


@router.post(
    "/v1/officers/{duty}/end",
    summary="任期结束（历史保留）",
    responses=REFUSALS | says(Accepted),
    response_model=None,
)
async def end_duty(duty: DutyId, body: DutyEndIn, who: Who, door: TheDoor) -> dict[str, Any]:
    who.county()
    asked = DutyEnds(duty=duty, last=body.last, holder=who.holder)
    answer = await ask_for(who, door.nc, NOTIFY_DUTY_ENDS, asked)
    if not answer.found:
        raise RefusedError("unknown_duty", "duty", 404)
    return {"accepted": True, "notes": []}


@router.get(
    "/v1/officers",
    summary="责任人名单（分页，含历史）",
    responses=REFUSALS | says(Duties),
    response_model=None,
)
async def duties(
    who: Who,
    door: TheDoor,
    township: Annotated[str, Query(max_length=50)] = "",
    on: Annotated[date | None, Query(description="当日在任的；不填为全部")] = None,
    after: Annotated[str, Query(max_length=40, description="上一页的 next")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> dict[str, Any]:
    page = DutyPage(township=within(who, township, door), on=on, after=after, most=limit)
    answer = await ask_for(who, door.nc, NOTIFY_DUTIES, page)
    lines = [_shown(one, door.operators) for one in answer.lines]
    return {"officers": lines, "next": answer.next}


def _shown(line: DutyLine, operators: Vault) -> dict[str, Any]:
    """Return a duty with name and phone in clear: officers' numbers are for offices to see."""
    said = cast("dict[str, str]", orjson.loads(operators.open(line.who_sealed, OFFICER_PLACE)))
    shown = line.model_dump(mode="json", exclude={"who_sealed"})
    return shown | {
        "post_zh": POST_ZH[line.post], "place_zh": _place_zh(line), "name": said.get("name", ""),
        "phone": said.get("phone", ""),
    }  # fmt: skip


def _place_zh(line: DutyLine) -> str:
    """Return where somebody is on duty: townships and village, or whose desk it is."""
    found = "、".join(line.townships)
    desks = {COUNTY_DESK: "县医保局", INSURER_DESK: "承办保险公司"}
    return desks.get(found, found.removeprefix(HOSPITAL_DESK)) + line.village
