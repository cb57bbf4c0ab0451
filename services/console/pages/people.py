"""Somebody by number, name, initials or phone: identities, premiums, days of benefit, who said what when."""

import re
import unicodedata
from typing import Any

from fastapi import APIRouter, Response

from services.console.knocking import DoorRefusedError
from services.console.visitor import Visitor, Who, part, to

router = APIRouter(prefix="/people")
PERSONS = "/v1/enrollment/persons"
NOT_THERE, AWAY = 404, 500
MISSED = frozenset({NOT_THERE, 422})
"""Nobody of this number here, or no such number: said beside the form."""
DIGITS_OF_A_NUMBER = 14
"""A phone has fewer, also with its country before it."""


@router.get("")
async def ask(who: Who) -> Response:
    """Show the form, and who was found last: going back to it asks for nothing again."""
    return who.page("people.html", purpose=who.purpose, **who.session.looked)


@router.post("")
async def find(who: Who) -> Response:
    said = await who.form()
    asked = {one: said[one] for one in ("word", "township", "after") if said.get(one)}
    asked["why"] = who.purpose
    try:
        if is_number(asked.get("word", "")):
            by_number = {"certno": asked["word"], "why": who.purpose}
            found = await who.door.post(f"{PERSONS}/lookup", json=by_number)
            return to(f"/people/{found['person']}")
        found = await who.door.post(f"{PERSONS}/find", json=asked)
    except DoorRefusedError as error:
        if error.status not in MISSED:
            raise
        who.session.looked = {"asked": asked, "missing": error.message}
    else:
        who.session.looked = {"asked": asked, "found": found}
    return to("/people")


@router.get("/{person}")
async def show(person: str, who: Who, known_on: str = "") -> Response:
    where = f"{PERSONS}/{part(person)}"
    found, unknown = await _known(who, where, known_on)
    home = await _or_none(who, f"{where}/household")
    bills = await _or_none(who, f"{where}/bills", year=who.year)
    messages = await _or_none(who, f"{where}/messages")
    living = (home or {}).get("people", [])
    named = next((one for one in living if one["person"] == person), None)
    return who.page(
        "person.html", one=found, known_on=known_on, unknown=unknown, home=living, named=named,
        bills=bills, messages=messages,
    )  # fmt: skip


async def _known(who: Visitor, where: str, known_on: str) -> tuple[Any, str]:
    """Return somebody as known on a day; as known now, and the day, where nothing was known of them then."""
    if known_on:
        try:
            return await who.door.get(where, why=who.purpose, known_on=known_on), ""
        except DoorRefusedError as error:
            if error.status != NOT_THERE:
                raise
    return await who.door.get(where, why=who.purpose), known_on


async def _or_none(who: Visitor, where: str, **params: Any) -> Any:
    """Return a part of the page; None while the service behind it is away: the rest stands."""
    try:
        return await who.door.get(where, why=who.purpose, **params)
    except DoorRefusedError as error:
        if error.status < AWAY:
            raise
        return None


def is_number(word: str) -> bool:
    """Tell whether somebody is looked for by an identity number, be it mistyped."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", word))
    return len(digits.removeprefix("0086")) >= DIGITS_OF_A_NUMBER
