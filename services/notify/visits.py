"""Whom an officer visits for what bills say: high costs of a year, an illness nobody has assessed. Pure.

Neither amount nor illness is written: the officer sees them at the office, a neighbour may see the phone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from contracts.envelope import event_id
from contracts.events.assistance import HighCostAlerted, HighCostRetracted
from contracts.events.settlement import BillIssued
from policy.duties import screened_kinds
from policy.facts import NONE
from policy.pack import Pack
from services.notify.wishes import CHINA, OFFICER, Wish

Tidings = HighCostAlerted | HighCostRetracted


@dataclass(slots=True)
class HighCosts:
    """What was said of a person's years: benefit year → revision → alert, or that it is not so."""

    said: dict[int, dict[int, Tidings]] = field(default_factory=dict)

    def add(self, event: Tidings) -> None:
        """Take a fact in."""
        self.said.setdefault(event.benefit_year, {})[event.revision] = event

    def standing(self) -> list[HighCostAlerted]:
        """Return the last word on each year that is above the line."""
        last = [of_year[max(of_year)] for of_year in self.said.values()]
        return [one for one in last if isinstance(one, HighCostAlerted)]

    def over(self) -> list[str]:
        """Return the keys of messages about earlier words, which are not to be said any more."""
        standing = {cost_key(one) for one in self.standing()}
        told = (one for of_year in self.said.values() for one in of_year.values())
        return sorted(
            {cost_key(one) for one in told if isinstance(one, HighCostAlerted)} - standing
        )


def cost_id(event: Tidings) -> str:
    """Return what makes an alert, or its end, that fact."""
    return f"costs/{event.benefit_year}/{event.revision}"


def cost_key(event: HighCostAlerted) -> str:
    """Return the key of the message about a year's costs: one a month in which they grew."""
    month = "" if event.as_of is None else f"{event.as_of.astimezone(CHINA):%Y-%m}"
    return event_id("high-cost", event.person, event.benefit_year, month)


def screening_key(person: str, year: int) -> str:
    """Return the key of the message that somebody's illness is to be looked at: once a benefit year."""
    return event_id("screening", person, year)


def visit_costly(one: HighCostAlerted, township: str, village: str) -> Wish:
    """Ask the officer to visit a family that has paid more in a year than the line (S4)."""
    words = {"village": village, "changes": "高额费用", "year": str(one.benefit_year)}
    return Wish(cost_key(one), OFFICER, "high_cost", township, words)


def years_to_screen(packs: Sequence[Pack], bills: Iterable[BillIssued]) -> set[int]:
    """Return the benefit years in which somebody of a poor household lay in hospital (S1).

    As the pack nearest to the discharge day has such a list; a bill that came with a corrected number was
    looked at under the earlier one.
    """
    return {
        one.discharge.year for one in bills
        if one.outcome == "settled" and not one.moved and one.category != NONE
        and one.kind.value in screened_kinds(packs, one.discharge)
    }  # fmt: skip


def to_screen(person: str, year: int, township: str, village: str) -> Wish:
    """Ask the officer to see somebody who lay in hospital and was never assessed."""
    words = {"village": village, "changes": "慢特病待筛查", "year": str(year)}
    return Wish(
        screening_key(person, year), OFFICER, "chronic_screening", township, words, year=year
    )
