"""Answers what people write from their phones: the vault is opened, and every opening is written down."""

from collections.abc import Sequence

import orjson
from sqlalchemy import text

from chassis.bus import AT_A_TIME, Subscription
from chassis.clock import today
from chassis.listening import Kept
from chassis.privacy import vault
from chassis.runtime import Turn
from contracts.envelope import event_id
from contracts.events.enrollment import CitizenAnswered, Filing
from contracts.events.notify import CitizenAsked
from contracts.events.partner import OutOfAreaFiled
from contracts.vocabulary import Source
from policy.loader import load_packs
from services.enrollment.access import READ, VAULT, identities_of, opened_of
from services.enrollment.person.file import ResidentFile
from services.enrollment.person.matching import Candidate, answer, the_one

WHY = {"filing": "群众短信异地就医备案", "standing": "群众短信查询本人参保"}
_RESIDENTS = text(
    # Insured by premium or exemption, or because the register of a year says so, by whatever number.
    "SELECT person, died, covered_years || ARRAY(SELECT named.year FROM latest_register AS latest"
    " JOIN register_row AS named ON named.year = latest.year AND named.batch = latest.batch"
    " AND (named.person = resident.person OR named.person = ANY(resident.formerly))"
    " WHERE latest.kind = 'enrolled' AND named.year <> ALL(resident.covered_years)) AS covered_years,"
    f" file, {VAULT} FROM resident WHERE person = ANY(CAST(:persons AS text[])) ORDER BY person"
)


async def keep_asked(turn: Turn, _: str, body: bytes) -> None:
    """Answer what a citizen wrote; a filing that is made becomes a fact like the bureau's own."""
    asked = CitizenAsked.model_validate_json(body)
    packs, settings = load_packs(turn.settings.packs), turn.settings
    operators = vault(settings.operator_key.get_secret_value(), settings.cipher_suite)
    said = orjson.loads(operators.open(asked.who_sealed, asked.message))
    who = the_one(await _candidates(turn, asked.persons), said["name"], said["last_six"])
    found = answer(packs, asked, who, today(turn.clock))
    await turn.tx.execute(READ, _reading(asked, found))
    if found.outcome == "filed" and isinstance(who, Candidate):
        for filing in set(found.filings) - set(who.file.filings):
            turn.say(_fact(asked, filing, who.person), event_id("filed", asked.message))
    turn.say(found, event_id(found.NAME, asked.message))


async def _candidates(turn: Turn, persons: Sequence[str]) -> list[Candidate]:
    identities, found = identities_of(turn.settings), []
    for row in await turn.tx.execute(_RESIDENTS, {"persons": list(persons)}):
        file = ResidentFile.model_validate(row.file)
        opened = opened_of(row, row.person, identities)
        found.append(Candidate(row.person, opened, row.died, sorted(set(row.covered_years)), file))
    return found


def _fact(asked: CitizenAsked, filing: Filing, person: str) -> OutOfAreaFiled:
    return OutOfAreaFiled(
        source=Source.BUREAU, received=asked.received, person=person, place=filing.place,
        province=filing.province, valid_from=filing.first, channel="sms",
    )  # fmt: skip


def _reading(asked: CitizenAsked, found: CitizenAnswered) -> dict[str, object]:
    """Return what is written down about opening the vault for it."""
    return {
        "holder": "sms", "what": "citizen", "area": found.person or "", "why": WHY[asked.wish],
        "people": len(asked.persons),
    }  # fmt: skip


KEEPS = (
    Kept(
        Subscription(
            "NOTIFY", "enrollment-citizens", (CitizenAsked.SUBJECT,), "explicit", AT_A_TIME
        ),
        keep_asked,
    ),
)
