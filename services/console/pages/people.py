"""Somebody by number: identities, premiums, days of benefit, and who said what when."""

from fastapi import APIRouter, Response

from services.console.knocking import DoorRefusedError
from services.console.visitor import Who, to

router = APIRouter(prefix="/people")
MISSED = frozenset({404, 422})
"""Nobody of this number here, or no such number: said beside the form."""


@router.get("")
async def ask(who: Who) -> Response:
    return who.page("people.html", purpose=who.purpose)


@router.post("")
async def find(who: Who) -> Response:
    asked = {"certno": (await who.form()).get("certno", ""), "why": who.purpose}
    try:
        found = await who.door.post("/v1/enrollment/persons/lookup", json=asked)
    except DoorRefusedError as error:
        if error.status not in MISSED:
            raise
        return who.page("people.html", purpose=who.purpose, missing=error.message)
    return to(f"/people/{found['person']}")


@router.get("/{person}")
async def show(person: str, who: Who, known_on: str = "") -> Response:
    asked = {"known_on": known_on} if known_on else {}
    found = await who.door.get(f"/v1/enrollment/persons/{person}", why=who.purpose, **asked)
    return who.page("person.html", one=found, known_on=known_on)
