"""What waits for a second person of the bureau (复核): looked at, approved or given back."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from contracts.events.base import Text
from services.gateway.answers import Accepted, says
from services.gateway.approvals import Kind, Outcome, Proposal, refuse_own
from services.gateway.caller import TheDoor, Who
from services.gateway.intake.confirming import carry_out
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import refuse_identity_in_text
from services.gateway.store import written

router = APIRouter()
Id = Annotated[str, Path(min_length=8, max_length=64, description="事项编号")]


class Approval(BaseModel):
    """Something that waits for another person, or what became of it.

    ``about``: a list's batch, a bill, a person's key; ``other``: of a correction, whose number is the
    right one; ``mine``: the caller proposed it.
    """

    id: str
    kind: Kind
    about: str
    other: str
    says: str
    holder: str
    made: datetime | None
    outcome: Outcome
    decider: str
    decided: datetime | None
    why: str
    mine: bool


class ReturnIn(BaseModel):
    """Say why something is not approved."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    why: Text = Field(min_length=2, max_length=200, description="退回原因，留痕")


@router.get("/v1/approvals", summary="待复核事项（经办、复核分离）", responses=REFUSALS)
async def approvals(
    who: Who,
    door: TheDoor,
    state: Annotated[
        Literal["open", "all"], Query(description="open：待复核；all：含已复核、已退回")
    ] = "open",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> list[Approval]:
    who.county()
    found = await door.approvals.latest(limit, offset, every=state == "all")
    return [_shown(one, who.holder) for one in found]


@router.post(
    "/v1/approvals/{proposal}/approval",
    summary="复核通过，随即生效",
    responses=REFUSALS | says(Accepted),
    response_model=None,
)
async def approve(proposal: Id, who: Who, door: TheDoor) -> dict[str, Any]:
    who.county()
    found = await door.approvals.of(proposal)
    refuse_own(found, who.holder)
    also = door.approvals.decided(found, "approved", who.holder)
    if found.kind in {"list", "withdrawal"}:
        await door.approvals.decide(also, partial(carry_out, who, door, found))
    else:
        await door.reporting.carry_out(found, also)
    return {"accepted": True, "notes": []}


@router.post(
    "/v1/approvals/{proposal}/return",
    summary="退回；经办人本人可撤回",
    responses=REFUSALS | says(Accepted),
    response_model=None,
)
async def give_back(proposal: Id, body: ReturnIn, who: Who, door: TheDoor) -> dict[str, Any]:
    who.county()
    refuse_identity_in_text(body)
    found = await door.approvals.of(proposal)
    await written(
        door.approvals.outbox, door.approvals.decided(found, "returned", who.holder, body.why)
    )
    return {"accepted": True, "notes": []}


def _shown(one: Proposal, holder: str) -> Approval:
    about, _, other = one.about.partition("/") if one.kind == "correction" else (one.about, "", "")
    return Approval(
        id=one.id, kind=one.kind, about=about, other=other, says=one.says, holder=one.holder,
        made=one.made, outcome=one.outcome, decider=one.decider, decided=one.decided, why=one.why,
        mine=one.holder == holder,
    )  # fmt: skip
