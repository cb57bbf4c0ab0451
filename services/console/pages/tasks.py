"""What an officer has to do, and whom to call because no phone was reached."""

from fastapi import APIRouter, Response

from services.console.visitor import Who, to

router = APIRouter()
A_PAGE = 50


@router.get("/tasks")
async def tasks(who: Who, township: str = "", village: str = "", after: str = "") -> Response:
    found = await who.door.get(
        "/v1/worklist",
        why=who.purpose,
        township=township,
        village=village,
        after=after,
        limit=A_PAGE,
    )
    chosen = {"township": township, "village": village}
    return who.page("tasks.html", tasks=found["tasks"], next=found["next"], chosen=chosen)


@router.post("/tasks/{task}/done")
async def done(task: str, who: Who) -> Response:
    await who.door.post(
        f"/v1/worklist/{task}/done", json={"note": (await who.form()).get("note", "")}
    )
    return to(await who.back("/tasks"), "已登记办结")


@router.get("/calls")
async def calls(who: Who, after: str = "") -> Response:
    found = await who.door.get("/v1/messages/calls", after=after, limit=A_PAGE, why=who.purpose)
    return who.page("calls.html", calls=found["lines"], next=found["next"])


@router.post("/calls/{message}/told")
async def told(message: str, who: Who) -> Response:
    note = (await who.form()).get("note", "")
    await who.door.post(f"/v1/messages/{message}/called", json={"note": note})
    return to(await who.back("/calls"), "已登记告知")
