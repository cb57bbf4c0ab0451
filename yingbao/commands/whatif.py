"""Shows what a change of policy does: a table for officers, an object for programs."""

from typing import Any

from rich.console import Console
from rich.table import Table

from contracts.funds import FUND_ZH, Fund
from contracts.money import format_yuan, grouped_yuan
from contracts.vocabulary import CATEGORY_ZH
from policy.pack import Pack
from policy.refusals import REASONS_ZH
from policy.whatif import Comparison, Group

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
    if found.years_moved:
        console.print(f"两个政策包年度不同：全部日期按整年平移{found.years_moved:+d}年后比较")
    console.print(f"比较单据{found.claims}张，涉及{found.everybody.people}人")
    for reason, number in found.uncompared.most_common():
        console.print(f"  未纳入比较{number}张：{REASONS_ZH.get(reason, reason)}")
    costs = Table("基金", "现行（元）", "调整后（元）", "增减（元）", title="各基金支出")
    for column in costs.columns[1:]:
        column.justify = "right"
    for fund in _funds(found):
        costs.add_row(FUND_ZH[fund], *_amounts(found.funds[fund]))
    costs.add_row("个人负担", *_amounts(found.burden), end_section=True)
    console.print(costs)
    groups = Table(
        "人员类别",
        "人数",
        "受益人数",
        "少负担（元）",
        "受损人数",
        "多负担（元）",
        title="受益与受损",
    )
    for column in groups.columns[1:]:
        column.justify = "right"
    for category, group in sorted(found.categories.items()):
        groups.add_row(CATEGORY_ZH[category], *_row(group))
    groups.add_row("合计", *_row(found.everybody))
    console.print(groups)
    if found.line is not None:
        line = grouped_yuan(found.line.threshold)
        console.print(
            f"高额费用监测线{line}元：新越线{found.over_line}人，回到线下{found.off_line}人"
        )
    for number, change in _most_affected(found):
        word = "多负担" if change > 0 else "少负担"
        console.print(f"  {names[number]}：{word}{grouped_yuan(abs(change))}元")


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
