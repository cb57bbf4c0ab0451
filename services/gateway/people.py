"""Replaces a person's identity at the door: a key for everyone, sealed fields for two rooms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import orjson

from chassis.privacy import name_tag, person_key, vault
from chassis.settings import Settings
from contracts.identity import IdentityNumberError, is_synthetic, normalise_id_number
from services.gateway.columns import tidy
from services.gateway.refusals import RefusedError


@dataclass(frozen=True, slots=True)
class Admitted:
    """A person past the door. ``name_tag``: equal only if two lists write one person's name alike.

    ``infant_born``: the day of birth, of infants only; nobody else's leaves the vault.
    """

    key: str
    identity_sealed: str
    contact_sealed: str
    name_tag: str = ""
    infant_born: date | None = None


INFANT_DAYS = 730


def admitter(settings: Settings, today: Callable[[], date]) -> Callable[[str, str, str], Admitted]:
    """Return the function (id number, name, phone) → Admitted. It raises RefusedError."""
    secret = settings.person_key.get_secret_value()
    identities = vault(settings.identity_key.get_secret_value(), settings.cipher_suite)
    contacts = vault(settings.contact_key.get_secret_value(), settings.cipher_suite)

    def admit(id_number: str, name: str = "", phone: str = "") -> Admitted:
        try:
            number = normalise_id_number(id_number, today())
        except IdentityNumberError as error:
            raise RefusedError(error.reason, "certno") from None
        if is_synthetic(number) and not settings.synthetic:
            raise RefusedError("id_synthetic", "certno")
        key = person_key(secret, number)
        sealed = contact = ""
        if name:
            document = orjson.dumps({"id_number": number, "name": name}).decode()
            sealed = identities.seal(document, key)
        if phone:
            document = orjson.dumps({"phone": phone, "surname": name[:1]}).decode()
            contact = contacts.seal(document, key)
        tag = name_tag(secret, key, as_written(name)) if name else ""
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        infant = born if (today() - born).days < INFANT_DAYS else None
        return Admitted(key, sealed, contact, tag, infant)

    return admit


def as_written(name: str) -> str:
    """Return a name as it is compared: no blanks, one kind of dot."""
    return tidy(name).replace("•", "·")


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
        return key, name_tag(secret, key, as_written(name))

    return tag
