"""Days on the edge, and packs that leave a term out."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from contracts.events.enrollment import Identity
from contracts.vocabulary import Justification
from policy.dated import Amount
from policy.dated import Source as Clause
from policy.premium import EnrolmentTerm, PremiumRules
from services.enrollment.person.coverage import _by_identity, _by_payment
from services.enrollment.person.elsewhere import Elsewhere
from services.enrollment.person.file import ResidentFile, _is_by_position
from services.enrollment.person.history import history_lines
from services.enrollment.person.justifications import Claimed
from services.enrollment.person.premiums import PremiumStanding
from services.enrollment.person.timelines import CHINA, known_on
from tests.builders import a_grant, a_reason

CLAUSE = Clause("文件", "条", "S")
COMMON: dict[str, Any] = {
    "when": {}, "valid_from": date(2020, 1, 1), "valid_to": None, "source": CLAUSE,
}  # fmt: skip


def rules(**terms: int) -> PremiumRules:
    """Return premium rules with these terms and no others."""
    return PremiumRules(
        full=(Amount(**COMMON, value=35_000),),
        subsidies=(Amount(**COMMON, value=35_000),),
        terms=tuple(
            EnrolmentTerm(**COMMON, term=name, value=value) for name, value in terms.items()
        ),
    )


def begins(
    paid_on: str, by: PremiumRules, *, born: str | None = None, employed: str | None = None
) -> date:
    """Return from when a payment covers."""
    birth = None if born is None else date.fromisoformat(born)
    jobs = [] if employed is None else [
        Elsewhere(date(2022, 1, 1), "LOCAL_EMPLOYEE", date.fromisoformat(employed))
    ]  # fmt: skip
    return _by_payment(by, 2023, date.fromisoformat(paid_on), [], jobs, birth)


@pytest.mark.parametrize(
    ("paid_on", "first"),
    [("2023-02-28", "2023-01-01"), ("2023-03-01", "2023-05-30"), ("2023-12-31", "2024-03-30")],
)
def test_a_payment_covers_the_year_until_the_collection_closes(paid_on: str, first: str) -> None:
    """Its last day included; a day later one waits ninety."""
    by = rules(collection_closes=228, waiting_days=90)

    assert begins(paid_on, by) == date.fromisoformat(first)


def test_without_a_waiting_term_a_late_payment_covers_from_its_day() -> None:
    """Not from the day after."""
    assert begins("2023-05-10", rules(collection_closes=228)) == date(2023, 5, 10)


def test_without_a_closing_day_any_payment_covers_the_year() -> None:
    """Nothing says that it comes late."""
    assert begins("2023-11-10", rules(waiting_days=90)) == date(2023, 1, 1)


@pytest.mark.parametrize(
    ("paid_on", "first"),
    [("2023-06-29", "2023-03-31"), ("2023-06-30", "2023-06-30")],
)
def test_a_newborn_is_covered_from_birth_when_enrolled_in_time(paid_on: str, first: str) -> None:
    """On the ninetieth day still, on the next from that day on."""
    by = rules(collection_closes=228, waiting_days=90, newborn_days=90)

    assert begins(paid_on, by, born="2023-03-31") == date.fromisoformat(first)


def test_without_a_newborn_term_the_day_of_birth_alone_is_in_time() -> None:
    """The pack says nothing of ninety days."""
    by = rules(collection_closes=228, waiting_days=90)

    assert begins("2023-03-31", by, born="2023-03-31") == date(2023, 3, 31)
    assert begins("2023-04-01", by, born="2023-03-31") == date(2023, 4, 1)


@pytest.mark.parametrize(
    ("paid_on", "first"), [("2023-07-30", "2023-05-01"), ("2023-07-31", "2023-10-29")]
)
def test_leaving_employment_leaves_no_gap_for_three_months(paid_on: str, first: str) -> None:
    """The same day of the third month included."""
    by = rules(collection_closes=228, waiting_days=90, after_employee_months=3)

    assert begins(paid_on, by, employed="2023-04-30") == date.fromisoformat(first)


@pytest.mark.parametrize(("newborn_days", "first"), [(90, "2023-03-31"), (0, "2023-04-30")])
def test_a_newborn_that_is_exempt_is_covered_from_birth(newborn_days: int, first: str) -> None:
    """If the category was recognised within the newborn's days; without the term, from recognition."""
    terms = {"newborn_days": newborn_days} if newborn_days else {}
    standing = PremiumStanding(2023, full=35_000, owed=35_000)
    held = a_identity("2023-04-30")

    found = _by_identity(rules(**terms), standing, [held], date(2023, 3, 31))

    assert found == date.fromisoformat(first)


def a_identity(since: str) -> Any:
    """Return an identity that is held from a day on."""
    return Identity(category="DESTITUTE", valid_from=date.fromisoformat(since))


@pytest.mark.parametrize(("day", "known"), [(0, 1), (-1, 0), (1, 1)])
def test_what_came_on_a_day_is_known_at_its_end(day: int, known: int) -> None:
    """By the clock of China: half past midnight there is the evening before elsewhere."""
    fact = a_grant().model_copy(update={"received": datetime(2023, 5, 1, 0, 30, tzinfo=CHINA)})

    assert len(known_on([fact], date(2023, 5, 1) + timedelta(days=day))) == known


def test_rows_kept_by_position_are_told_from_rows_with_names() -> None:
    """One row of the old form makes it the old form; no rows are of no form."""
    assert _is_by_position([["a", 1], {"name": "b"}])
    assert not _is_by_position([{"name": "b"}])
    assert not _is_by_position([])
    assert not _is_by_position(None)
    assert ResidentFile.model_validate({}).premiums == ()


def test_a_reason_taken_back_is_said_so_and_evidence_stands_beside_it() -> None:
    """Words that an officer reads on the person's page."""
    given = a_reason("ARMY", evidence="部队证明").model_copy(update={"evidence_no": "2023-7"})
    back = a_reason("ARMY", evidence="").model_copy(update={"action": "revoked"})

    said = [line.said for line in history_lines([given, back])]

    assert "合理化未参保：参军，部队证明 2023-7" in said
    assert "撤销合理化未参保：参军，无佐证" in said


def test_a_reason_counts_on_its_first_and_last_day() -> None:
    """Both included."""
    army = Claimed(Justification.ARMY, "证明", date(2023, 2, 1), date(2023, 3, 1), date(2023, 2, 1))

    assert [army.counts_on(date(2023, *day)) for day in ((1, 31), (2, 1), (3, 1), (3, 2))] == [
        False, True, True, False,
    ]  # fmt: skip
