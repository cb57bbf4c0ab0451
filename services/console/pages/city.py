"""What the city sends to be answered: counts to compare with ours, and lists of people to check."""

from fastapi import APIRouter, Response
from starlette.datastructures import UploadFile

from services.console.pages.today import worked_out_at
from services.console.visitor import Who, handed, to
from services.console.words import MEASURE_ZH

router = APIRouter(prefix="/city")
NO_FILE = "请选择文件"


@router.get("")
async def show(who: Who) -> Response:
    counts = await who.door.get(f"/v1/enrollment/{who.year}/counts", kept="true")
    return who.page(
        "city.html",
        counts=counts,
        as_of=worked_out_at(counts),
        measures=MEASURE_ZH,
        purpose=who.purpose,
    )


@router.get("/counts")
@router.get("/check-lists")
async def again(_: Who) -> Response:
    return to("/city")


@router.post("/counts")
async def compare(who: Who) -> Response:
    file = (await who.files()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return to("/city", NO_FILE)
    found = await who.door.post(
        f"/v1/enrollment/{who.year}/counts/comparison",
        files={"file": (file.filename, await file.read())},
    )
    return who.page("compared.html", found=found, name=file.filename)


@router.post("/check-lists")
async def check(who: Who) -> Response:
    file = (await who.files()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return to("/city", NO_FILE)
    made = await who.door.posted_file(
        f"/v1/enrollment/{who.year}/check-lists", params={"why": who.purpose},
        files={"file": (file.filename, await file.read())},
    )  # fmt: skip
    return handed(made, f"已答复{who.year}_{file.filename.rpartition('.')[0]}.xlsx")
