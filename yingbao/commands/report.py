"""What the demo shows at its end, in Chinese: equation, money, a bill, an adjustment, messages."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from chassis.language import tr
from contracts.bill_questions import AuditAnswer
from contracts.funds import FUND_ZH
from contracts.money import format_yuan, grouped_yuan
from contracts.vocabulary import CATEGORY_ZH, OUTCOME_ZH, SOURCE_ZH
from yingbao.commands.statement import statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.questions import TownshipAnswer
    from yingbao.running.asking import Asker
    from yingbao.running.elsewhere import Platform

ROWS_SHOWN = 12
WHOLE_WIDTH = 132
AREA_COLUMNS = (
    "区域", "名册", "参保", "合理化未参保", "应参未参", "重叠", "等式", "跨部门重复",
    "已资助不在册", "其他类别", "完成率", "资助兑现率",
)  # fmt: skip
STATES_ZH = {
    "created": "待发", "sending": "发送中", "sent": "已发", "delivered": "已送达", "unknown": "待查询",
    "failed": "未送达", "opted_out": "已退订", "no_recipient": "无号码", "withdrawn": "已撤回",
}  # fmt: skip


async def print_report(
    console: Console, asker: Asker, platform: Platform, outcome: Outcome
) -> None:
    """Print everything that a visitor wants to see."""
    await _equation(console, asker)
    await _money(console, asker)
    await _one_bill(console, asker, outcome)
    await _adjustment(console, asker, outcome)
    _messages(console, platform)
    _rejections(console, outcome)
    await _figures(console, asker, outcome)


async def _equation(console: Console, asker: Asker) -> None:
    table = Table(
        title=tr("名册等式（2023年度）：参保 + 合理化未参保 = 名册"), title_justify="left"
    )
    for column in (
        tr("乡镇"),
        tr("名册人数"),
        tr("已参保"),
        tr("合理化未参保"),
        tr("应参未参"),
        tr("完成率"),
    ):
        table.add_column(column, justify="left" if not table.columns else "right")
    lines = await asker.equation(2023)
    for line in lines:
        table.add_row(
            line.township or tr("全县"), str(line.roster), str(line.enrolled), str(line.justified),
            str(line.missing), line.completion,
        )  # fmt: skip
    console.print(table)


async def _money(console: Console, asker: Asker) -> None:
    table = Table(title=tr("基金支出"), title_justify="left")
    table.add_column(tr("基金"))
    table.add_column(tr("金额（元）"), justify="right")
    settlement, assistance = await asker.ledgers()
    relief = 0
    for account, fen in settlement.accounts.items():
        if account != "person":
            table.add_row(tr(FUND_ZH[account]), grouped_yuan(fen))
    for account, fen in assistance.accounts.items():
        relief += fen
        table.add_row(tr(FUND_ZH[account]), grouped_yuan(fen))
    left = settlement.accounts.get("person", 0) - relief
    table.add_row(tr("个人负担"), grouped_yuan(left))
    table.add_row(tr("医疗总费用"), grouped_yuan(sum(settlement.accounts.values())), style="bold")
    console.print(table)


async def _one_bill(console: Console, asker: Asker, outcome: Outcome) -> None:
    if outcome.single:
        explained = await asker.explain(str(outcome.single["claim"]))
        console.print(statement(outcome.single, *explained), soft_wrap=True)


async def _adjustment(console: Console, asker: Asker, outcome: Outcome) -> None:
    before, after = outcome.before, outcome.after
    if not before or not after:
        return
    console.print(tr("\n[bold]补差说明[/bold] 结算单 {adjusted}", adjusted=outcome.adjusted))
    console.print(
        tr(
            "民政部门补报：自2023-01-01起认定为低保对象（此前按{category}结算）。",
            category=tr(CATEGORY_ZH.get(before["category"], before["category"])),
        )
    )
    for name in ("bmi", "cii", "medical_assistance", "tilted_assistance", "personal_burden"):
        if before[name] != after[name]:
            label = tr(FUND_ZH.get(name, "个人负担"))
            console.print(
                tr(
                    "  {label}：{before} → {after} 元（{apart}）",
                    label=label,
                    before=before[name],
                    after=after[name],
                    apart=_delta(before, after, name),
                )
            )
    for explained in await asker.explain(outcome.adjusted):
        for line in explained.history:
            console.print(tr("  账目 {line}", line=line))


def _delta(before: dict[str, Any], after: dict[str, Any], name: str) -> str:
    fen = [int(str(one[name]).replace(".", "")) for one in (before, after)]
    return tr(
        "增{amount}" if fen[1] > fen[0] else "减{amount}", amount=format_yuan(abs(fen[1] - fen[0]))
    )


def _messages(console: Console, platform: Platform) -> None:
    if not platform.phone_log.exists():  # it is where notify runs
        return
    console.print(tr("\n[bold]短信[/bold]（本机号码簿日志）"))
    found: dict[str, dict[str, Any]] = {}
    with platform.phone_log.open(encoding="utf-8") as source:
        for line in source:
            message = json.loads(line)
            for kind in (
                "人待核实",
                "困难身份有变化",
                "已重新结算",
                "费用已结算",
                "备案已办成",
            ):
                if kind in message["text"]:
                    found.setdefault(kind, message)
    for message in found.values():
        phone = f"{message['phone'][:3]}****{message['phone'][-4:]}"
        console.print(
            tr(
                "  {phone}（{parts}条） {text}",
                phone=phone,
                parts=message["parts"],
                text=message["text"],
            ),
            soft_wrap=True,
        )


def _rejections(console: Console, outcome: Outcome) -> None:
    table = Table(title=tr("退回的名册行"), title_justify="left")
    for column in (tr("来源"), tr("行号"), tr("原因代码"), tr("说明")):
        table.add_column(column)
    for source, receipt in outcome.receipts.items():
        for row in receipt.get("rejected", [])[:ROWS_SHOWN]:
            table.add_row(tr(SOURCE_ZH[source]), str(row["row"]), row["reason"], row["message"])
    console.print(table)


async def _figures(console: Console, asker: Asker, outcome: Outcome) -> None:
    latencies = sorted(outcome.latencies)
    rate = outcome.sent / outcome.seconds if outcome.seconds else 0
    progress = await asker.progress()
    states = (await asker.messages()).states
    console.print(
        tr(
            "\n结算 {claims} 单（{outcomes}），{rate:,.0f} 单/秒；"
            "单笔实时结算 p50 {half} 毫秒、p99 {most} 毫秒；短信 {states}",
            claims=progress.claims,
            outcomes=_counts(progress.outcomes, OUTCOME_ZH),
            rate=rate,
            half=_at(latencies, 50),
            most=_at(latencies, 99),
            states=_counts(states, STATES_ZH),
        )
    )
    for name, audit in zip((tr("结算"), tr("救助")), outcome.audits, strict=True):
        console.print(
            tr(
                "{name}账本：{claims} 单从头重算，差异 {count}，链断点 {chain_breaks}，摘要 {digest}",
                name=name,
                claims=audit.claims,
                count=len(audit.differences),
                chain_breaks=audit.chain_breaks,
                digest=audit.digest,
            )
        )
    if outcome.problems:
        console.print(tr("[bold red]检查未通过：[/bold red]"))
        for problem in outcome.problems[:20]:
            console.print(f"  {problem}")
    else:
        console.print(
            tr("[bold green]全部检查通过：每张单据合计到分，从头重算与账本一致。[/bold green]")
        )


def _counts(counts: dict[str, int], words: dict[str, str]) -> str:
    return tr("、").join(f"{tr(words.get(name, name))} {count}" for name, count in counts.items())


def _at(ordered: list[float], percent: int) -> str:
    if not ordered:
        return "–"
    index = min(len(ordered) - 1, len(ordered) * percent // 100)
    return f"{ordered[index] * 1000:.0f}"


def print_equation(lines: Sequence[TownshipAnswer]) -> None:
    """Print the roster equation, a line an area, the county last: 参保 + 合理化未参保 + 应参未参 = 名册."""
    table = Table(*(tr(one) for one in AREA_COLUMNS))
    for line in lines:
        counts = (line.roster, line.enrolled, line.justified, line.missing, line.overlap)
        aside = (line.duplicates, line.not_on_roster, line.others)
        area = f"{line.township or tr('全县')}{line.village}"
        holds = tr("成立") if line.holds else tr("不成立")
        table.add_row(
            area, *map(str, counts), holds, *map(str, aside), line.completion, line.fulfilment
        )
    print_whole(table)
    Console().print(
        tr(
            "“其他类别”在名册台账中、不属应保尽保人群，不计入等式；"
            "各项人员名单用 yingbao ledger export 导出（roster、enrolment、justified_non_enrolment、"
            "missing、overlap、duplicate、not_on_roster）。"
        )
    )
    for note in sorted({one.note for one in lines if one.note}):
        Console().print(note)


def print_whole(table: Table) -> None:
    """Print a table with every figure whole: rather a long line than a cut number."""
    Console(width=max(Console().width, WHOLE_WIDTH)).print(table)


@dataclass(slots=True)
class Outcome:
    """What the demo saw, for its report and its exit code."""

    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: int = 0
    calls: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    single: dict[str, Any] = field(default_factory=dict)
    adjusted: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    audits: tuple[AuditAnswer, ...] = ()
    problems: list[str] = field(default_factory=list)
