"""``yingbao claim``: one bill, why it is what it is, what was re-decided since, and hospitals' months."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from chassis.language import tr
from contracts.funds import FUND_ZH
from contracts.vocabulary import OUTCOME_ZH
from yingbao.commands.calling import BUREAU, call, response
from yingbao.commands.desk import Year
from yingbao.commands.options import DATA, AsJson, Data
from yingbao.commands.report import print_whole

claims = typer.Typer(
    help="Bills: show one, explain it, list what was re-decided since, and what was booked to hospitals.",
    no_args_is_help=True,
)
Claim = Annotated[
    str, typer.Argument(help="The bill's id, with its hospital: H34169901:2023-0042.")
]
STATUS_ZH = OUTCOME_ZH | {"accepted": "已收到，尚在处理"}
DIRECTION_ZH = {"due": "应补", "refundable": "应退", "even": "已相抵"}


@claims.command("show")
def claim_show(claim: Claim, data: Data = DATA, as_json: AsJson = False) -> None:
    """Show where a bill stands: every layer, what the family pays now, what comes by hand later."""
    found = call(data, BUREAU, "GET", f"/v1/claims/{claim}")
    if as_json or not isinstance(found, dict):
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(
        tr(
            "结算单 {claim}：{status}",
            claim=found["claim"],
            status=tr(STATUS_ZH.get(str(found["status"]), str(found["status"]))),
        )
    )
    bill: dict[str, Any] = found.get("bill") or {}
    amounts = {"医疗总费用": "total_fee"} | {name: fund for fund, name in FUND_ZH.items()}
    amounts |= {
        "个人负担": "personal_burden", "家庭当时支付": "family_pays_now",
        "以后手工发放": "paid_by_hand_later",
    }  # fmt: skip
    for label, name in amounts.items():
        if bill.get(name, "0.00") != "0.00":
            typer.echo(tr("  {label}：{amount}元", label=tr(label), amount=bill[name]))
    if found.get("message"):
        typer.echo(f"  {found['message']}")


@claims.command("explain")
def claim_explain(claim: Claim, data: Data = DATA, as_json: AsJson = False) -> None:
    """Say in words of a family how a bill came about, with rates and clauses below, and its history."""
    found = call(data, BUREAU, "GET", f"/v1/claims/{claim}/explanation")
    if as_json or not isinstance(found, dict):
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(tr("结算单 {claim}", claim=found["claim"]))
    _print("", found["family"])
    _print(tr("计算依据："), found["zh"])
    _print(tr("账目："), found["history"])
    _print_adjustments(found["adjustments"])


def _print(title: str, lines: list[str]) -> None:
    if title and lines:
        typer.echo(title)
    for line in lines:
        typer.echo(f"  {line}")


@claims.command("statement")
def claim_statement(
    month: Annotated[str, typer.Argument(help="The month of booking, such as 2023-05.")],
    out: Annotated[Path | None, typer.Option(help="Write the sheet to sign (.xlsx).")] = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Show what the insurance funds paid each hospital in a month, less what they took back."""
    params = {"month": month}
    if out is not None:
        out.write_bytes(response(data, BUREAU, "GET", "/v1/statements.xlsx", params=params).content)
        typer.echo(f"{out}")
        return
    found = call(data, BUREAU, "GET", "/v1/statements", params=params)
    if as_json or not isinstance(found, dict):
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["statements"]:
        funds = "，".join(
            tr("{fund}{said}元", fund=tr(FUND_ZH.get(fund, fund)), said=said)
            for fund, said in one["funds"].items()
        )
        typer.echo(
            tr(
                "{provider}  {claims}笔  合计{total}元  （{funds}）",
                provider=one["provider"],
                claims=one["claims"],
                total=one["total"],
                funds=funds,
            )
        )


@claims.command("adjustments")
def claim_adjustments(year: Year, data: Data = DATA, as_json: AsJson = False) -> None:
    """List what each layer of a year's bills pays now beyond, or below, its first settlement (C13).

    Top-ups and claw-backs stand apart. Exit code 1 while there is one.
    """
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        asked = {"year": year, "after": after}
        page = call(data, BUREAU, "GET", "/v1/adjustments", params=asked)
        if not isinstance(page, dict):
            break
        found += page["adjustments"]
        after = page["next"]
        if not after:
            break
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print_adjustments(found)
    raise typer.Exit(1 if any(one["direction"] != "even" for one in found) else 0)


def _print_adjustments(lines: list[dict[str, Any]]) -> None:
    if not lines:
        typer.echo(tr("没有重新核定。"))
        return
    table = Table(
        tr("结算单"), tr("资金渠道"), tr("首次"), tr("现核定"), "", tr("差额"), tr("原因")
    )
    for line in lines:
        table.add_row(
            line["claim"], tr(FUND_ZH[line["fund"]]), line["first"], line["now"],
            tr(DIRECTION_ZH[line["direction"]]), line["delta"], line["steps"][-1]["why"],
        )  # fmt: skip
    print_whole(table)
