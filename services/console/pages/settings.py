"""What holds in this county: policy values with their clauses, and who holds a key (the bureau)."""

from fastapi import APIRouter, Response

from services.console.visitor import Who

router = APIRouter()


@router.get("/policy")
async def policy(who: Who, pack: str = "", unverified: bool = False) -> Response:
    packs = await who.door.get("/v1/packs")
    day = f"{who.year}-12-31"
    of_year = [one["pack"] for one in packs if one["valid_from"] <= day <= one["valid_to"]]
    shown = pack or next(iter([*of_year, *(one["pack"] for one in packs)]), "")
    values = await who.door.get(f"/v1/packs/{shown}/values") if shown else []
    if unverified:
        values = [one for one in values if not one["verified"]]
    return who.page("policy.html", packs=packs, pack=shown, values=values, unverified=unverified)


@router.get("/keys")
async def keys(who: Who) -> Response:
    return who.page("keys.html", keys=await who.door.get("/v1/keys"))
