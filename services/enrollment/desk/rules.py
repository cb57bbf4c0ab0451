"""What is wrong with a person's enrolment of a year, and what to do about it (S1's seven classes). Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.vocabulary import SOURCE_ZH, Justification, ProblemKind
from services.enrollment.desk.cases import Case, reason_on
from services.enrollment.person.elsewhere import EMPLOYED, NOT_OWED
from services.enrollment.person.file import ToldDead

KIND_OF_QUESTION: Mapping[str, ProblemKind] = {
    "after_death": ProblemKind.BILL_AFTER_DEATH,
    "possible_duplicate": ProblemKind.POSSIBLE_DUPLICATE,
    "overlapping_stay": ProblemKind.OVERLAPPING_STAYS,
}
"""What settlement asks about a bill → the issue that it opens; every other question: it is held."""

OF_BILLS = frozenset({*KIND_OF_QUESTION.values(), ProblemKind.BILL_HELD})
"""Opened and closed by what becomes of a bill; a pass over enrolment does not look at them."""


FOLLOW_UP_ZH: Mapping[ProblemKind, str] = {
    ProblemKind.LOST_CONTACT: "联系不上：乡镇会同公安、村居核实，未注销户口且家属寻找的保留待遇",
    ProblemKind.DEAD_ON_ROSTER: "已死亡：通知名册单位移出，自死亡当月中断参保和标识",
    ProblemKind.INSURED_ELSEWHERE: (
        "异地参保：愿意回来的由参保地先退费，再在本地免缴费认定和标识；不愿回来的签自愿放弃承诺书"
    ),
    ProblemKind.EMPLOYEE_LAPSED: "职工参保已中断：及时转为居民参保，待遇不断档",
    ProblemKind.DEATH_UNCONFIRMED: (
        "死亡登记待核实：请名册单位（民政、乡村振兴）和公安、殡仪馆核对，一致后中断参保和标识；不属实的撤销登记"
    ),
    ProblemKind.PAID_TWICE: "已享受资助又全额缴费或重复缴费：核实后退费或说明，资助不重复拨付",
    ProblemKind.REFUND_DUE: "个人已缴费：按规定退费",
    ProblemKind.REFUNDED_NOT_EXEMPT: "已退费未免缴费认定：立即补做免缴费认定",
    ProblemKind.EXEMPTION_MISSING: "应免缴费未在医保系统免缴费名单：补做免缴费认定",
    ProblemKind.EXEMPT_OFF_ROSTER: "医保系统已免缴费、年内不在任何名册：核实后补报名册或取消认定",
    ProblemKind.FLAG_MISSING: "在册未在医保系统标识名单：补做标识",
    ProblemKind.FLAG_NOT_STOPPED: "已移出名册或死亡、标识未中断：做标识中断处理",
    ProblemKind.IDENTITY_WRONG: "身份信息不一致：乡镇核实，把医保系统内正确信息反馈名册单位",
    ProblemKind.NOT_ENROLLED: "在册但未查到缴费、免缴费记录：核实原因，动员参保；死亡、婚出的报名册单位",
    ProblemKind.EVIDENCE_DUE: "合理化未参保佐证缺失或到期：重新核实并补充佐证",
    ProblemKind.DOUBLY_COUNTED: "既参保又列入合理化未参保：核实后保留一项",
    ProblemKind.BILL_HELD: "结算单暂缓：核实参保、待遇期或人员类别后自动结算",
    ProblemKind.BILL_AFTER_DEATH: "死亡后就医的结算单：会同医院、公安核实死亡日期或冒名就医",
    ProblemKind.POSSIBLE_DUPLICATE: "疑似重复上传：医院核对后撤销一张，或由县医保局认定为两次住院",
    ProblemKind.OVERLAPPING_STAYS: "住院日期重叠：会同医院核实住院起止日期",
}

OFF_ROSTER: Mapping[str, ProblemKind] = {
    "exempt": ProblemKind.EXEMPT_OFF_ROSTER, "flagged": ProblemKind.FLAG_NOT_STOPPED,
}  # fmt: skip
"""A list of the insurance system → what is wrong with a name that no roster has."""

OUT_OF_TOUCH = frozenset({Justification.MISSING, Justification.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a person, with what it rests on."""

    kind: ProblemKind
    detail: str = ""


def problems_of(case: Case, day: date) -> Iterator[Problem]:
    """Yield what is wrong on a day; most of it only for a person on a roster."""
    yield from _of_anybody(case, day)
    if case.listed and not case.names_agree:
        yield Problem(ProblemKind.IDENTITY_WRONG)
    if case.died is not None and case.died <= day:
        if case.still_named:
            yield Problem(ProblemKind.DEAD_ON_ROSTER, case.died.isoformat())
    elif case.listed:
        yield from _of_enrolment(case, day)


def _of_anybody(case: Case, day: date) -> Iterator[Problem]:
    premium = case.premium
    if premium.refund_due:
        yield Problem(ProblemKind.REFUND_DUE, premium.rule)
    exempt = premium.enrolled if case.system.exempt is None else case.system.exempt
    not_owed = _is_dead(case, day) or reason_on(case.justified, day) in NOT_OWED
    back = premium.refunded and not premium.kept and case.was_listed
    if back and not exempt and not not_owed:
        yield Problem(ProblemKind.REFUNDED_NOT_EXEMPT)
    if premium.overpaid:
        yield Problem(ProblemKind.PAID_TWICE)
    if case.died is None and case.deaths:
        yield Problem(ProblemKind.DEATH_UNCONFIRMED, _who_says(case.deaths))
    yield from _of_the_system(case, day)


def _of_enrolment(case: Case, day: date) -> Iterator[Problem]:
    premium, reason = case.premium, reason_on(case.justified, day)
    if case.enrolled:
        if reason is not None and reason not in OUT_OF_TOUCH | {Justification.NEWLY_ADDED}:
            yield Problem(ProblemKind.DOUBLY_COUNTED, reason.value)
        return
    if reason is Justification.OTHER_AREA_RESIDENT and not _waived(case, day):
        yield Problem(ProblemKind.INSURED_ELSEWHERE)
    elif reason is None and not (premium.refunded and not premium.enrolled):
        yield _why_not_enrolled(case, day)


def _is_dead(case: Case, day: date) -> bool:
    return case.died is not None and case.died <= day


def _of_the_system(case: Case, day: date) -> Iterator[Problem]:
    """Yield what the insurance system's lists of the exempt and the flagged have otherwise than we (S1)."""
    system, alive = case.system, not _is_dead(case, day)
    if system.exempt is False and case.premium.exempt and not case.premium.refunded and alive:
        yield Problem(ProblemKind.EXEMPTION_MISSING)
    if system.exempt and not case.named_in_year:
        yield Problem(ProblemKind.EXEMPT_OFF_ROSTER)
    if system.flagged is False and case.must_enrol and case.enrolled and alive:
        yield Problem(ProblemKind.FLAG_MISSING)
    if system.flagged and not (case.still_named and alive):
        yield Problem(ProblemKind.FLAG_NOT_STOPPED)


def _who_says(deaths: Sequence[ToldDead]) -> str:
    return "、".join(f"{SOURCE_ZH[one.source]}{one.day}" for one in deaths)


def _waived(case: Case, day: date) -> bool:
    return any(one.reason is Justification.WAIVED and one.counts_on(day) for one in case.justified)


def _why_not_enrolled(case: Case, day: date) -> Problem:
    """Name the follow-up of a person with neither premium, exemption nor a reason that counts."""
    why = {one.reason: one.why_not(day) for one in case.justified if one.valid_from <= day}
    if any(why.get(Justification(reason)) == "ended" for reason in EMPLOYED):
        return Problem(ProblemKind.EMPLOYEE_LAPSED)
    if any(reason in why for reason in OUT_OF_TOUCH):
        return Problem(ProblemKind.LOST_CONTACT)
    for reason, missing in sorted(why.items()):
        if missing.startswith("evidence"):
            return Problem(ProblemKind.EVIDENCE_DUE, reason.value)
    return Problem(ProblemKind.NOT_ENROLLED)
