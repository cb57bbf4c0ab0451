"""Answers for a page of households: everybody of a roster, by the household that the lists name."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import text

from chassis.asking import answers
from chassis.privacy import Vault
from chassis.runtime import Runtime
from contracts.money import format_yuan
from contracts.sheets import (
    ENROLLMENT_HOUSEHOLDS,
    Household,
    HouseholdPage,
    HouseholdPageAnswer,
    Member,
)
from contracts.vocabulary import CHRONIC_RESULT_ZH, JUSTIFICATION_ZH
from services.enrollment.access import VAULT, identities_of, opened_of, sealed, write_access
from services.enrollment.desk.case_store import REGISTERED, REGISTERED_FORMERLY, as_of, case_of
from services.enrollment.desk.cases import AsOf, Case, justified_on
from services.enrollment.opened import Opened
from services.enrollment.sheets.rules import in_words

_HOME = "coalesce(nullif(resident.household, ''), resident.person)"
_AREA = (
    "cardinality(listed) > 0 AND (CAST(:township AS text) = '' OR resident.township = :township)"
    " AND (CAST(:village AS text) = '' OR resident.village = :village)"
)
_HOMES = text(
    f"SELECT DISTINCT {_HOME} AS home FROM resident WHERE {_AREA} AND {_HOME} > :after"
    " ORDER BY 1 LIMIT :most"
)
_MEMBERS = text(
    # The register may know a member by a number that has been corrected since.
    f"{REGISTERED}SELECT {_HOME} AS home, resident.person, resident.township, village, listed, died,"
    f" file, {VAULT}, registered.name_tag,"
    " :year = ANY(covered_years) OR registered.person IS NOT NULL"
    f" OR {REGISTERED_FORMERLY} AS enrolled FROM resident"
    " LEFT JOIN register_row AS registered ON registered.year = :year"
    " AND registered.batch = (SELECT batch FROM latest) AND registered.person = resident.person"
    f" WHERE {_AREA} AND {_HOME} = ANY(CAST(:homes AS text[])) ORDER BY home, resident.person"
)


async def household_page(runtime: Runtime, page: HouseholdPage) -> HouseholdPageAnswer:
    """Return a page of households; who asked, and why, is written down."""
    asked = page.model_dump(include={"year", "township", "village", "after", "most"})
    async with runtime.turn() as turn:
        homes = [row.home for row in await turn.tx.execute(_HOMES, asked)]
        rows = (await turn.tx.execute(_MEMBERS, asked | {"homes": homes})).all()
        await write_access(turn.tx, page, "household_sheet", len(rows))
    found = households(rows, as_of(runtime, page.year), identities_of(runtime.settings))
    return HouseholdPageAnswer(
        sealed=sealed(runtime, [one.model_dump() for one in found]),
        after=homes[-1] if len(homes) == page.most else "",
    )


def households(rows: Iterable[Any], seen: AsOf, identities: Vault) -> list[Household]:
    """Group the rows of members by household; the head is whom the lists call so, else the first."""
    homes: dict[str, list[tuple[Any, Opened, Case]]] = {}
    for row in rows:
        opened = opened_of(row, row.person, identities)
        homes.setdefault(row.home, []).append((row, opened, case_of(row, seen)))
    found = []
    for members in homes.values():
        heads = [opened.head for _, opened, _ in members if opened.head]
        head = heads[0] if heads else members[0][1].name
        members.sort(key=lambda one: (one[1].name != head, one[1].id_number))
        place = members[0][0]
        phones = [opened.phone for _, opened, _ in members if opened.phone]
        found.append(
            Household(
                head=head, township=place.township, village=place.village,
                phone=phones[0] if phones else "",
                members=[_member(row, opened, case, seen.day) for row, opened, case in members],
            )
        )  # fmt: skip
    return found


def _member(row: Any, opened: Opened, case: Case, day: date) -> Member:
    reason = "" if case.enrolled else justified_on(case, day)
    return Member(
        person=row.person, id_number=opened.id_number, name=opened.name,
        categories=in_words(case.listed), enrolled=case.enrolled,
        reason=JUSTIFICATION_ZH.get(reason, ""), paid=format_yuan(case.premium.kept),
        subsidy=format_yuan(case.premium.subsidy), exempt=case.premium.exempt,
        chronic=[
            f"{one.disease or '慢性病'}（{CHRONIC_RESULT_ZH[one.result]}）" for one in case.chronic
        ],
    )  # fmt: skip


ANSWERS = (answers(ENROLLMENT_HOUSEHOLDS, household_page),)
