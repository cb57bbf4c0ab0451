"""Replaces a person's identity at the door: a key for everyone, sealed fields for two rooms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import orjson

from chassis.privacy import Vault, household_key, name_tag, person_key, vault
from chassis.settings import Settings
from contracts.identity import IdentityNumberError, is_synthetic, normalise_id_number
from services.gateway.intake.reading.characters import clean, name_of, tidy
from services.gateway.intake.reading.phones import State as PhoneState
from services.gateway.intake.reading.phones import phone_of
from services.gateway.refusals import RefusedError


@dataclass(frozen=True, slots=True)
class Admitted:
    """A person past the door. ``name_tag``: equal only if two lists write one person's name alike.

    ``born``: the day of birth; it leaves the door of infants only (``infant_on``).
    ``holds``: what the sealed identity says besides number and name; ``phone``: whether an SMS can
    reach the person, or why not.
    """

    key: str
    identity_sealed: str
    contact_sealed: str
    name_tag: str = ""
    born: date | None = None
    household: str = ""
    holds: str = ""
    phone: PhoneState = "none"

    def infant_on(self, day: date) -> date | None:
        """Return the day of birth of somebody who was an infant on a day; nobody else's is said."""
        if self.born is None or (day - self.born).days >= INFANT_DAYS:
            return None
        return self.born


@dataclass(frozen=True, slots=True)
class Home:
    """What a list says of a person's household: the head's name and number, the household's own number."""

    head: str = ""
    head_id: str = ""
    number: str = ""


class Admit(Protocol):
    """Takes (id number, name, phone, household) and returns the person past the door."""

    def __call__(
        self, id_number: str, name: str = "", phone: str = "", home: Home = Home()
    ) -> Admitted:
        """Raise RefusedError if the number cannot be a person's."""


INFANT_DAYS = 730
"""Younger than this at the time of a fact, a child's day of birth goes with it."""


def admitter(settings: Settings, today: Callable[[], date]) -> Admit:
    """Return the function that replaces a person's identity by a key and sealed fields."""
    secret = settings.person_key.get_secret_value()
    identities = vault(settings.identity_key.get_secret_value(), settings.cipher_suite)
    contacts = vault(settings.contact_key.get_secret_value(), settings.cipher_suite)

    def admit(id_number: str, name: str = "", phone: str = "", home: Home = Home()) -> Admitted:
        number = _known_number(settings, id_number, today())
        key = person_key(secret, number)
        sealed = contact = ""
        name = name_of(name)
        reached = phone_of(phone)
        written = reached.mobile or (clean(phone)[:40] if reached.state == "landline" else "")
        document = {}
        if name:
            said = {"id_number": number, "name": name, "phone": written, "head": home.head}
            document = {part: text for part, text in said.items() if text}
            sealed = identities.seal(orjson.dumps(document).decode(), key)
        if reached.mobile:
            told = {"phone": reached.mobile, "surname": name[:1]}
            contact = contacts.seal(orjson.dumps(told).decode(), key)
        tag = name_tag(secret, key, name) if name else ""
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        holds = ",".join(part for part in ("phone", "head") if part in document)
        household = _household(secret, home, today())
        return Admitted(key, sealed, contact, tag, born, household, holds, reached.state)

    return admit


def _known_number(settings: Settings, id_number: str, today: date) -> str:
    try:
        number = normalise_id_number(tidy(id_number), today)
    except IdentityNumberError as error:
        raise RefusedError(error.reason, "certno") from None
    if is_synthetic(number) and not settings.synthetic:
        raise RefusedError("id_synthetic", "certno")
    return number


def _household(secret: str, home: Home, today: date) -> str:
    """Return the household's key: by its head's number, mistyped or not, else by its own number."""
    if not home.head_id:
        return household_key(secret, home.number) if home.number else ""
    try:
        return household_key(secret, normalise_id_number(home.head_id, today))
    except IdentityNumberError:
        return household_key(secret, home.head_id.upper())


def tagger(settings: Settings, today: Callable[[], date]) -> Callable[[str, str], tuple[str, str]]:
    """Return the function (id number, name) → (person key, name tag), for lists of a million rows.

    Nothing is sealed: the register says only who is enrolled. It raises RefusedError.
    """
    secret = settings.person_key.get_secret_value()
    day = today()

    def tag(id_number: str, name: str) -> tuple[str, str]:
        try:
            number = normalise_id_number(id_number, day)
        except IdentityNumberError as error:
            raise RefusedError(error.reason, "id_number") from None
        if is_synthetic(number) and not settings.synthetic:
            raise RefusedError("id_synthetic", "id_number")
        key = person_key(secret, number)
        return key, name_tag(secret, key, name_of(name))

    return tag


@dataclass(frozen=True, slots=True)
class RowVault:
    """Seals rows that wait for an answer, so that they can be read again when it comes."""

    vault: Vault

    def seal(self, batch: str, cells: Mapping[str, str]) -> str:
        """Seal a row's cells for their list."""
        return self.vault.seal(orjson.dumps(dict(cells)).decode(), f"row/{batch}")

    def open(self, batch: str, sealed: str) -> dict[str, str]:
        """Open a row's cells."""
        found: dict[str, str] = orjson.loads(self.vault.open(sealed, f"row/{batch}"))
        return found


def row_vault(settings: Settings) -> RowVault:
    """Return what seals waiting rows."""
    return RowVault(vault(settings.identity_key.get_secret_value(), settings.cipher_suite))
