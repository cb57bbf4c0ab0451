"""The words that events use: categories, kinds of care, sources, funds (glossary: domain terms)."""

from enum import StrEnum


class Category(StrEnum):
    """Who a person is to the protection system; the Chinese term is in ``CATEGORY_ZH``."""

    DESTITUTE = "DESTITUTE"
    ORPHAN = "ORPHAN"
    DE_FACTO_ORPHAN = "DE_FACTO_ORPHAN"
    SUBSISTENCE = "SUBSISTENCE"
    SUBSISTENCE_MARGIN = "SUBSISTENCE_MARGIN"
    REGISTERED_POOR = "REGISTERED_POOR"
    BACK_TO_POVERTY = "BACK_TO_POVERTY"
    UNSTABLE_OUT_OF_POVERTY = "UNSTABLE_OUT_OF_POVERTY"
    MARGINAL_AT_RISK = "MARGINAL_AT_RISK"
    SUDDEN_HARDSHIP = "SUDDEN_HARDSHIP"
    ILLNESS_POOR = "ILLNESS_POOR"
    STABLE_OUT_OF_POVERTY = "STABLE_OUT_OF_POVERTY"
    CHILD_IN_DIFFICULTY = "CHILD_IN_DIFFICULTY"
    SEVERE_DISABILITY = "SEVERE_DISABILITY"
    KEY_VETERAN_CARE = "KEY_VETERAN_CARE"
    MENTAL_RISK = "MENTAL_RISK"
    IMMEDIATE_HELP = "IMMEDIATE_HELP"


CATEGORY_ZH = {
    "DESTITUTE": "特困人员",
    "ORPHAN": "孤儿",
    "DE_FACTO_ORPHAN": "事实无人抚养儿童",
    "SUBSISTENCE": "低保对象",
    "SUBSISTENCE_MARGIN": "低保边缘家庭成员",
    "REGISTERED_POOR": "建档立卡贫困人口",
    "BACK_TO_POVERTY": "返贫致贫人口",
    "UNSTABLE_OUT_OF_POVERTY": "脱贫不稳定人口",
    "MARGINAL_AT_RISK": "边缘易致贫人口",
    "SUDDEN_HARDSHIP": "突发严重困难人口",
    "ILLNESS_POOR": "因病致贫重病患者",
    "STABLE_OUT_OF_POVERTY": "稳定脱贫人口",
    "CHILD_IN_DIFFICULTY": "困境儿童",
    "SEVERE_DISABILITY": "重度残疾人",
    "KEY_VETERAN_CARE": "重点优抚对象",
    "MENTAL_RISK": "肇事肇祸精神病人",
    "IMMEDIATE_HELP": "即时帮扶人口",
    "NONE": "普通居民",
}


class Source(StrEnum):
    """The departments that may state a fact; a source owns its own lists and nobody else's."""

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


SOURCE_ZH = {
    "civil_affairs": "民政局",
    "rural_revitalisation": "乡村振兴局",
    "disabled_federation": "残联",
    "police": "公安局",
    "funeral_home": "殡仪馆",
    "health": "卫健委",
    "tax": "税务局",
    "employee_insurance": "职工医保经办机构",
    "other_area": "外统筹区医保经办机构",
    "township_office": "乡镇医保办",
    "bureau": "县医保局",
}


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
