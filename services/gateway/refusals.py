"""How the door says no: a stable reason code, the field or row, and a sentence in Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.clock import system_clock, today
from chassis.language import tr
from contracts.personal import is_somebody, redact
from policy.refusals import REASONS_ZH

ZH = {
    **REASONS_ZH,
    "body_too_large": "请求体超过上限",
    "body_too_slow": "上传中断或过慢，请检查网络后重新发送",
    "too_many_calls": "调用过于频繁，请一分钟后再试；如属正常业务请联系县医保局提高限额",
    "file_too_large": "文件超过上限",
    "broken_json": "不是有效的 JSON",
    "unreadable_body": "请求内容无法解析",
    "unknown_path": "没有这个地址，见 /docs",
    "wrong_method": "这个地址不接受这种请求方法",
    "wrong_encoding": "文件编码不是 UTF-8、UTF-16 或 GB18030，或文件中有损坏的字符",
    "not_a_table": "不是可识别的 CSV 或 XLSX 表格",
    "html_as_excel": "文件是网页格式（HTML），只是改名为 .xls；请用 Excel 或 WPS 打开后另存为 .xlsx",
    "xml_spreadsheet": "文件是“XML 电子表格 2003”格式；请用 Excel 或 WPS 打开后另存为 .xlsx",
    "old_format": "Excel 97 格式（.xls）无法可靠读取，请另存为 .xlsx",
    "file_has_password": "文件有打开密码，请取消密码后重新上传",
    "stray_quote": "引号不成对，会吞掉后面的行；请检查该行备注等栏的引号后重新导出",
    "too_many_cells": "表格中单元格过多（多为带格式的空白行列），请删除多余的行列后另存",
    "stray_cell": "表格右侧或下方很远处有内容，请删除多余的单元格后另存",
    "doubled_row": "文件内有两行同一行号或单元格次序错乱，无法可靠读取，请用 Excel 或 WPS 另存后上传",
    "sheet_without_header": "有一个工作表有内容但没有表头，整份退回，以免漏读",
    "cell_error": "单元格为错误值（如 #N/A、#REF!），请改正公式或填入内容",
    "cell_not_calculated": "单元格为公式但没有计算结果，请在 Excel 或 WPS 中打开、计算并保存后重新上传",
    "row_shifted": "该行比表头多出内容，可能整行错位",
    "missing_header": "缺少必需的列",
    "duplicate_header": "两列含义相同，不知以哪列为准",
    "no_valid_row": "没有一行可以接收",
    "too_many_rows": "行数超过上限",
    "id_empty": "身份证号为空",
    "id_malformed": "身份证号位数或字符不对",
    "id_birth_date": "身份证号中的出生日期不存在",
    "id_check_digit": "身份证号校验码错误",
    "id_numeric_cell": "身份证号单元格是数字格式，后几位已丢失，请改为文本格式重新填写",
    "id_synthetic": "身份证号使用未分配的地址码，仅测试环境可用",
    "name_empty": "姓名为空",
    "township_empty": "乡镇（街道）为空",
    "unknown_township": "乡镇（街道）不在本县区划表内，或当时不存在",
    "unknown_duty": "没有这一任期，或结束日期早于开始日期",
    "phone_unreadable": "不是可接收短信的手机号",
    "unknown_place": "就医地须以省份开头，如 上海市、江苏省苏州市",
    "unknown_category": "人员类别为空或不在代码表内",
    "unknown_word": "该词尚未定义，已登记待县医保局答复，本行暂候",
    "word_not_ours": "县医保局答复：该类别或状态不属于本名册范围",
    "unknown_meaning": "答复的含义不在可选范围内",
    "not_asked": "没有等待答复的这个词",
    "unknown_state": "参保状态或类型的含义未知；请县医保局答复该词后重新上传本名单",
    "not_a_death": "注销原因不是死亡，不作死亡登记",
    "payment_void": "该笔缴费已作废、退费或未成功，不计为缴费",
    "end_missing": "状态为终止，但没有停保日期",
    "merged_amount": "金额或证号为合并单元格，无法分到每个人，请拆分后填写",
    "insured_elsewhere": "参保状态或类型不构成本年度居民参保",
    "other_year": "参保年度或起止日期不在本年度",
    "unknown_action": "变动类型应为新增或取消",
    "not_a_count": "人数应为不带小数的数字",
    "bad_date": "日期无法识别、有歧义或不在合理范围内；请核对后写成 2023-01-05",
    "year_unlikely": "年度与日期不符：居民医保在当年或上一年缴费，请核对是否误填",
    "paid_on_missing": "没有缴费日期，名册月份也不是该年度的缴费月份；请填缴费日期，或用月份（month）写明",
    "wrong_flag_year": "标识年度应为申报次年：某年度的标识须在上一年12月31日前申报",
    "duplicate_row": "同一人同一类别在本名册中重复",
    "not_an_amount": '金额应为字符串形式的元，如 "8330.00"',
    "too_many_decimals": "金额最多两位小数",
    "negative_amount": "金额不能为负",
    "list_incomplete": "全量名册中有身份证号或人员类别为空的行，整份退回：缺谁就会误移出谁",
    "removal_in_full_list": "全量名册只列在册人员，取消人员不应出现",
    "full_list_not_supported": "该来源不提供全量名册",
    "unknown_insurance": "参保类型应为职工或居民",
    "unknown_source": "来源部门不在代码表内",
    "unknown_event": "该来源没有这种事项",
    "key_refused": "未提供密钥，或密钥与来源不符",
    "missing_field": "缺少必填项",
    "invalid_value": "取值不合规定",
    "identity_in_text": "文字或单据号内含有身份证号或手机号，请填入对应栏目",
    "unknown_disease": "病种既不是编码，也不在慢特病病种表内；请填编码，或由县医保局在病种表中补充",
    "not_a_code": "病种应填编码（国家医保病种编码、ICD-10 或政策包所列代码），不填名称",
    "only_reads": "该账号只能查询，不能办理",
    "outside_area": "超出本单位管辖范围",
    "same_number": "更正前后的身份证号相同",
    "not_a_word": "请填写至少两个字的姓名、姓名拼音首字母（如 zxm）或手机号；身份证号按号码查找",
    "unknown_person": "本辖区没有这个人员",
    "too_many_households": "户数超过一次可生成的上限，请按村（社区）分别生成",
    "unknown_problem": "问题不在问题类别之内，请按导出的问题整改清单填写",
    "not_a_picture": "佐证材料应为 JPG、PNG 图片或 PDF 文件",
    "too_many_attachments": "该问题的佐证材料已达上限，请先撤下传错的",
    "unknown_attachment": "没有这份佐证材料，或已撤下",
    "unknown_issue": "没有这条待整改的问题",
    "unknown_message": "没有这条待告知的短信",
    "unknown_list": "没有可以确认或撤回的这份名册",
    "unknown_what_if": "没有这次政策测算",
    "unknown_pack": "没有这个政策包",
    "not_another_person": "须由县医保局另一人复核，经办人本人和单位密钥不能复核",
    "awaits_approval": "同一事项已提交，正等待复核",
    "sealed_otherwise": "原文用已停用的密钥加密，现在无法打开",
    "unknown_letter": "没有这条滞留消息",
    "unknown_proposal": "没有这一待复核事项",
    "decided_already": "该事项已经复核或退回",
    "not_issued": "该结算单尚未出具一单清，请待结算完成后再打印",
    "bill_held": "该结算单暂缓结算，现在没有有效的一单清",
    "bill_refused": "该结算单已退回，现在没有有效的一单清",
    "bill_reversed": "该结算单已撤销，现在没有有效的一单清",
    "bill_decided_anew": "该结算单正在重新核定，请稍后再打印",
    "unknown_claim": "没有这张结算单",
    "claim_of_another": "该结算单不是此人的",
    "above_due": "发放金额超过该结算单未发的手工发放金额",
    "not_paid": "没有登记过这样一笔发放，无法冲回",
    "claim_reversed": "该结算单已撤销；请用新的结算单号重新上传",
    "unknown_field": "不认识的字段",
    "duplicate_field": "同一字段出现两次，不知以哪个为准",
    "kind_not_paid": "该医疗类别不属于本县居民医保支付范围",
    "region_unknown": "没有本县区划表",
    "internal_error": "系统内部错误，已记录并告警；请联系县医保局系统管理员",
    "bus_unavailable": "消息总线暂不可用，请稍后用同一单号重试",
    "intake_unavailable": "受理登记暂不可用，本次未受理，请稍后用同一单号重试",
}

SET_ASIDE_ZH = {"bug": "程序出错，已告警", "unreadable": "内容无法读取"}
"""Why services set something aside, beside the reasons of the door."""


@dataclass
class RefusedError(Exception):
    """The input is wrong; ``status`` is the HTTP status that says so."""

    reason: str
    field: str = ""
    status: int = 422
    detail: str = ""

    def __str__(self) -> str:
        """Name the reason and the field; never what was sent."""
        return f"{self.reason} {self.field}".strip()

    def bare(self) -> "RefusedError":
        """Return the refusal without its traceback: in a list it would keep frames, and they the list."""
        return RefusedError(self.reason, self.field, self.status, self.detail)

    def body(self) -> dict[str, Any]:
        """Return the answer's JSON."""
        return {
            "reason": self.reason,
            "field": self.field,
            "message": tr(ZH.get(self.reason, self.reason)),
            "detail": self.detail,
        }


class UnknownWordError(RefusedError):
    """A word of a list that nobody has explained yet: the row waits until somebody does."""

    def __init__(self, column: str, word: str) -> None:
        super().__init__("unknown_word", column)
        self.word = word


NUL = "\0"
NOT_FREE = frozenset({
    "person", "new_person", "household", "batch", "digest", "name_tag", "identity_sealed", "contact_sealed",
    "provider", "source", "category", "action", "kind",
})  # fmt: skip
NUMBERED = frozenset({"claim"})
"""Numbers of the sender's own, of any length: eleven digits are no mobile number there."""
"""Fields that hold keys, codes or ciphertext; every other text could hold what somebody typed."""


def refuse_identity_in_text(event: BaseModel) -> None:
    """Refuse a fact whose free text holds an identity or phone number: it would travel in clear."""
    for name, value in event.__dict__.items():
        if not isinstance(value, str) or not value:
            continue
        if NUL in value:
            raise RefusedError("invalid_value", name)
        if name in NOT_FREE:
            continue
        written = name not in NUMBERED and redact(value) != value
        if written or is_somebody(value, today(system_clock)):
            raise RefusedError("identity_in_text", name)


class RefuseNul:
    """Refuses a call whose path or query holds the character NUL, which no text in the database may."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 422, or let the call through."""
        if scope["type"] == "http" and (b"%00" in scope["query_string"] or NUL in scope["path"]):
            refusal = RefusedError("invalid_value", "query")
            await JSONResponse(refusal.body(), refusal.status)(scope, receive, send)
            return
        await self._app(scope, receive, send)


_BY_TYPE = {
    "missing": "missing_field",
    "extra_forbidden": "unknown_field",
    "json_invalid": "broken_json",
}
_BY_FIELD = {
    "kind": "unknown_kind",
    "category": "unknown_category",
    "action": "unknown_action",
    "disease": "not_a_code",
}


def refused(error: ValidationError) -> RefusedError:
    """Turn a validation error into the first refusal, by a fixed table; the input is never echoed."""
    return _refusal(error.errors(include_input=False, include_url=False)[0])


def refused_request(error: RequestValidationError) -> RefusedError:
    """Turn what is wrong with a call's path, query or body into the same kind of refusal."""
    first = error.errors()[0]
    location = tuple(part for part in first["loc"] if part not in {"body", "query", "path"})
    return _refusal(first | {"loc": location})


def _refusal(first: Mapping[str, Any]) -> RefusedError:
    location = ".".join(str(part) for part in first["loc"])
    cause = (first.get("ctx") or {}).get("error")
    kind = str(first["type"])
    reason = getattr(cause, "reason", None) or _BY_TYPE.get(kind)
    if reason is None and kind.startswith(("date", "datetime")):
        reason = "bad_date"
    if reason is None:
        reason = _BY_FIELD.get(location, "invalid_value")
    status = 400 if reason == "broken_json" else 422
    return RefusedError(reason, redact(location), status)
