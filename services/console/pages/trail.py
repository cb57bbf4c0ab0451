"""Who read what for what."""

from fastapi import APIRouter, Response

from services.console.visitor import Who

router = APIRouter(prefix="/access")
A_PAGE = 100


@router.get("")
async def show(who: Who, offset: int = 0) -> Response:
    lines = await who.door.get("/v1/access", limit=A_PAGE, offset=offset)
    more = offset + A_PAGE if len(lines) == A_PAGE else None
    return who.page("access.html", lines=lines, next=more)
