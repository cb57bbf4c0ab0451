"""A pack in words, value by value: what applies to whom, since when, and by which clause. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from contracts.funds import FUND_ZH
from contracts.money import FULL_BP, grouped_yuan
from contracts.vocabulary import CATEGORY_ZH, KIND_ZH
from policy.dated import Amount, Dated, Source
from policy.pack import HighCostLine, Pack, Statement
from policy.premium import Refund
from policy.rules import Guarantee, Modifier, Rule
from policy.trail import percent as percent_of

_TERMS_ZH = {
    "collection_closes": "集中缴费截止{0}月{1}日",
    "waiting_days": "逾期参保等待期{}天",
    "newborn_days": "新生儿出生{}天内参保，自出生之日起享受待遇",
    "after_employee_months": "职工参保中断{}个月内参保，不设等待期",
}


def values_of(pack: Pack) -> Iterator[dict[str, str]]:
    """Return every value of a pack: layer, what it applies to, what it says, since when, the clause."""
    for layer in pack.layers:
        kinds = "、".join(KIND_ZH[kind] for kind in KIND_ZH if kind in layer.kinds)
        title = f"{FUND_ZH[layer.fund]}（{kinds}）"
        if layer.measures == "input":
            says = "按医疗机构或保险公司上传金额"
            yield _told(title, "", says, "", None)
        caps = [limit for cap in layer.caps for limit in cap.limits]
        for value in layer.values():
            yield _shown(pack, title, value, _says(value, is_cap=value in caps))
    yield from _premiums(pack)
    for line in pack.high_cost:
        yield _shown(pack, "高额费用监测", line, _high_cost(line))
    for cliff in pack.cliffs:
        says = f"{CATEGORY_ZH[cliff.higher]}可能低于{CATEGORY_ZH[cliff.lower]}：{cliff.why}"
        yield _told("待遇断崖", "", says, "", cliff.source)
    for statement in pack.statements:
        yield _shown(pack, statement.topic, statement, statement.says)


def _premiums(pack: Pack) -> Iterator[dict[str, str]]:
    for title, amounts in (("个人缴费", pack.premiums.full), ("资助参保", pack.premiums.subsidies)):
        for amount in amounts:
            yield _shown(pack, title, amount, f"{grouped_yuan(amount.value or 0)}元")
    for refund in pack.premiums.refunds:
        yield _shown(pack, "退费", refund, _refund(refund))
    for term in pack.premiums.terms:
        yield _shown(pack, "参保与待遇起始", term, _term(term.term, term.value))


def _term(name: str, value: int) -> str:
    said = divmod(value, 100) if name == "collection_closes" else (value,)
    return _TERMS_ZH[name].format(*said)


def _shown(pack: Pack, title: str, value: Dated, says: str) -> dict[str, str]:
    when = "" if isinstance(value, Statement) else _when(pack, value)
    return _told(title, when, says, _period(value.valid_from, value.valid_to), value.source)


def _told(layer: str, when: str, says: str, since: str, source: Source | None) -> dict[str, str]:
    return {
        "layer": layer, "when": when, "says": says, "from": since,
        "clause": "" if source is None else _cited(source),
        "unverified": "" if source is None or source.verified else source.mark,
    }  # fmt: skip


def _cited(source: Source) -> str:
    mark = "" if source.verified else f"〔未核实 {source.mark}〕"
    return f"{source.document}：{source.clause}{mark}"


def _period(start: date, end: date | None) -> str:
    return start.isoformat() if end is None else f"{start}至{end}"


def _when(pack: Pack, value: Dated) -> str:
    words: list[str] = []
    for key, wanted in sorted(value.when.items()):
        names: dict[Any, str] = {
            "category": CATEGORY_ZH, "level": pack.levels, "area": pack.areas, "kind": KIND_ZH,
            "admission": {"later": "第二次及以后住院", "first": "首次住院"},
            "child": {True: "14周岁及以下"}, "referred": {False: "未转诊", True: "已转诊"},
            "compliant": {False: "未按规定转诊", True: "按规定转诊"},
            "disease": {"common": "普通病种", "special": "特殊病种"},
        }[key]  # type: ignore[assignment]  # fmt: skip
        words.append("、".join(sorted(names.get(one, str(one)) for one in wanted)))
    return "；".join(words)


def _says(value: Dated, *, is_cap: bool) -> str:
    if isinstance(value, Rule):
        return _rule(value)
    if isinstance(value, Modifier):
        parts = [
            (value.deductible_factor_bp != 10_000, f"起付线×{percent(value.deductible_factor_bp)}"),
            (value.ratio_factor_bp != 10_000, f"比例×{percent(value.ratio_factor_bp)}"),
            (value.ratio_add_bp != 0, f"比例{_signed(value.ratio_add_bp)}个百分点"),
        ]
        return "，".join(text for holds, text in parts if holds)
    if isinstance(value, Guarantee):
        over = "全年" if value.per_year else "每次"
        return f"{over}综合保障不低于{percent(value.value or 0)}"
    if isinstance(value, Amount):
        if value.value is None:
            return "不设封顶线"
        return f"年度限额{grouped_yuan(value.value)}元" if is_cap else f"保底{percent(value.value)}"
    return "不予支付，也不计入累计"


def _rule(rule: Rule) -> str:
    if not rule.covered:
        return "不予支付"
    if rule.of_total is not None:
        share = rule.of_total
        start = f"起付线为总费用的{percent(share.ratio_bp)}"
        if share.net:
            start += "（按扣除医院负担后的净额计）"
        if share.most is not None:
            start += f"（{grouped_yuan(share.least)}元至{grouped_yuan(share.most)}元）"
    else:
        start = f"起付线{grouped_yuan(rule.deductible)}元"
    base = "" if rule.absolute else "起付线以上"
    pieces = [
        f"{base}至{grouped_yuan(upper)}元{percent(rate)}"
        if upper is not None
        else f"以上{percent(rate)}"
        for upper, rate in rule.segments
    ]
    return f"{start}，{'，'.join(pieces)}"


def _refund(rule: Refund) -> str:
    since = f"{rule.recognised_from}起认定" if rule.recognised_from else ""
    until = f"{rule.recognised_to}前（含当日）认定" if rule.recognised_to else ""
    return f"{since}{until}已缴费的{'予以退费' if rule.refund else '不退费'}"


def _high_cost(line: HighCostLine) -> str:
    basis = "政策范围内个人负担" if line.in_scope_only else "个人负担（含目录外）"
    word = "达到" if line.at_line else "超过"
    return f"年度{basis}{word}{grouped_yuan(line.threshold)}元的按月推送"


def percent(bp: int) -> str:
    """Write basis points as per cent."""
    return percent_of(bp, FULL_BP)


def _signed(bp: int) -> str:
    return f"{'+' if bp >= 0 else '-'}{percent(abs(bp))}".removesuffix("%")
