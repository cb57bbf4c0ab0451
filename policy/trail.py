"""Why an amount is what it is: one line per layer, as data and as a Chinese and English sentence."""

from dataclasses import dataclass

from contracts.money import format_yuan
from contracts.vocabulary import FUND_ZH
from policy.facts import Claim
from policy.pack import LayerTerms, Pack


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One layer's arithmetic. Amounts in fen; ``pieces`` are (from, to, rate in basis points)."""

    layer: str
    fund: str
    before: int
    after: int
    deductible: int
    pieces: tuple[tuple[int, int, int], ...]
    due: int
    pay: int
    document: str
    clause: str
    mark: str
    pack: str
    zh: str
    en: str


def explain(
    pack: Pack, terms: LayerTerms, claim: Claim, before: int, after: int, due: int, pay: int
) -> TrailLine:
    """Write down how a layer came to its payment."""
    schedule = terms.schedule_for(claim.total_fee)
    pieces = tuple(schedule.pieces(before, after)) if schedule else ()
    source = terms.source
    verified = "" if source is None or source.verified else "〔未核实〕"
    fund = terms.layer.fund
    sums_zh = "，".join(
        f"{format_yuan(low)}至{format_yuan(high)}元部分按{_percent(rate)}"
        for low, high, rate in pieces
    )
    sums_en = ", ".join(
        f"{format_yuan(low)} to {format_yuan(high)} at {_percent(rate)}"
        for low, high, rate in pieces
    )
    deductible = schedule.deductible if schedule else 0
    clause = "" if source is None else f"{source.document}：{source.clause}"
    zh = f"{FUND_ZH[fund]}：起付线{format_yuan(deductible)}元"
    en = f"{fund}: deductible {format_yuan(deductible)}"
    if terms.barred or schedule is None:
        zh, en = f"{FUND_ZH[fund]}：按规定不予支付", f"{fund}: not payable under the rule"
    else:
        zh += f"，{sums_zh or '未超过起付线'}"
        en += f", {sums_en or 'not above the deductible'}"
        if due and not _from_schedule(pieces, due):
            zh += f"，按保底比例计{format_yuan(due)}元"
            en += f", raised by the floor to {format_yuan(due)}"
    if pay < due:
        zh += f"，年度封顶后支付{format_yuan(pay)}元"
        en += f", capped to {format_yuan(pay)}"
    else:
        zh += f"，支付{format_yuan(pay)}元"
        en += f", pays {format_yuan(pay)}"
    zh += f"（依据：{clause}）{verified}"
    en += f" (source: {clause}{', unverified' if verified else ''})"
    return TrailLine(
        terms.layer.id, fund, before, after, deductible, pieces, due, pay,
        source.document if source else "", source.clause if source else "",
        source.mark if source else "", pack.version, zh, en,
    )  # fmt: skip


def _percent(rate_bp: int) -> str:
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}%" if not rest else f"{whole}.{rest:02d}%".replace("0%", "%")


def _from_schedule(pieces: tuple[tuple[int, int, int], ...], due: int) -> bool:
    """Telescoped rounding moves a line by at most one fen; more means another rule decided."""
    exact = sum((high - low) * rate for low, high, rate in pieces)
    return abs(exact - due * 10_000) <= 10_000
