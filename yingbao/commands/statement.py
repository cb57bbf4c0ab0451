"""The one-page bill (一单清) as text, in Chinese, with the reason for every amount."""

from collections.abc import Mapping

from contracts.bill_questions import ExplainAnswer
from contracts.funds import FUND_ZH
from contracts.vocabulary import CATEGORY_ZH, KIND_ZH

WIDTH = 72


def statement(bill: Mapping[str, object], *explanations: ExplainAnswer) -> str:
    """Return the bill's text. The layers and the family's share sum to the total."""
    lines = [
        "医疗费用结算一单清".center(WIDTH - 9),
        "─" * WIDTH,
        f"结算单号：{bill['claim']}    医疗机构：{bill['provider']}",
        f"医疗类别：{KIND_ZH[str(bill['kind'])]}    出院（就诊）日期：{bill['discharge']}",
        f"人员类别：{CATEGORY_ZH.get(str(bill['category']), str(bill['category']))}"
        f"    政策版本：{bill['pack']}",
        "─" * WIDTH,
        _amount("医疗总费用", bill["total_fee"]),
    ]
    lines += [
        _amount(f"其中：{FUND_ZH[layer]}", bill[layer])
        for layer in FUND_ZH
        if bill.get(layer, "0.00") != "0.00"
    ]
    lines += [_amount("个人负担", bill["personal_burden"]), "─" * WIDTH, "计算过程："]
    steps = [line for one in explanations for line in one.zh]
    lines += [f"{number}. {line}" for number, line in enumerate(steps, start=1)]
    lines.append("标注〔未核实〕的参数尚未取得正式文件，不作为政策依据。")
    return "\n".join(lines)


def _amount(label: str, amount: object) -> str:
    width = WIDTH - len(label.encode("gb18030"))
    return f"{label}{f'{amount} 元'.rjust(width - 2)}"
