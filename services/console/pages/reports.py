"""Forms for what an office reports: each a file of ``forms``, so that adding one touches no Python."""

from fastapi import APIRouter, Response

from chassis.language import tr
from services.console.form_files import FORMS, body_of
from services.console.knocking import DoorRefusedError
from services.console.visitor import Who, to

router = APIRouter(prefix="/reports")


@router.get("")
async def choose(who: Who) -> Response:
    mine = {name: form for name, form in FORMS.items() if who.session.office in form.offices}
    return who.page("reports.html", forms=mine)


@router.get("/{name}")
async def ask(name: str, who: Who) -> Response:
    if name not in FORMS:
        raise DoorRefusedError(404, "unknown_event", "没有这种表单")
    return who.page("report.html", name=name, form=FORMS[name], values={}, wrong=None)


@router.post("/{name}")
async def send(name: str, who: Who) -> Response:
    if name not in FORMS:
        raise DoorRefusedError(404, "unknown_event", "没有这种表单")
    said, form = await who.form(), FORMS[name]
    try:
        path = f"/v1/reports/{who.session.office}/{form.event}"
        answer = await who.door.post(path, json=body_of(form, said))
    except DoorRefusedError as error:
        if error.status != 422:
            raise
        return who.page("report.html", name=name, form=form, values=said, wrong=error)
    return to(f"/reports/{name}", tr("；").join([tr(said_of(answer["status"])), *answer["notes"]]))


def said_of(status: str) -> str:
    """Say what became of a report."""
    return "未生效" if status == "awaits_approval" else "已受理"
