"""Domain §8, §9 and §14 once more, day by day, in the plainest way, to hold the folds against.

Nothing of the services is used, no interval is computed: a day is looked at, then the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)
EPOCH, LAST = date(2017, 1, 1), date(2025, 1, 31)
WAITING, NEWBORN, INFANT, AFTER_EMPLOYEE_MONTHS = 90, 90, 366, 3
EMPLOYED = {"LOCAL_EMPLOYEE", "OTHER_AREA_EMPLOYEE"}
NOTHING_GRANTED = EMPLOYED | {"ARMY", "PRISON", "WAIVED"}
MUST_ENROL = {"DESTITUTE", "SUBSISTENCE", "REGISTERED_POOR", "BACK_TO_POVERTY", "MARGINAL_AT_RISK"}


@dataclass
class Rules:
    """A year of a county: its premium, what is paid for whom, who ranks how, what goes back."""

    year: int
    full: int
    subsidy: dict[str, int]
    rank: list[str]
    wenshang: bool = False

    def goes_back(self, category: str, recognised: date) -> bool:
        """Tell whether a payment goes back: 汶上's rules 1 to 3; elsewhere never."""
        if not self.wenshang:
            return False
        if category == "REGISTERED_POOR":
            return True
        return category in {"SUBSISTENCE", "DESTITUTE"} and recognised <= date(2019, 12, 31)

    def keeps(self, category: str, recognised: date) -> bool:
        """Tell whether a payment stands by a rule: 汶上's rule 3."""
        late = recognised > date(2019, 12, 31)
        return self.wenshang and late and category in {"SUBSISTENCE", "DESTITUTE"}


LIXIN = Rules(
    2023, 35_000,
    {"DESTITUTE": 35_000, "SUBSISTENCE": 31_500, "BACK_TO_POVERTY": 28_000, "MARGINAL_AT_RISK": 17_500},
    ["DESTITUTE", "SUBSISTENCE", "BACK_TO_POVERTY", "MARGINAL_AT_RISK", "REGISTERED_POOR"],
)  # fmt: skip
WENSHANG = Rules(
    2020, 25_000, {"DESTITUTE": 25_000, "SUBSISTENCE": 25_000, "REGISTERED_POOR": 25_000},
    ["DESTITUTE", "SUBSISTENCE", "REGISTERED_POOR", "BACK_TO_POVERTY", "MARGINAL_AT_RISK"], wenshang=True,
)  # fmt: skip


@dataclass
class Life:
    """What is true of a person once everything was told; each list in no particular order.

    ``moves``: (source, category, day, granted?, minute); ``payments``: (day, fen), of the year;
    ``refunds``: (fen, receipt); ``away``: (minute, told by the insurer?, reason, first, last, proved?);
    ``deaths``: (source, day, reported?, minute).
    """

    moves: list[tuple[str, str, date, bool, int]] = field(default_factory=list)
    payments: list[tuple[date, int]] = field(default_factory=list)
    refunds: list[tuple[int, str]] = field(default_factory=list)
    refunded_there: bool = False
    away: list[tuple[int, bool, str, date, date | None, bool]] = field(default_factory=list)
    deaths: list[tuple[str, date, bool, int]] = field(default_factory=list)
    born: date | None = None


@dataclass
class Verdict:
    """What follows of a year."""

    owed: int
    subsidy: int
    exempt: bool
    enrolled: bool
    refund_due: int
    covered: list[date]
    lines: list[tuple[str, str, str, str]]
    side: str


def days_of(first: date, last: date) -> Iterator[date]:
    """Yield the days of a span, both ends included."""
    day = first
    while day <= last:
        yield day
        day += DAY


def died(life: Life) -> date | None:
    """Return the day of death: a roster owner and a registrar both say so, by their last words."""
    said: dict[str, tuple[int, date, bool]] = {}
    for source, day, reported, minute in life.deaths:
        if source not in said or minute > said[source][0]:
            said[source] = (minute, day, reported)
    stands = {source: day for source, (_, day, reported) in said.items() if reported}
    owner = {"civil_affairs", "rural_revitalisation"} & stands.keys()
    registrars = [stands[one] for one in ("funeral_home", "police") if one in stands]
    return min(registrars) if owner and registrars else None


def month_end(day: date) -> date:
    """Return the last day of a month."""
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def rosters(life: Life) -> dict[date, set[tuple[str, str]]]:
    """Return day → (source, category) of the rosters that name the person, dead or alive."""
    last_word: dict[tuple[str, str, date], tuple[int, bool]] = {}
    for source, category, day, granted, minute in life.moves:
        known = last_word.get((source, category, day))
        if known is None or minute > known[0]:
            last_word[source, category, day] = (minute, granted)
    standing: set[tuple[str, str]] = set()
    found = {}
    for day in days_of(EPOCH, LAST):
        for (source, category, when), (_, granted) in last_word.items():
            if when == day and granted:
                standing.add((source, category))
            if when == day and not granted:
                standing.discard((source, category))
        found[day] = set(standing)
    return found


def aways(life: Life) -> list[tuple[str, date, date]]:
    """Return why nothing is owed and when; the insurer's own word before an officer's note."""
    words: dict[tuple[bool, str, date], date] = {}
    for _, insurer, why, first, last, proved in sorted(life.away, key=lambda one: one[0]):
        if insurer or proved:
            words[insurer, why, first] = last or LAST
    told = [(why, first, last) for (insurer, why, first), last in words.items() if insurer]
    noted = [(why, first, last) for (insurer, why, first), last in words.items() if not insurer]
    return told + [
        one for one in noted
        if not any(one[0] == other[0] and one[1] <= other[2] and other[1] <= one[2] for other in told)
    ]  # fmt: skip


def judge(life: Life, rules: Rules) -> Verdict:
    """Work a year out, looking at every day of it."""
    first, last = date(rules.year, 1, 1), date(rules.year, 12, 31)
    dead = died(life)
    flag_end = month_end(dead) if dead else LAST
    named = rosters(life)
    held = {day: {c for _, c in named[day]} if day <= flag_end else set() for day in named}
    away = aways(life)
    nothing = {day for why, a, b in away if why in NOTHING_GRANTED for day in days_of(a, b)}
    employed = {day for why, a, b in away if why in EMPLOYED for day in days_of(a, b)}
    elsewhere = not life.refunded_there and any(
        why == "OTHER_AREA_RESIDENT" and a <= last and b >= first for why, a, b in away
    )
    year = list(days_of(first, last))

    payments = sorted(set(life.payments))
    kept = max(0, sum(fen for _, fen in payments) - sum(fen for fen, _ in set(life.refunds)))
    stays = _stays(named, flag_end, first, last)
    before = [
        (c, start) for c, start, end in stays
        if payments and kept and rules.subsidy.get(c, 0) >= rules.full
        and any(start <= day <= end and day not in nothing for day in year if day < payments[0][0])
    ]  # fmt: skip
    with_it = kept
    if elsewhere:
        grants: list[tuple[str, date]] = []
    elif before:
        grants, with_it = before, 0
    elif kept:
        later = [day for day in year if day >= payments[0][0] and day not in nothing]
        paid_in = [
            (c, start, end)
            for c, start, end in stays
            if any(start <= p <= end for p, _ in payments)
        ]
        grants = [(c, start) for c, start, _ in paid_in] if later else []
    else:
        grants = [
            (c, start) for c, start, end in stays
            if any(start <= day <= end and day not in nothing for day in year)
        ]  # fmt: skip
    best = min(
        grants, key=lambda one: (-rules.subsidy.get(one[0], 0), one[1], one[0]), default=None
    )
    share = rules.subsidy.get(best[0], 0) if best else 0
    stands = best is not None and rules.keeps(*best)
    if stands:
        with_it = kept
    elif best and kept and not before:
        end = next(end for c, start, end in stays if (c, start) == best)
        when = min(day for day, _ in payments if best[1] <= day <= end)
        with_it = min(kept, sum(fen for day, fen in payments if day <= when))
    owed = min(share, rules.full - min(with_it, rules.full))
    exempt = bool(owed) and owed >= rules.full and not kept
    enrolled = exempt or kept > 0
    starts = [(c, start) for c, start, _ in stays]
    back = kept if kept and any(rules.goes_back(c, day) for c, day in starts) else 0

    begins = []
    if payments and enrolled:
        begins.append(_paid_from(life, payments[0][0], away, named, flag_end, first))
    if exempt or (before and enrolled and not elsewhere):
        full = [day for c, day in starts if rules.subsidy.get(c, 0) >= rules.full]
        day = min(full)
        in_time = life.born and day <= life.born + NEWBORN * DAY
        begins.append(life.born if life.born and in_time else day)
    covered = [
        day for day in year
        if begins and not elsewhere and day >= min(begins) and day not in employed
        and (dead is None or day <= month_end(dead))
    ]  # fmt: skip
    return Verdict(
        owed, owed if enrolled else 0, exempt, enrolled, back, covered,
        _lines(held, dead, rules), _side(life, named, dead, enrolled, rules),
    )  # fmt: skip


def _stays(
    named: dict[date, set[tuple[str, str]]], flag_end: date, first: date, last: date
) -> list[tuple[str, date, date]]:
    """Return (category, first day, last day) of every stay on a roster that touches the year."""
    found = []
    for day in days_of(EPOCH, min(last, flag_end)):
        for source, category in named[day]:
            if day > EPOCH and (source, category) in named[day - DAY]:
                continue
            end = day
            while end < min(LAST, flag_end) and (source, category) in named[end + DAY]:
                end += DAY
            if end >= first:
                found.append((category, day, end))
    return found


def _paid_from(
    life: Life, paid_on: date, away: list[tuple[str, date, date]],
    named: dict[date, set[tuple[str, str]]], flag_end: date, first: date,
) -> date:  # fmt: skip
    """Return from when a payment covers."""
    if paid_on <= date(first.year, 2, 28):
        return max(first, life.born) if life.born else first
    if life.born and paid_on <= life.born + INFANT * DAY:
        return life.born if paid_on <= life.born + NEWBORN * DAY else paid_on
    options = [paid_on + WAITING * DAY]
    options += [
        end + DAY for why, _, end in away
        if why in EMPLOYED and end < LAST and paid_on <= three_months_after(end)
    ]  # fmt: skip
    options += [day for day in days_of(paid_on, min(LAST, flag_end)) if named[day]][:1]
    return min(options)


def three_months_after(day: date) -> date:
    """Return the last day on which who left employee insurance can join without a gap."""
    month = day.month - 1 + AFTER_EMPLOYEE_MONTHS
    start = date(day.year + month // 12, month % 12 + 1, 1)
    return start + (min(day.day, month_end(start).day) - 1) * DAY


def _lines(
    held: dict[date, set[str]], dead: date | None, rules: Rules
) -> list[tuple[str, str, str, str]]:
    """Return ledger 2 of the year: (change, month, before, after), month-end by month-end."""
    found, ever, before = [], False, ""
    for year in range(EPOCH.year, rules.year + 1):
        for month in range(1, 13):
            end = month_end(date(year, month, 1))
            alive = dead is None or dead > end
            top = min(held[end], key=rules.rank.index, default="") if alive else ""
            if top != before:
                change = "REMOVED" if not top else "CHANGED" if ever else "ADDED"
                if year == rules.year:
                    found.append((change, f"{end:%Y-%m}", before, top))
            ever, before = ever or bool(top), top
    return found


def _side(
    life: Life, named: dict[date, set[tuple[str, str]]], dead: date | None, enrolled: bool,
    rules: Rules,
) -> str:  # fmt: skip
    """Return on which side of the year's equation a person stands, as of its last day."""
    last = date(rules.year, 12, 31)
    on = {c for _, c in named[last]}
    if dead is not None and dead.year == rules.year:
        on |= {c for _, c in named[dead]} | {c for _, c in named[dead.replace(day=1) - DAY]}
    if not on & MUST_ENROL:
        return "off"
    if dead is not None and dead <= last:
        return "DEATH"
    words: dict[tuple[str, date], date | None] = {}
    for _, insurer, why, start, end, proved in sorted(life.away, key=lambda one: (one[1], one[0])):
        if insurer or proved:
            words[why, start] = end
    reason = any(a <= last and (b is None or b >= last) for (_, a), b in words.items())
    if enrolled:
        return "overlap" if reason else "enrolled"
    return "justified" if reason else "missing"
