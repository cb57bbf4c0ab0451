"""What was said about a person, in words: who said it, and what it changes. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from contracts.events.partner import (
    ChronicAssessmentReported,
    CoverageElsewhereReported,
    DeathReported,
    FlagApplied,
    FlagDecided,
    IdentityChanged,
    JustificationReported,
    OutOfAreaFiled,
    PremiumPaid,
    PremiumRefunded,
    StatusReported,
)
from contracts.money import format_yuan
from contracts.questions import HistoryLine
from contracts.vocabulary import (
    CATEGORY_ZH,
    CHRONIC_RESULT_ZH,
    JUSTIFICATION_ZH,
    SOURCE_ZH,
)
from services.enrollment.person.links import Reported

ACTION_ZH = {"granted": "新增", "removed": "取消", "reported": "登记", "revoked": "撤销"}
DECISION_ZH = {"approved": "审核通过", "refused": "审核未通过"}


def history_lines(facts: Iterable[Reported]) -> list[HistoryLine]:
    """Return what was said, the latest first."""
    lines = [
        HistoryLine(
            known=one.received, source=SOURCE_ZH[one.source.value], event=one.NAME, said=in_words(one),
            batch=getattr(one, "batch", ""),
        )
        for one in facts
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.known, line.event, line.said), reverse=True)


def in_words(one: Reported) -> str:
    """Say a fact in Chinese; no number, no name."""
    return IN_WORDS[type(one)](one)


def _status(one: StatusReported) -> str:
    level = f"（{one.sub_level}）" if one.sub_level else ""
    what = f"{ACTION_ZH[one.action]}{CATEGORY_ZH[one.category]}{level}"
    return f"{one.effective}起{what}，{one.township}{one.village}"


def _reason(one: JustificationReported) -> str:
    proof = " ".join(filter(None, (one.evidence_type, one.evidence_no))) or "无佐证"
    what = "撤销合理化未参保" if one.action == "revoked" else "合理化未参保"
    return f"{what}：{JUSTIFICATION_ZH[one.reason]}，{proof}"


def _paid(one: PremiumPaid) -> str:
    return f"{one.paid_on}缴纳{one.coverage_year}年度保费{format_yuan(one.amount)}元"


def _refunded(one: PremiumRefunded) -> str:
    return f"{one.refunded_on}退还{one.coverage_year}年度保费{format_yuan(one.amount)}元"


def _applied(one: FlagApplied) -> str:
    return f"{one.filed_on}申报{one.filed_on.year + 1}年度{CATEGORY_ZH[one.category]}标识"


def _decided(one: FlagDecided) -> str:
    return f"{one.flag_year}年度{CATEGORY_ZH[one.category]}标识{DECISION_ZH[one.decision]}"


IN_WORDS: Mapping[type, Callable[[Any], str]] = {
    StatusReported: _status,
    DeathReported: lambda one: f"{ACTION_ZH[one.action]}死亡，死亡日期{one.died}",
    PremiumPaid: _paid,
    PremiumRefunded: _refunded,
    CoverageElsewhereReported: lambda one: (
        f"{JUSTIFICATION_ZH[one.reason]}，{one.valid_from}至{one.valid_to or '今'}"
    ),
    JustificationReported: _reason,
    IdentityChanged: lambda one: f"{ACTION_ZH[one.action]}身份证号更正",
    FlagApplied: _applied,
    FlagDecided: _decided,
    OutOfAreaFiled: lambda one: (
        f"{ACTION_ZH[one.action]}异地就医备案：{one.place}，{one.valid_from}起"
    ),
    ChronicAssessmentReported: lambda one: f"慢性病{one.disease}{CHRONIC_RESULT_ZH[one.result]}",
}
