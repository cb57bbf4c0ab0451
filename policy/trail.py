"""Why an amount is what it is: one line per layer, as data and as a Chinese and English sentence."""

from dataclasses import dataclass
from decimal import Decimal

from contracts.funds import FUND_ZH, FUNDS
from contracts.money import format_yuan, grouped_yuan
from policy.dated import Source
from policy.facts import Claim
from policy.pack import Pack
from policy.schedule import RATE_FULL, Schedule
from policy.terms import LayerTerms

RAISED_ZH = {"floor": "保底比例", "guarantee": "综合保障比例", "catch_up": "全年口径补足"}
VERB_ZH = {one.fund.value: one.verb for one in FUNDS}
GIVEN = Source("结算单", "按医疗机构或保险公司上传的金额", "S")


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One layer's arithmetic. Amounts in fen; ``pieces`` are (from, to, rate of RATE_FULL).

    ``product`` is the growth of the schedule in yuan before rounding, ``due`` after rounding, floor
    and guarantee, ``cap_left`` what the tightest cap still allowed (None: no cap), ``used`` what
    each cap of the layer had paid before, ``pay`` what comes out.
    ``family`` says the same in words of those who pay. The lines' ``pay`` sum to what the layers pay for
    the claim.
    """

    layer: str
    fund: str
    before: int
    after: int
    deductible: int
    pieces: tuple[tuple[int, int, int], ...]
    product: str
    raised_by: str
    due: int
    cap_left: int | None
    used: tuple[int, ...]
    pay: int
    sources: tuple[Source, ...]
    pack: str
    zh: str
    en: str
    family: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What the fold did in one layer, in fen: accumulator, amount due, caps, payment."""

    before: int
    after: int
    due: int
    left: int | None
    used: tuple[int, ...]
    pay: int


def explain(pack: Pack, terms: LayerTerms, claim: Claim, step: Step) -> TrailLine:
    """Write down how a layer came to its payment."""
    schedule = terms.schedule_for(claim.total_fee)
    pieces = tuple(schedule.pieces(step.before, step.after)) if schedule else ()
    raised_by = _raised_by(terms, schedule, step)
    sources = _sources(terms, raised_by, capped=step.pay < step.due)
    line = _Sentence(terms, schedule, pieces, raised_by, step)
    return TrailLine(
        layer=terms.layer.id,
        fund=terms.layer.fund,
        before=step.before,
        after=step.after,
        deductible=schedule.deductible if schedule else 0,
        pieces=pieces,
        product=_product(schedule, step),
        raised_by=raised_by,
        due=step.due,
        cap_left=step.left,
        used=step.used,
        pay=step.pay,
        sources=sources,
        pack=pack.version,
        zh=f"{line.zh()}（依据：{'；'.join(one.cited for one in sources)}）",
        en=f"{line.en()} (source: {'; '.join(_cited_en(one) for one in sources)})",
        family=line.family(),
    )


def explain_input(pack: Pack, terms: LayerTerms, given: int) -> TrailLine:
    """Write down an amount that a hospital or insurer stated."""
    fund = terms.layer.fund
    return TrailLine(
        terms.layer.id, fund, 0, 0, 0, (), "0", "", given, None, (), given, (GIVEN,), pack.version,
        f"{FUND_ZH[fund]}：{format_yuan(given)}元（依据：{GIVEN.cited}）",
        f"{fund}: {format_yuan(given)} (source: {GIVEN.cited})",
        f"{FUND_ZH[fund]}：{grouped_yuan(given)}元",
    )  # fmt: skip


def _cited_en(source: Source) -> str:
    doubt = "" if source.verified else ", unverified"
    return f"{source.document}：{source.clause}{doubt}"


def _product(schedule: Schedule | None, step: Step) -> str:
    """Return F(after) - F(before) in yuan, exact to eight places where that is exact."""
    if schedule is None:
        return "0"
    grown = schedule.exact(step.after) - schedule.exact(step.before)
    return format((Decimal(grown) / Decimal(schedule.whole * 100)).normalize(), "f")


def _raised_by(terms: LayerTerms, schedule: Schedule | None, step: Step) -> str:
    """Return which rule gave more than the schedule: floor, guarantee, catch_up, or none."""
    if schedule is None or terms.barred:
        return ""
    if step.due == schedule.growth(step.before, step.after, telescoped=terms.layer.telescoped):
        return ""
    if terms.guarantee is not None:
        return "guarantee"
    return "catch_up" if terms.layer.catches_up else "floor"


def _sources(terms: LayerTerms, raised_by: str, *, capped: bool) -> tuple[Source, ...]:
    """Return the clauses that decided: the bar alone, or rule, factors, floor and cap."""
    if terms.barred_by is not None:
        return (terms.barred_by,)
    found = [terms.source, *(modifier.source for modifier in terms.modifiers)]
    if raised_by == "guarantee" and terms.guarantee is not None:
        found.append(terms.guarantee.source)
    if raised_by == "floor" and terms.floor is not None:
        found.append(terms.floor.source)
    if capped:
        found += [limit.source for limit in terms.limits if limit.fen is not None]
    return tuple(source for source in found if source is not None)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """The words of a line without its clauses."""

    terms: LayerTerms
    schedule: Schedule | None
    pieces: tuple[tuple[int, int, int], ...]
    raised_by: str
    step: Step

    def zh(self) -> str:
        fund = FUND_ZH[self.terms.layer.fund]
        if self.terms.barred or self.schedule is None:
            return f"{fund}：按规定不予支付"
        sums = "，".join(
            f"{format_yuan(low)}至{format_yuan(high)}元部分按{percent(rate)}"
            for low, high, rate in self.pieces
        )
        said = f"{fund}：起付线{format_yuan(self.schedule.deductible)}元，{sums or '未超过起付线'}"
        if self.raised_by:
            said += f"，按{RAISED_ZH[self.raised_by]}计{format_yuan(self.step.due)}元"
        capped = "年度封顶后" if self.step.pay < self.step.due else ""
        return f"{said}，{capped}支付{format_yuan(self.step.pay)}元"

    def family(self) -> str:
        """Say what was counted, at which rate, and what came of it."""
        fund, step = self.terms.layer.fund, self.step
        verb = VERB_ZH.get(fund, "支付")
        if self.terms.barred or self.schedule is None:
            return f"{FUND_ZH[fund]}：按规定不予{verb}"
        said = f"{FUND_ZH[fund]}：本次符合规定的费用{grouped_yuan(step.after - step.before)}元"
        if self.terms.layer.per_year:
            said = (
                f"{FUND_ZH[fund]}：本年累计合规自付由{grouped_yuan(step.before)}元"
                f"增至{grouped_yuan(step.after)}元"
            )
        if self.schedule.deductible:
            said += f"，起付线{grouped_yuan(self.schedule.deductible)}元"
        sums = "、".join(
            f"{grouped_yuan(high - low)}元按{percent(rate)}" for low, high, rate in self.pieces
        )
        if not sums and not self.raised_by:
            return f"{said}，未超过起付线，不予{verb}"
        said += f"，本次{sums}" if sums else "，未超过起付线"
        if self.raised_by:
            said += f"，按{RAISED_ZH[self.raised_by]}计{grouped_yuan(step.due)}元"
        capped = "，受封顶线限制，" if step.pay < step.due else ""
        return f"{said}{capped}{verb}{grouped_yuan(step.pay)}元"

    def en(self) -> str:
        fund = self.terms.layer.fund
        if self.terms.barred or self.schedule is None:
            return f"{fund}: not payable under the rule"
        sums = ", ".join(
            f"{format_yuan(low)} to {format_yuan(high)} at {percent(rate)}"
            for low, high, rate in self.pieces
        )
        start = format_yuan(self.schedule.deductible)
        said = f"{fund}: deductible {start}, {sums or 'not above the deductible'}"
        if self.raised_by:
            said += f", raised by the {self.raised_by} to {format_yuan(self.step.due)}"
        verb = "capped to" if self.step.pay < self.step.due else "pays"
        return f"{said}, {verb} {format_yuan(self.step.pay)}"


def percent(rate: int, full: int = RATE_FULL) -> str:
    """Write a rate as per cent."""
    return f"{(Decimal(rate * 100) / full).normalize():f}%"
