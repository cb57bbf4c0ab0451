"""What holds in this county, to be read by its offices: policy values with their clauses, and keys."""

import re
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from policy.in_words import values_of
from services.gateway.caller import TheDoor, Who
from services.gateway.office.codes import pack_of
from services.gateway.openapi import REFUSALS
from services.gateway.partner_keys import PartnerKeys

router = APIRouter()
DOUBT = re.compile("〔未核实[^〕]*〕")
"""How a doubt is marked in words; here it is a field of its own."""


class PackTitle(BaseModel):
    """A pack that is loaded, and for which days of discharge it counts."""

    pack: str
    version: str
    title: str
    valid_from: str
    valid_to: str


class PolicyValue(BaseModel):
    """A value of a pack in words. ``when``: to whom it applies; ``verified``: a notice says it."""

    layer: str
    when: str
    says: str
    since: str
    clause: str
    verified: bool


class KeyStanding(BaseModel):
    """A key as it stands, never the key itself."""

    id: str
    holder: str
    state: Literal["active", "expired", "revoked"]
    created: datetime
    expires: datetime | None
    revoked: datetime | None


@router.get("/v1/packs", summary="现行政策包", responses=REFUSALS)
async def packs(_: Who, door: TheDoor) -> list[PackTitle]:
    return [
        PackTitle(
            pack=one.name, version=one.version, title=one.title,
            valid_from=one.valid_from.isoformat(), valid_to=one.valid_to.isoformat(),
        )
        for one in door.claims.packs
    ]  # fmt: skip


@router.get("/v1/packs/{pack}/values", summary="政策值：标准、期限、依据条款", responses=REFUSALS)
async def values(pack: str, _: Who, door: TheDoor) -> list[PolicyValue]:
    return [
        PolicyValue(
            layer=one["layer"], when=one["when"], says=one["says"], since=one["from"],
            clause=DOUBT.sub("", one["clause"]), verified=not one["unverified"],
        )
        for one in values_of(pack_of(door.claims.packs, pack))
    ]  # fmt: skip


@router.get("/v1/keys", summary="密钥：持有人、状态、期限", responses=REFUSALS)
async def keys(who: Who, door: TheDoor, request: Request) -> list[KeyStanding]:
    who.county("key")
    now, known = door.clock(), request.app.state.keys
    return standings(known, now)


def standings(keys: PartnerKeys, now: datetime) -> list[KeyStanding]:
    """Return every key as it stands, by holder, the latest first."""
    every = sorted(keys.every(), key=lambda one: (one.holder, -one.created.timestamp()))
    return [
        KeyStanding(
            id=one.id, holder=one.holder, state=one.state_on(now), created=one.created,
            expires=one.expires, revoked=one.revoked,
        )
        for one in every
    ]  # fmt: skip
