"""Somebody by number, name, initials or phone: identities, premiums, days of benefit, who said what when."""

import re

from fastapi import APIRouter, Response

from services.console.knocking import DoorRefusedError
from services.console.visitor import Who, to

router = APIRouter(prefix="/people")
PERSONS = "/v1/enrollment/persons"
MISSED = frozenset({404, 422})
"""Nobody of this number here, or no such number: said beside the form."""
DIGITS_OF_A_NUMBER = 14
"""A phone has fewer, also with its country before it."""


@router.get("")
async def ask(who: Who) -> Response:
    return who.page("people.html", purpose=who.purpose)


@router.post("")
async def find(who: Who) -> Response:
    said = await who.form()
    asked = {"why": who.purpose, "word": said.get("word", "")}
    try:
        if is_number(asked["word"]):
            by_number = {"certno": asked["word"], "why": who.purpose}
            found = await who.door.post(f"{PERSONS}/lookup", json=by_number)
            return to(f"/people/{found['person']}")
        asked |= {one: said[one] for one in ("township", "after") if said.get(one)}
        found = await who.door.post(f"{PERSONS}/find", json=asked)
    except DoorRefusedError as error:
        if error.status not in MISSED:
            raise
        return who.page("people.html", purpose=who.purpose, asked=asked, missing=error.message)
    return who.page("people.html", purpose=who.purpose, asked=asked, found=found)


@router.get("/{person}")
async def show(person: str, who: Who, known_on: str = "") -> Response:
    asked = {"known_on": known_on} if known_on else {}
    found = await who.door.get(f"{PERSONS}/{person}", why=who.purpose, **asked)
    home = (await who.door.get(f"{PERSONS}/{person}/household", why=who.purpose))["people"]
    bills = await who.door.get(f"{PERSONS}/{person}/bills", year=who.year, why=who.purpose)
    named = next((one for one in home if one["person"] == person), None)
    return who.page(
        "person.html", one=found, known_on=known_on, home=home, named=named, bills=bills
    )


def is_number(word: str) -> bool:
    """Tell whether somebody is looked for by an identity number, be it mistyped."""
    return len(re.sub(r"\D", "", word)) >= DIGITS_OF_A_NUMBER
