"""Shows what a change of policy does: a table for officers, an object for programs."""

from typing import Any

from rich.console import Console
from rich.table import Table

from chassis.language import tr
from contracts.funds import FUND_ZH, Fund
from contracts.money import format_yuan, grouped_yuan
from contracts.vocabulary import CATEGORY_ZH
from policy.pack import Pack
from policy.refusals import REASONS_ZH
from policy.whatif import Comparison, Group

COST_COLUMNS = ("基金", "现行（元）", "对照（元）", "增减（元）")
GROUP_COLUMNS = (
    "人员类别", "人数", "受益人数", "少负担（元）", "受损人数", "多负担（元）",
)  # fmt: skip
MOST_AFFECTED = 10


def as_data(found: Comparison, first: Pack, second: Pack, names: list[str]) -> dict[str, Any]:
    """Return the comparison with amounts as decimal strings of yuan."""
    return {
        "pack": first.version,
        "against": second.version,
        "years_moved": found.years_moved,
        "claims": found.claims,
        "uncompared": dict(found.uncompared),
        **_group(found.everybody),
        "personal_burden": _pair(found.burden),
        "funds": {fund: _pair(found.funds[fund]) for fund in _funds(found)},
        "categories": {name: _group(one) for name, one in sorted(found.categories.items())},
        "high_cost": None
        if found.line is None
        else {
            "threshold": format_yuan(found.line.threshold),
            "pushed_over": found.over_line,
            "brought_back": found.off_line,
        },
        "most_affected": [
            {"person": names[number], "change": format_yuan(change)}
            for number, change in _most_affected(found)
        ],
    }


def show(found: Comparison, first: Pack, second: Pack, names: list[str], console: Console) -> None:
    """Print the comparison for people."""
    console.print(f"{first.title} → {second.title}")
    if years := found.years_moved:
        console.print(tr("两个政策包年度不同：全部日期按整年平移{years:+d}年后比较", years=years))
    people = found.everybody.people
    console.print(tr("比较单据{claims}张，涉及{people}人", claims=found.claims, people=people))
    for reason, number in found.uncompared.most_common():
        why = tr(REASONS_ZH.get(reason, reason))
        console.print(tr("  未纳入比较{number}张：{why}", number=number, why=why))
    console.print(_costs(found))
    console.print(_groups(found))
    if found.line is not None:
        said = tr(
            "高额费用监测线{line}元：新越线{over_line}人，回到线下{off_line}人",
            line=grouped_yuan(found.line.threshold), over_line=found.over_line, off_line=found.off_line,
        )  # fmt: skip
        console.print(said)
    for number, change in _most_affected(found):
        said = tr("多负担{amount}元", amount=grouped_yuan(change))
        console.print(f"  {names[number]}: {said}")


def _costs(found: Comparison) -> Table:
    costs = Table(*(tr(one) for one in COST_COLUMNS), title=tr("各基金支出"))
    for column in costs.columns[1:]:
        column.justify = "right"
    for fund in _funds(found):
        costs.add_row(tr(FUND_ZH[fund]), *_amounts(found.funds[fund]))
    costs.add_row(tr("个人负担"), *_amounts(found.burden), end_section=True)
    return costs


def _groups(found: Comparison) -> Table:
    groups = Table(*(tr(one) for one in GROUP_COLUMNS), title=tr("受益与受损"))
    for column in groups.columns[1:]:
        column.justify = "right"
    for category, group in sorted(found.categories.items()):
        groups.add_row(tr(CATEGORY_ZH[category]), *_row(group))
    groups.add_row(tr("合计"), *_row(found.everybody))
    return groups


def _most_affected(found: Comparison) -> list[tuple[int, int]]:
    """Return those who lose most, by number and change: they will come to the counter first."""
    ordered = sorted(found.changes.items(), key=lambda one: (-one[1], one[0]))
    return [one for one in ordered if one[1] > 0][:MOST_AFFECTED]


def _funds(found: Comparison) -> list[str]:
    return [fund.value for fund in Fund if fund.value in found.funds]


def _pair(amounts: tuple[int, int]) -> dict[str, str]:
    before, after = amounts
    change = after - before
    return {
        "before": format_yuan(before),
        "after": format_yuan(after),
        "change": format_yuan(change),
    }


def _amounts(amounts: tuple[int, int]) -> list[str]:
    before, after = amounts
    return [grouped_yuan(before), grouped_yuan(after), grouped_yuan(after - before)]


def _group(group: Group) -> dict[str, Any]:
    return {
        "people": group.people,
        "winners": group.winners,
        "won": format_yuan(group.won),
        "losers": group.losers,
        "lost": format_yuan(group.lost),
    }


def _row(group: Group) -> list[str]:
    return [
        str(group.people), str(group.winners), grouped_yuan(group.won), str(group.losers),
        grouped_yuan(group.lost),
    ]  # fmt: skip
