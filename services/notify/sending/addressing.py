"""From messages to recipients: phones opened, texts written, each sealed for its own delivery. No I/O."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import orjson

from chassis.privacy import SealError, Vault
from contracts.envelope import event_id
from contracts.officers import OFFICER_PLACE
from services.notify.officers.rules import Duty, Watch
from services.notify.phones import number_of
from services.notify.rules import parts_of, render
from services.notify.sending.rules import Hours, day_of, due, morning_of
from services.notify.sending.store import Delivery
from services.notify.settings import SIGNATURE
from services.notify.wishes import CODE_LENGTH, DESK, FAMILY, OFFICER

ADDRESSED, BUNDLED = "addressed", "bundled"
NOBODY = Watch((), {})
NONE_OPEN: Mapping[tuple[str, str], int] = MappingProxyType({})
NO_RECIPIENT, UNREADABLE, FAULT = "no_recipient", "unreadable_contact", "template_fault"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A phone that a message goes to, with its text and what that is made of."""

    message: str
    audience: str
    phone: str
    text: str
    template: str
    words: Mapping[str, str]


@dataclass(slots=True)
class Addressed:
    """What becomes of open messages: key → (state, its morning message), recipients, and morning messages.

    ``mornings``: (key, township, words as JSON).
    """

    states: dict[str, tuple[str, str]] = field(default_factory=dict)
    recipients: list[Recipient] = field(default_factory=list)
    mornings: list[tuple[str, str, str]] = field(default_factory=list)


def address(
    rows: Sequence[Any], families: Mapping[str, tuple[str, str]], watches: Mapping[str, Watch],
    contacts: Vault, tasks: Mapping[tuple[str, str], int] = NONE_OPEN,
) -> Addressed:  # fmt: skip
    """Find whom each message is for and what it says; one without a phone is a named state, not a loss.

    ``tasks``: township and village → tasks that are open from before.
    """
    found = Addressed()
    townships: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.audience == OFFICER:
            townships[row.township].append(row)
            continue
        sealed = [families[row.person]] if row.person in families else []
        if row.audience == DESK:
            duties = watches.get(row.township, NOBODY).whole
            sealed = [(one.contact_sealed, OFFICER_PLACE) for one in duties]
        _write(found, row.key, row, sealed, families, contacts)
    for township, changes in townships.items():
        watch = watches.get(township, NOBODY)
        _tell_officers(found, township, changes, watch, families, contacts, tasks)
    return found


def _tell_officers(
    found: Addressed, township: str, changes: Sequence[Any], watch: Watch,
    families: Mapping[str, tuple[str, str]], contacts: Vault, tasks: Mapping[tuple[str, str], int],
) -> None:  # fmt: skip
    """Tell whoever looks after a village of its changes, and whoever looks after the township of all."""
    parts: list[tuple[Sequence[Duty], Sequence[Any], int]] = [
        (
            duties,
            [one for one in changes if orjson.loads(one.words).get("village") == village],
            tasks.get((township, village), 0),
        )
        for village, duties in watch.villages.items()
    ]
    whole = sum(count for (where, _), count in tasks.items() if where == township)
    parts.append((watch.whole, changes if watch.whole else [], whole))
    told = {row.key for duties, rows, _ in parts if duties for row in rows}
    parts.append(((), [row for row in changes if row.key not in told], 0))
    for duties, rows, before in parts:
        sealed = [(one.contact_sealed, OFFICER_PLACE) for one in duties]
        if len(rows) > 1 and sealed:
            _write_morning(found, township, rows, sealed, contacts, before + len(rows))
        else:
            for row in rows:
                _write(found, row.key, row, sealed, families, contacts)


def _write(
    found: Addressed, key: str, row: Any, sealed: Sequence[tuple[str, str]],
    families: Mapping[str, tuple[str, str]], contacts: Vault,
) -> None:  # fmt: skip
    phones = [phone for one in sealed if (phone := _phone(one, contacts))]
    if sealed and not phones:  # of two officers one that can be told is enough
        found.states.setdefault(key, (UNREADABLE, ""))
        return
    surname = _surname(families.get(row.person), contacts)
    try:
        words = orjson.loads(row.words) | {"surname": surname, "code": row.key[:CODE_LENGTH]}
        text = render(row.template, words, surname)
    except (KeyError, ValueError, IndexError):
        found.states.setdefault(key, (FAULT, ""))
        return
    found.states[key] = (ADDRESSED if phones else NO_RECIPIENT, "")
    found.recipients += [
        Recipient(key, row.audience, phone, text, row.template, words) for phone in phones
    ]


def _write_morning(
    found: Addressed,
    township: str,
    changes: Sequence[Any],
    sealed: Sequence[tuple[str, str]],
    contacts: Vault,
    tasks: int,
) -> None:
    """Put the changes of a township into one message to each of its officers; ``tasks``: all that is open."""
    key = event_id("morning", township, *sorted(row.key for row in changes))
    said = [(row.person, orjson.loads(row.words)) for row in changes]
    morning = morning_of((person, words["village"], words["changes"]) for person, words in said)
    words = orjson.dumps(
        {
            "people": str(morning.people),
            "raised": morning.raised,
            "villages": morning.villages,
            "tasks": str(tasks),
        }
    ).decode()
    row = _Morning(key, "", OFFICER, "officer_morning", words)
    _write(found, key, row, sealed, {}, contacts)
    if found.states.pop(key)[0] != ADDRESSED:
        for one in changes:
            found.states.setdefault(one.key, (UNREADABLE, ""))
        return
    found.mornings.append((key, township, words))
    found.states |= {row.key: (BUNDLED, key) for row in changes}


@dataclass(frozen=True, slots=True)
class _Morning:
    key: str
    person: str
    audience: str
    template: str
    words: str


def _phone(sealed: tuple[str, str], contacts: Vault) -> str:
    """Return the phone of a contact; empty if it cannot be opened."""
    try:
        return str(orjson.loads(contacts.open(*sealed))["phone"])
    except (SealError, ValueError, KeyError):
        return ""


def _surname(family: tuple[str, str] | None, contacts: Vault) -> str:
    if family is None:
        return "某"
    try:
        return str(orjson.loads(contacts.open(*family)).get("surname") or "某")
    except (SealError, ValueError):
        return "某"


def deliveries(
    found: Addressed, contacts: Vault, now: datetime, hours: Hours, a_day: int,
    told: Mapping[str, Mapping[date, int]], out: set[str],
) -> list[Delivery]:  # fmt: skip
    """Return the deliveries of addressed messages: each at its hour, families at most ``a_day`` a day."""
    counts = {number: dict(days) for number, days in told.items()}
    made: dict[str, Delivery] = {}
    for one in found.recipients:
        number = number_of(contacts, one.phone)
        id_ = event_id("delivery", one.message, number)
        if id_ in made:
            continue
        days = counts.setdefault(number, {})
        moment = due(now, hours, days, a_day if one.audience == FAMILY else 0)
        days[day_of(moment)] = days.get(day_of(moment), 0) + 1
        made[id_] = Delivery(
            id_, one.message, one.audience, number, sealed_sms(contacts, id_, one),
            parts_of(one.text, SIGNATURE), moment, day_of(moment),
            "opted_out" if number in out else "created",
        )  # fmt: skip
    return list(made.values())


def sealed_sms(contacts: Vault, id_: str, one: Recipient) -> str:
    """Seal what a provider is handed: phone, text, and the words of the text."""
    content = {"phone": one.phone, "text": f"【{SIGNATURE}】{one.text}", "template": one.template}
    return contacts.seal(orjson.dumps(content | {"words": dict(one.words)}).decode(), id_)
