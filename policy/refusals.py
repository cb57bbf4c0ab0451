"""Why a claim is refused, as stable reason codes (C19)."""

from datetime import date

from policy.facts import Claim, PersonFacts
from policy.pack import Pack

AMOUNTS_DO_NOT_ADD_UP = "amounts_do_not_add_up"
DISCHARGE_BEFORE_ADMISSION = "discharge_before_admission"
UNKNOWN_KIND = "unknown_kind"
UNKNOWN_LEVEL = "unknown_level"
UNKNOWN_AREA = "unknown_area"
AFTER_DEATH = "after_death"
CONFLICTING_RESUBMISSION = "conflicting_resubmission"
REDUCTION_ABOVE_REMAINDER = "reduction_above_remainder"
UNKNOWN_CATEGORY = "unknown_category"

KINDS = frozenset({"inpatient", "chronic_outpatient", "general_outpatient"})

REASONS_ZH = {
    AMOUNTS_DO_NOT_ADD_UP: "总费用不等于政策范围内费用、乙类先行自付、超限价自费与全自费之和",
    DISCHARGE_BEFORE_ADMISSION: "出院日期早于入院日期",
    UNKNOWN_KIND: "医疗类别不在代码表内",
    UNKNOWN_LEVEL: "医疗机构级别不在本统筹区代码表内",
    UNKNOWN_AREA: "就医地类别不在本统筹区代码表内",
    AFTER_DEATH: "就医日期晚于死亡日期",
    CONFLICTING_RESUBMISSION: "同一结算单号重复上传且金额不一致",
    REDUCTION_ABOVE_REMAINDER: "减免或商业补充金额超过政策范围内剩余费用",
    "no_pack": "该年度没有已发布的待遇政策，暂缓结算",
    UNKNOWN_CATEGORY: "人员类别不在代码表内，暂缓结算",
    "outside_coverage": "就医日期不在居民医保待遇期内（等待期、职工参保期间或参保之前），暂缓结算",
    "possible_duplicate": (
        "与另一结算单的医院、住院日期和金额完全相同，疑似重复上传，暂缓结算；"
        "请核对后撤销一张，或报县医保局认定"
    ),
    "overlapping_stay": "住院日期与另一次住院重叠",
    "not_enrolled": "该年度未查到参保记录，暂缓结算",
}


def refusal_of_amounts(claim: Claim) -> str:
    """Return the reason why a bill's own figures cannot be right, or an empty string."""
    parts = claim.in_scope + claim.class_b_prepay + claim.over_limit_self_pay + claim.full_self_pay
    if parts != claim.total_fee:
        return AMOUNTS_DO_NOT_ADD_UP
    if claim.admit is not None and claim.discharge < claim.admit:
        return DISCHARGE_BEFORE_ADMISSION
    if claim.kind not in KINDS:
        return UNKNOWN_KIND
    return ""


def refusal_of(pack: Pack | None, facts: PersonFacts, claim: Claim) -> str:
    """Return the first reason why a claim is refused, in a fixed order, or an empty string."""
    reason = refusal_of_amounts(claim)
    if not reason and pack is not None:
        if claim.area not in pack.areas:
            reason = UNKNOWN_AREA
        elif pack.level_code(claim) is None and pack.reads_level(claim):
            reason = UNKNOWN_LEVEL
    if not reason and _after_death(facts.died, claim):
        reason = AFTER_DEATH
    return reason


def _after_death(died: date | None, claim: Claim) -> bool:
    """Service after death is refused; a stay begun before it and closed in its month counts (C4)."""
    if died is None or claim.discharge <= died:
        return False
    in_the_month = (claim.discharge.year, claim.discharge.month) == (died.year, died.month)
    return not (in_the_month and claim.admit is not None and claim.admit <= died)
