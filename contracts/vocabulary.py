"""The words that events use: categories, sources, kinds of care, reasons (glossary: domain terms).

Categories and departments are data: a county adds one by a file, without a line of Python.
"""

from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.vocabulary_files import read_vocabulary

_DATA = read_vocabulary()
CATEGORIES, PARTNERS, PEOPLE_SHEETS = _DATA.categories, _DATA.partners, _DATA.sheets
"""What categories.yaml, partners/ and people_sheets/ say, with what the county's own folder adds."""
ADDED = _DATA.added
"""Categories and departments that only the county's folder names."""

if TYPE_CHECKING:

    class Category(StrEnum):
        """Who a person is to the protection system: a code of ``categories.yaml``."""

    class Source(StrEnum):
        """A department that may state a fact: a file of ``partners/``; here, those that rules speak of."""

        CIVIL_AFFAIRS = "civil_affairs"
        RURAL_REVITALISATION = "rural_revitalisation"
        DISABLED_FEDERATION = "disabled_federation"
        POLICE = "police"
        FUNERAL_HOME = "funeral_home"
        HEALTH = "health"
        TAX = "tax"
        EMPLOYEE_INSURANCE = "employee_insurance"
        OTHER_AREA = "other_area"
        TOWNSHIP_OFFICE = "township_office"
        BUREAU = "bureau"

else:
    Category = StrEnum("Category", {code: code for code in CATEGORIES}, module=__name__)
    Category.__doc__ = (
        "Who a person is to the protection system; the Chinese term is in ``CATEGORY_ZH``."
    )
    Source = StrEnum("Source", {code.upper(): code for code in PARTNERS}, module=__name__)
    Source.__doc__ = (
        "The departments that may state a fact; a source owns its own lists and nobody else's."
    )

CATEGORY_ZH = {code: one.zh for code, one in CATEGORIES.items()} | {"NONE": "普通居民"}
SOURCE_ZH = {code: one.name for code, one in PARTNERS.items()}


class Justification(StrEnum):
    """Why a person on a roster need not be enrolled here (合理化未参保). "Other" is no reason."""

    DEATH = "DEATH"
    ARMY = "ARMY"
    PRISON = "PRISON"
    OTHER_AREA_RESIDENT = "OTHER_AREA_RESIDENT"
    OTHER_AREA_EMPLOYEE = "OTHER_AREA_EMPLOYEE"
    LOCAL_EMPLOYEE = "LOCAL_EMPLOYEE"
    MISSING = "MISSING"
    WAIVED = "WAIVED"
    NEWLY_ADDED = "NEWLY_ADDED"
    MOVED_OUT = "MOVED_OUT"
    REGISTRATION_CANCELLED = "REGISTRATION_CANCELLED"
    UNREACHABLE = "UNREACHABLE"
    MARRIED_OUT = "MARRIED_OUT"
    NEWBORN = "NEWBORN"
    ABROAD = "ABROAD"


JUSTIFICATION_ZH = {
    "DEATH": "死亡",
    "ARMY": "参军",
    "PRISON": "服刑",
    "OTHER_AREA_RESIDENT": "异地居民参保",
    "OTHER_AREA_EMPLOYEE": "异地职工参保",
    "LOCAL_EMPLOYEE": "本地职工参保",
    "MISSING": "失联",
    "WAIVED": "自愿放弃",
    "NEWLY_ADDED": "动态新增",
    "MOVED_OUT": "户口迁出",
    "REGISTRATION_CANCELLED": "已注销户口",
    "UNREACHABLE": "无法联系",
    "MARRIED_OUT": "婚出",
    "NEWBORN": "新生儿",
    "ABROAD": "出国",
}


CHRONIC_RESULT_ZH = {"granted": "已办理", "refused": "未通过", "not_applied": "未申请"}
CHRONIC_REASON_ZH = {
    "": "",
    "no_chronic_disease": "未患慢性病",
    "assessment_failed": "鉴定未通过",
    "disease_not_covered": "不符合病种",
    "no_need": "无门诊就医需求",
}
"""Why a person has no certificate of a chronic disease (S1)."""


class ProblemKind(StrEnum):
    """Stable codes; an open one has to be closed one by one (销号)."""

    LOST_CONTACT = "lost_contact"
    DEAD_ON_ROSTER = "dead_on_roster"
    INSURED_ELSEWHERE = "insured_elsewhere"
    EMPLOYEE_LAPSED = "employee_lapsed"
    DEATH_UNCONFIRMED = "death_unconfirmed"
    REFUND_DUE = "refund_due"
    PAID_TWICE = "paid_twice"
    REFUNDED_NOT_EXEMPT = "refunded_not_exempt"
    EXEMPTION_MISSING = "exemption_missing"
    EXEMPT_OFF_ROSTER = "exempt_off_roster"
    FLAG_MISSING = "flag_missing"
    FLAG_NOT_STOPPED = "flag_not_stopped"
    IDENTITY_WRONG = "identity_wrong"
    NOT_ENROLLED = "not_enrolled"
    EVIDENCE_DUE = "evidence_due"
    DOUBLY_COUNTED = "doubly_counted"
    BILL_HELD = "bill_held"
    BILL_AFTER_DEATH = "bill_after_death"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    OVERLAPPING_STAYS = "overlapping_stays"


PROBLEM_ZH = {
    "lost_contact": "联系不上", "dead_on_roster": "已死亡仍在册", "insured_elsewhere": "异地参保",
    "employee_lapsed": "职工参保中断", "death_unconfirmed": "死亡待核实", "refund_due": "应退费",
    "paid_twice": "重复缴费", "refunded_not_exempt": "已退费未免缴", "exemption_missing": "应免缴未认定",
    "exempt_off_roster": "已免缴不在册", "flag_missing": "在册未标识", "flag_not_stopped": "标识未中断",
    "identity_wrong": "身份信息不一致", "not_enrolled": "应参未参", "evidence_due": "佐证到期或缺失",
    "doubly_counted": "重复统计", "bill_held": "结算暂缓", "bill_after_death": "死亡后就医",
    "possible_duplicate": "疑似重复结算", "overlapping_stays": "住院日期重叠",
}  # fmt: skip
"""What an officer calls a problem, in few words."""


ISSUE_STATE_ZH = {"open": "未整改", "fixing": "整改中", "closed": "已销号"}
"""Where a problem stands on the desk."""
LIST_STATE_ZH = {
    "waiting": "待处理", "question": "待确认", "closed": "已生效", "superseded": "已被新名册取代",
    "withdrawn": "已撤回",
}  # fmt: skip
"""Where a full list stands."""
APPLICATION_STATE_ZH = {"pending": "待审核", "approved": "审核通过", "refused": "审核未通过"}
"""Where an application for a flag stands."""


class RegisterKind(StrEnum):
    """Whom a list of the insurance system names: enrolled residents, the exempt, the flagged."""

    ENROLLED = "enrolled"
    EXEMPT = "exempt"
    FLAGGED = "flagged"


class Kind(StrEnum):
    """What sort of care a claim bills."""

    INPATIENT = "inpatient"
    CHRONIC_OUTPATIENT = "chronic_outpatient"
    GENERAL_OUTPATIENT = "general_outpatient"


KIND_ZH = {
    "inpatient": "住院",
    "chronic_outpatient": "门诊慢特病",
    "general_outpatient": "普通门诊",
}


OUTCOME_ZH = {"settled": "已结算", "held": "暂缓", "refused": "已退回", "reversed": "已撤销"}
"""Where a bill stands."""
