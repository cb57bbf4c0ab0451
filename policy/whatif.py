"""The same facts under two packs: who wins, who loses, what each fund pays, who crosses the line."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from policy.county import settle_county
from policy.engine import Decision, personal_burden
from policy.facts import Claim, HeldIdentity, PersonFacts
from policy.high_cost import own_part
from policy.pack import HighCostLine, Pack


@dataclass(slots=True)
class Group:
    """People whose bills were compared. Amounts in fen; a winner pays less under the second pack."""

    people: int = 0
    winners: int = 0
    won: int = 0
    losers: int = 0
    lost: int = 0

    def count(self, change: int) -> None:
        """Take in a person whose burden changes by so many fen."""
        self.people += 1
        if change < 0:
            self.winners += 1
            self.won -= change
        elif change > 0:
            self.losers += 1
            self.lost += change

    def with_more(self, other: "Group") -> "Group":
        """Return both together; nobody is in both."""
        return Group(
            self.people + other.people, self.winners + other.winners, self.won + other.won,
            self.losers + other.losers, self.lost + other.lost,
        )  # fmt: skip


@dataclass(slots=True)
class Comparison:
    """What a change of policy does to a county. Amounts in fen, ``before`` is the first pack.

    ``funds``: fund → (before, after). ``uncompared``: why a claim is not settled under both →
    number. ``over_line``, ``off_line``: people whom the change brings above the high-cost line, or
    back; None without a line. ``changes``: person's number → change of the burden.
    """

    years_moved: int
    claims: int = 0
    everybody: Group = field(default_factory=Group)
    categories: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    funds: dict[str, tuple[int, int]] = field(default_factory=dict)
    burden: tuple[int, int] = (0, 0)
    uncompared: Counter[str] = field(default_factory=Counter)
    line: HighCostLine | None = None
    over_line: int = 0
    off_line: int = 0
    changes: dict[int, int] = field(default_factory=dict)

    def with_more(self, other: "Comparison") -> "Comparison":
        """Return what is found of other people as well, under the same two packs; changes are not kept."""
        categories: dict[str, Group] = defaultdict(Group, self.categories)
        for name, group in other.categories.items():
            categories[name] = categories[name].with_more(group)
        return Comparison(
            self.years_moved, self.claims + other.claims, self.everybody.with_more(other.everybody),
            categories, {fund: _sum(self.funds.get(fund), other.funds.get(fund))
                         for fund in {*self.funds, *other.funds}},
            _sum(self.burden, other.burden), self.uncompared + other.uncompared, self.line,
            self.over_line + other.over_line, self.off_line + other.off_line,
        )  # fmt: skip


def compare(
    first: Pack, second: Pack, people: Sequence[PersonFacts], line: HighCostLine | None = None
) -> Comparison:
    """Settle everybody under both packs and compare.

    Where the packs are of different years, the facts are moved by whole years to the second's.
    The line is the one given, else the second pack's, else the first's.
    """
    years = _years_between(first, second)
    moved = [_moved(facts, years) for facts in people] if years else people
    found = Comparison(years, line=line or next(iter((*second.high_cost, *first.high_cost)), None))
    both = zip(people, settle_county(first, people), settle_county(second, moved), strict=True)
    for number, (facts, before, after) in enumerate(both):
        _compare_person(found, number, facts, before, after)
    return found


def _years_between(first: Pack, second: Pack) -> int:
    overlap = first.valid_from <= second.valid_to and second.valid_from <= first.valid_to
    return 0 if overlap else second.valid_from.year - first.valid_from.year


def _moved(facts: PersonFacts, years: int) -> PersonFacts:
    """Move every date by whole years; 29 February becomes the 28th."""
    return replace(
        facts,
        claims=[
            replace(
                claim,
                discharge=_moved_day(claim.discharge, years),
                admit=None if claim.admit is None else _moved_day(claim.admit, years),
            )
            for claim in facts.claims
        ],
        identities=tuple(
            HeldIdentity(
                one.category,
                _moved_day(one.valid_from, years),
                None if one.valid_to is None else _moved_day(one.valid_to, years),
            )
            for one in facts.identities
        ),
        died=None if facts.died is None else _moved_day(facts.died, years),
        covered_years=None
        if facts.covered_years is None
        else frozenset(year + years for year in facts.covered_years),
        covered_spans=None
        if facts.covered_spans is None
        else tuple(
            (_moved_day(first, years), _moved_day(last, years))
            for first, last in facts.covered_spans
        ),
    )


def _moved_day(day: date, years: int) -> date:
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return date(min(max(day.year + years, date.min.year), date.max.year), day.month, last)


def _compare_person(
    found: Comparison,
    number: int,
    facts: PersonFacts,
    before: dict[str, Decision],
    after: dict[str, Decision],
) -> None:
    claims = list(_settled_twice(found, facts, before, after))
    if not claims:
        return
    burdens = [
        sum(personal_burden(claim, decisions[claim.claim].pays) for claim in claims)
        for decisions in (before, after)
    ]
    change = burdens[1] - burdens[0]
    found.claims += len(claims)
    found.burden = (found.burden[0] + burdens[0], found.burden[1] + burdens[1])
    found.everybody.count(change)
    found.categories[after[claims[-1].claim].category].count(change)
    if change:
        found.changes[number] = change
    for claim in claims:
        _add_funds(found.funds, before[claim.claim].pays, after[claim.claim].pays)
    if found.line is not None:
        was, is_now = (_above(found.line, claims, which) for which in (before, after))
        found.over_line += is_now and not was
        found.off_line += was and not is_now


def _settled_twice(
    found: Comparison,
    facts: PersonFacts,
    before: dict[str, Decision],
    after: dict[str, Decision],
) -> Iterator[Claim]:
    """Yield the claims that both packs settle; count why the others are not compared."""
    for claim in sorted(facts.claims, key=Claim.canonical_order):
        outcomes = (before[claim.claim], after[claim.claim])
        missing = [one.reason or one.outcome for one in outcomes if one.outcome != "settled"]
        if missing:
            found.uncompared[missing[0]] += 1
        else:
            yield claim


def _sum(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int]:
    (a, b), (c, d) = one or (0, 0), other or (0, 0)
    return a + c, b + d


def _add_funds(
    funds: dict[str, tuple[int, int]], before: dict[str, int], after: dict[str, int]
) -> None:
    for fund in {*before, *after}:
        a, b = funds.get(fund, (0, 0))
        funds[fund] = (a + before.get(fund, 0), b + after.get(fund, 0))


def _above(line: HighCostLine, claims: list[Claim], decisions: dict[str, Decision]) -> bool:
    """Tell whether what a person pays in a year after triple protection is above the line (S4)."""
    paid: defaultdict[int, int] = defaultdict(int)
    for claim in claims:
        pays = decisions[claim.claim].pays
        paid[claim.discharge.year] += own_part(line, claim.total_fee, claim.in_scope, pays)
    return any(line.is_reached(fen) for fen in paid.values())
