"""Who may hold a key to the door: the departments, the county's townships, and hospitals."""

import re

from chassis.clock import system_clock, today
from chassis.language import tr
from contracts.vocabulary import Source
from services.gateway.regions import read_region

HOSPITALS = (
    ("H34169901", "L1"), ("H34169902", "L1"), ("H34169903", "L2"), ("H34169904", "L2"),
    ("H34169905", "L3_CITY"), ("H34169906", "L3_PROVINCE"),
)  # fmt: skip
PARTNERS = tuple(one.value for one in Source if one is not Source.TOWNSHIP_OFFICE)
"""Whoever holds one key for the whole county; a township's office holds its own."""
LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,30}")
"""Under what name somebody of an office signs in."""
AUDITOR = "auditor"
"""Somebody who looks at the whole county and changes nothing."""
ONE_PERSON = frozenset({Source.BUREAU.value, AUDITOR})
_PROVIDER = re.compile(r"[A-Za-z0-9_-]{1,15}")


class KeyProblemError(Exception):
    """A key cannot be made or taken away; the message says why."""


def refuse_personal(holder: str) -> None:
    """Refuse the key of a single person: it is made and sealed with their account."""
    kind, _, name = holder.partition("/")
    if (kind in ONE_PERSON and name) or (kind == "township_office" and "/" in name):
        raise KeyProblemError(
            tr(
                "{holder} is somebody's own: use 'yingbao user add' and 'yingbao user end'",
                holder=holder,
            )
        )


def check_holder(holder: str, county: str) -> None:
    """Refuse a holder that no call could be from: a typo would be a key that opens nothing."""
    kind, slash, name = holder.partition("/")
    if not slash and kind in PARTNERS:
        return
    if kind in {"hospital", "insurer"} and _PROVIDER.fullmatch(name):
        return
    place, slash, login = name.partition("/")
    standing = read_region(county).standing(today(system_clock))
    if kind == "township_office" and place in standing and (not slash or LOGIN.fullmatch(login)):
        return
    if kind in ONE_PERSON and LOGIN.fullmatch(name):
        return
    raise KeyProblemError(
        tr(
            "{holder!r} cannot hold a key: {partners}, hospital/<code of at most 15 letters and digits>, "
            "township_office/<township of this county>; with /<login> behind: somebody of the office",
            holder=holder,
            partners=", ".join(PARTNERS),
        )
    )
