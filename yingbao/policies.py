"""Reads packs for people: is a pack whole, what does it say, why is an amount what it is."""

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

from contracts.money import grouped_yuan
from contracts.vocabulary import CATEGORY_ZH, FUND_ZH, KIND_ZH
from policy.facts import NONE, Claim
from policy.loader import PACKS, load_pack
from policy.pack import Amount, Dated, Modifier, Pack, Rule, RuleError

PROBLEMS_SHOWN = 20


def pack_names() -> list[str]:
    """Return the packs that exist."""
    return sorted(path.stem for path in PACKS.glob("*.yaml"))


def problems(pack: Pack) -> Iterator[str]:
    """Walk every category, level, area, kind and first of a month: each has exactly one rule.

    Also walked: first and later admission, child and adult, referred or not, compliant or not.
    """
    switches = (True, False)
    for day, kind, level, area in product(_days(pack), KIND_ZH, pack.levels, pack.areas):
        for category, compliant, referred, child in product(
            (NONE, *pack.priority), switches, switches, switches
        ):
            claim = Claim(
                "x", kind, day, 0, 0, level=level, area=area, compliant=compliant,
                referred=referred, age=5 if child else 50,
            )  # fmt: skip
            for stage, admission in product(("settlement", "assistance"), (1, 2)):
                try:
                    pack.terms(stage, claim, category, admission)
                except RuleError as error:
                    yield str(error)


def _days(pack: Pack) -> list[date]:
    months = [
        date(year, month, 1)
        for year in range(pack.valid_from.year, pack.valid_to.year + 1)
        for month in range(1, 13)
    ]
    return sorted({*months, *pack.epochs})


def check(name: str) -> list[str]:
    """Return what is wrong with a pack; an empty list if nothing is. Raises PackError."""
    found: list[str] = []
    for problem in problems(load_pack(name)):
        if problem not in found:
            found.append(problem)
        if len(found) == PROBLEMS_SHOWN:
            break
    return found


def show(name: str) -> Iterator[dict[str, str]]:
    """Return every value of a pack: layer, what it applies to, what it says, since when, the clause."""
    pack = load_pack(name)
    for layer in pack.layers:
        title = FUND_ZH[layer.fund]
        if layer.measures == "input":
            yield {
                "layer": title,
                "when": "",
                "says": "按医院或保险公司上传金额",
                "from": "",
                "clause": "",
            }
        values: list[Dated] = [*layer.rules, *layer.modifiers, *layer.floors, *layer.guarantees]
        values += [*layer.barred, *(limit for cap in layer.caps for limit in cap.limits)]
        for value in values:
            source = value.source
            mark = "" if source.verified else f"〔未核实 {source.mark}〕"
            yield {
                "layer": title,
                "when": _when(pack, value),
                "says": _says(value, is_cap=value in _limits(layer.caps)),
                "from": value.valid_from.isoformat(),
                "clause": f"{source.document}：{source.clause}{mark}",
            }


def _limits(caps: Any) -> list[Dated]:
    return [limit for cap in caps for limit in cap.limits]


def _when(pack: Pack, value: Dated) -> str:
    words: list[str] = []
    for key, wanted in sorted(value.when.items()):
        names: dict[Any, str] = {
            "category": CATEGORY_ZH, "level": pack.levels, "area": pack.areas, "kind": KIND_ZH,
            "admission": {"later": "第二次及以后住院", "first": "首次住院"},
            "child": {True: "14周岁及以下"}, "referred": {False: "未转诊", True: "已转诊"},
            "compliant": {False: "未按规定转诊", True: "按规定转诊"},
        }[key]  # type: ignore[assignment]  # fmt: skip
        words.append("、".join(sorted(names.get(one, str(one)) for one in wanted)))
    return "；".join(words)


def _says(value: Dated, *, is_cap: bool) -> str:
    if isinstance(value, Rule):
        return _rule(value)
    if isinstance(value, Modifier):
        parts = [
            (
                value.deductible_factor_bp != 10_000,
                f"起付线×{_percent(value.deductible_factor_bp)}",
            ),
            (value.ratio_factor_bp != 10_000, f"比例×{_percent(value.ratio_factor_bp)}"),
            (value.ratio_add_bp != 0, f"比例{_signed(value.ratio_add_bp)}个百分点"),
        ]
        return "，".join(text for holds, text in parts if holds)
    if isinstance(value, Amount):
        if value.value is None:
            return "不设封顶线"
        return (
            f"年度限额{grouped_yuan(value.value)}元" if is_cap else f"保底{_percent(value.value)}"
        )
    return "不予支付，也不计入累计"


def _rule(rule: Rule) -> str:
    if not rule.covered:
        return "不予支付"
    if rule.deductible_of_total is not None:
        start = f"起付线为总费用的{_percent(rule.deductible_of_total[0])}"
    else:
        start = f"起付线{grouped_yuan(rule.deductible)}元"
    base = "" if rule.absolute else "起付线以上"
    pieces = [
        f"{base}至{grouped_yuan(upper)}元{_percent(rate)}"
        if upper is not None
        else f"以上{_percent(rate)}"
        for upper, rate in rule.segments
    ]
    return f"{start}，{'，'.join(pieces)}"


def _percent(bp: int) -> str:
    whole, rest = divmod(bp, 100)
    return f"{whole}%" if not rest else f"{whole}.{rest:02d}".rstrip("0") + "%"


def _signed(bp: int) -> str:
    return f"{'+' if bp >= 0 else '-'}{_percent(abs(bp)).removesuffix('%')}"
