"""Codes as people of an office read them: every page speaks through these filters."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from chassis.clock import CHINA
from chassis.language import tr
from contracts.funds import FUND_ZH
from contracts.vocabulary import (
    APPLICATION_STATE_ZH,
    CATEGORY_ZH,
    ISSUE_STATE_ZH,
    JUSTIFICATION_ZH,
    KIND_ZH,
    LIST_STATE_ZH,
    OUTCOME_ZH,
    PEOPLE_SHEETS,
    PROBLEM_ZH,
    SOURCE_ZH,
)

COLUMN_ZH = {
    "category": "人员类别", "action": "变动类型", "death": "死亡登记", "insured_as": "参保险种",
    "risk_gone": "风险是否消除", "state": "参保状态", "payment": "缴费状态",
}  # fmt: skip
SHEET_ZH = {name: one.title for name, one in PEOPLE_SHEETS.items()} | {
    "enrolment_change": "动态参保台账（新增和退出）", "chronic": "门诊慢特病办理台账",
    "manual_assistance": "医疗救助手工发放台账", "inpatient_claim": "住院报销台账",
    "one_stop": "一站式、一单清台账", "major_disease": "重大疾病住院台账", "adjustment": "应补应退台账",
}  # fmt: skip
MEANINGS: Mapping[str, Mapping[str, str]] = {
    "category": {code: name for code, name in CATEGORY_ZH.items() if code != "NONE"},
    "action": {"granted": "新增或在册", "removed": "取消"},
    "death": {"reported": "已死亡", "revoked": "撤销死亡登记", "none": "与死亡无关"},
    "insured_as": {"EMPLOYEE": "职工医保", "RESIDENT": "居民医保"},
    "risk_gone": {"yes": "风险已消除", "no": "风险未消除"},
    "state": {"insured": "参保有效", "not_insured": "参保无效"},
    "payment": {"paid": "已缴费", "void": "已作废"},
}
"""Column of a list → what a word of it may mean, in words."""
READ_ZH = {
    "person": "个人情况", "lookup": "按证号查找", "find": "按姓名等查找", "household": "同户人员",
    "bill_sheet": "一单清", "person_bills": "个人结算单", "person_messages": "个人短信",
    "full_list": "名册人员",
    "household_sheet": "连心袋", "review_result": "比对结果反馈单", "check_list": "市级核查名单",
    "worklist": "待办清单", "issues": "问题整改清单", "attachment": "佐证材料",
    "letter": "滞留消息", "calls": "电话告知",
    "citizen": "群众短信",
} | SHEET_ZH  # fmt: skip
UNTOLD_ZH = {
    "no_recipient": "没有手机号", "unreadable_contact": "手机号无法读取", "template_fault": "短信未能生成",
    "failed": "未送达", "opted_out": "已回复R不再接收", "unknown": "送达情况不明", "sending": "发送未完成",
    "unknown_outcome": "送达情况不明", "not_taken": "运营商未接收",
}  # fmt: skip
STANDING_ZH = OUTCOME_ZH | {"accepted": "已收到，尚在处理"}
AMOUNT = re.compile(r"(?<![A-Za-z0-9_.:/-])-?\d{4,}\.\d{2}(?![\d%])")
PLACE_ZH = {"@county": "县医保局", "@insurer": "承办保险公司"}
REGISTER_ZH = {
    "enrolled": "系统内参保名单", "exempt": "免缴费名单", "flagged": "次年标识名单",
}  # fmt: skip
AUDIENCE_ZH = {"family": "家庭", "officer": "责任人"}
MESSAGE_ZH = {
    "held": "等待名册确认", "created": "待发送", "bundled": "已并入早间汇总", "addressed": "待发送",
    "sending": "正在发送", "sent": "已发出", "delivered": "已送达", "withdrawn": "已撤回，未发送",
} | UNTOLD_ZH | {"sending": "正在发送"}  # fmt: skip
APPROVAL_KIND_ZH = {
    "list": "名册确认",
    "withdrawal": "名册撤回",
    "payment": "手工发放",
    "correction": "证号更正",
}
APPROVAL_STATE_ZH = {"": "待复核", "approved": "已通过", "returned": "已退回"}
LETTER_STATE_ZH = {
    "open": "待处理", "sending": "正在送回", "sent": "已送回", "closed": "已关闭",
}  # fmt: skip
KEY_STATE_ZH = {"active": "有效", "expired": "已到期", "revoked": "已作废"}
SCOPE_ZH = {
    "bureau": "全县：查询、办理、报送各部门名册", "auditor": "全县：只查询，不办理",
    "township_office": "{}：查询、办理本辖区人员",
    "hospital": "本机构：上传、撤销、查询结算单，查询月度对账单", "insurer": "本公司：查询月度对账单",
}  # fmt: skip
"""Kind of holder → what the key opens; every other holder is a department."""
MEASURE_ZH = {
    "roster": "名册人数", "enrolled": "参保人数", "subsidised": "资助人数",
    "justified": "合理化未参保人数", "missing": "应参未参人数",
}  # fmt: skip
OFFICE_ZH = {
    "bureau": "县医保局", "auditor": "审计", "township_office": "乡镇医保办", "hospital": "医疗机构",
    "insurer": "承办保险公司", "sms": "短信",
}  # fmt: skip


def zh(words: Mapping[str, str]) -> Callable[[str], str]:
    """Return a filter that says what a code means, in the reader's language; an unknown one stays."""
    return lambda code: tr(words.get(code, code))


def moment(said: str | None) -> str:
    """Write a moment as a clock in China shows it."""
    return f"{datetime.fromisoformat(said).astimezone(CHINA):%Y-%m-%d %H:%M}" if said else ""


def yuan(said: Any) -> str:
    """Write an amount with commas; nothing stays empty, and what is no amount as it is."""
    if said is None:
        return ""
    try:
        return f"{Decimal(str(said)):,.2f}"
    except InvalidOperation:
        return str(said)


def grouped(said: str) -> str:
    """Write the amounts in a sentence with commas."""
    return AMOUNT.sub(lambda found: yuan(found[0]), said)


def place(said: str) -> str:
    """Say where a message belongs: a township, or whose desk it is."""
    return tr(PLACE_ZH.get(said, said.removeprefix("@hospital/")))


def is_key(said: str) -> bool:
    """Tell whether it is a person's key, and no place."""
    return re.fullmatch(r"p[a-z2-7]{26}", said) is not None


def holder(said: str) -> str:
    """Say who somebody with a key is: an office and, behind it, the person."""
    kind, _, rest = said.partition("/")
    name = tr(OFFICE_ZH.get(kind) or SOURCE_ZH.get(kind) or kind)
    return f"{name} {rest.replace('/', ' ')}" if rest else name


def scope(said: str) -> str:
    """Say what a holder of a key may do."""
    kind, _, rest = said.partition("/")
    return tr(SCOPE_ZH.get(kind, "报送本单位的名册和事项")).format(rest.partition("/")[0])


FILTERS: Mapping[str, Callable[..., str | bool]] = {
    "category": zh(CATEGORY_ZH), "kind": zh(KIND_ZH), "problem": zh(PROBLEM_ZH), "fund": zh(FUND_ZH),
    "issue_state": zh(ISSUE_STATE_ZH), "list_state": zh(LIST_STATE_ZH), "outcome": zh(STANDING_ZH),
    "application_state": zh(APPLICATION_STATE_ZH), "reason": zh(JUSTIFICATION_ZH), "column": zh(COLUMN_ZH),
    "read": zh(READ_ZH), "untold": zh(UNTOLD_ZH), "place": place,
    "source": zh(SOURCE_ZH), "moment": moment, "yuan": yuan, "holder": holder,
    "is_key": is_key, "scope": scope, "key_state": zh(KEY_STATE_ZH), "audience": zh(AUDIENCE_ZH),
    "message_state": zh(MESSAGE_ZH), "measure": zh(MEASURE_ZH), "grouped": grouped,
    "t": tr, "approval_kind": zh(APPROVAL_KIND_ZH), "approval_state": zh(APPROVAL_STATE_ZH),
    "letter_state": zh(LETTER_STATE_ZH),
}  # fmt: skip
