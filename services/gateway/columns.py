"""What columns and words departments use, as data: header and category aliases, both ways dirty."""

import re
import unicodedata
from collections.abc import Mapping

from contracts.vocabulary import Category

HEADERS: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "人员姓名", "成员姓名", "家庭成员", "name"),
    "id_number": (
        "身份证号",
        "身份证号码",
        "公民身份号码",
        "证件号码",
        "证件号",
        "身份证",
        "id_number",
    ),
    "category": (
        "人员类别",
        "对象类别",
        "类别",
        "救助对象类型",
        "人员属性",
        "监测对象类别",
        "户类型",
        "category",
    ),
    "township": ("乡镇", "乡镇(街道)", "所属乡镇", "镇", "乡(镇)", "街道", "township"),
    "village": ("村", "村(居)", "行政村", "村(社区)", "所属村", "village"),
    "phone": ("联系电话", "电话", "手机号", "手机号码", "phone"),
    "effective": ("认定日期", "纳入日期", "识别时间", "生效日期", "起始日期", "effective"),
    "action": ("变动类型", "增减", "动态类型", "action"),
    "amount": ("缴费金额", "金额", "个人缴费", "实缴金额", "amount"),
    "paid_on": ("缴费日期", "缴费时间", "入库日期", "paid_on"),
    "coverage_year": ("参保年度", "费款所属期", "年度", "coverage_year"),
    "died": ("死亡日期", "死亡时间", "火化日期", "注销日期", "died"),
    "insured_as": ("参保类型", "险种", "参保险种", "insured_as"),
    "valid_from": ("参保开始日期", "参保日期", "参保时间", "valid_from"),
    "valid_to": ("停保日期", "终止日期", "中断日期", "valid_to"),
    "evidence": ("参保地", "参保单位", "佐证", "evidence"),
}

CATEGORY_ALIASES: Mapping[str, Category] = {
    "特困": Category.DESTITUTE,
    "特困人员": Category.DESTITUTE,
    "特困供养人员": Category.DESTITUTE,
    "特困供养": Category.DESTITUTE,
    "五保": Category.DESTITUTE,
    "五保户": Category.DESTITUTE,
    "孤儿": Category.ORPHAN,
    "城乡孤儿": Category.ORPHAN,
    "事实无人抚养儿童": Category.DE_FACTO_ORPHAN,
    "低保": Category.SUBSISTENCE,
    "低保户": Category.SUBSISTENCE,
    "低保对象": Category.SUBSISTENCE,
    "城乡低保": Category.SUBSISTENCE,
    "最低生活保障对象": Category.SUBSISTENCE,
    "低保边缘": Category.SUBSISTENCE_MARGIN,
    "低保边缘家庭成员": Category.SUBSISTENCE_MARGIN,
    "低保边缘家庭": Category.SUBSISTENCE_MARGIN,
    "建档立卡": Category.REGISTERED_POOR,
    "建档立卡户": Category.REGISTERED_POOR,
    "建档立卡贫困人口": Category.REGISTERED_POOR,
    "贫困户": Category.REGISTERED_POOR,
    "返贫致贫": Category.BACK_TO_POVERTY,
    "返贫致贫人口": Category.BACK_TO_POVERTY,
    "脱贫不稳定": Category.UNSTABLE_OUT_OF_POVERTY,
    "脱贫不稳定户": Category.UNSTABLE_OUT_OF_POVERTY,
    "脱贫不稳定人口": Category.UNSTABLE_OUT_OF_POVERTY,
    "边缘易致贫": Category.MARGINAL_AT_RISK,
    "边缘易致贫户": Category.MARGINAL_AT_RISK,
    "边缘易致贫人口": Category.MARGINAL_AT_RISK,
    "突发严重困难": Category.SUDDEN_HARDSHIP,
    "突发严重困难户": Category.SUDDEN_HARDSHIP,
    "突发严重困难人口": Category.SUDDEN_HARDSHIP,
    "因病致贫重病患者": Category.ILLNESS_POOR,
    "稳定脱贫": Category.STABLE_OUT_OF_POVERTY,
    "稳定脱贫人口": Category.STABLE_OUT_OF_POVERTY,
}

ACTIONS: Mapping[str, str] = {
    "": "granted",
    "新增": "granted",
    "纳入": "granted",
    "取消": "removed",
    "退出": "removed",
    "减少": "removed",
    "风险消除": "removed",
}

DEATH_ACTIONS: Mapping[str, str] = {
    "": "reported",
    "死亡": "reported",
    "新增": "reported",
    "撤销": "revoked",
    "取消": "revoked",
    "恢复": "revoked",
}

INSURED_AS: Mapping[str, str] = {
    "职工": "EMPLOYEE",
    "职工医保": "EMPLOYEE",
    "城镇职工": "EMPLOYEE",
    "职工基本医疗保险": "EMPLOYEE",
    "居民": "RESIDENT",
    "居民医保": "RESIDENT",
    "城乡居民": "RESIDENT",
    "城乡居民基本医疗保险": "RESIDENT",
}

_BRACKETS = str.maketrans({"〔": "(", "〕": ")", "【": "(", "】": ")", "[": "(", "]": ")"})
_SUB_LEVEL = re.compile(r"^(.*?)\((.+)\)$")


def tidy(text: str) -> str:
    """Unify width, brackets, blanks and invisible characters: what people type into spreadsheets."""
    flat = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return "".join(char for char in flat if not char.isspace() and char not in "\ufeff\u200b'`")


_BY_HEADER = {tidy(alias).lower(): field for field, names in HEADERS.items() for alias in names}
_BY_CATEGORY = {tidy(alias): category for alias, category in CATEGORY_ALIASES.items()}


def field_of(header: str) -> str | None:
    """Return our field for a column header, or None for a column that nobody asked for."""
    return _BY_HEADER.get(tidy(header).lower().rstrip("*:"))


def category_of(text: str) -> tuple[Category | None, str]:
    """Return (category, sub-level) of what a department wrote; None if it is not known."""
    word = tidy(text)
    if word in _BY_CATEGORY:
        return _BY_CATEGORY[word], ""
    match = _SUB_LEVEL.match(word)
    if match and match[1] in _BY_CATEGORY:
        return _BY_CATEGORY[match[1]], match[2]
    try:
        return Category(word.upper()), ""
    except ValueError:
        return None, ""
