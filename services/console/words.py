"""Codes as people of an office read them: every page speaks through these filters."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from chassis.clock import CHINA
from contracts.funds import FUND_ZH
from contracts.vocabulary import (
    APPLICATION_STATE_ZH,
    CATEGORY_ZH,
    ISSUE_STATE_ZH,
    JUSTIFICATION_ZH,
    KIND_ZH,
    LIST_STATE_ZH,
    OUTCOME_ZH,
    PROBLEM_ZH,
    SOURCE_ZH,
)

COLUMN_ZH = {"category": "人员类别", "action": "变动类型", "state": "状态", "insurance": "参保险种"}
OFFICE_ZH = {"bureau": "县医保局", "township_office": "乡镇医保办", "sms": "短信"}


def zh(words: Mapping[str, str]) -> Callable[[str], str]:
    """Return a filter that says what a code means; an unknown code stays as it is."""
    return lambda code: words.get(code, code)


def moment(said: str | None) -> str:
    """Write a moment as a clock in China shows it."""
    return f"{datetime.fromisoformat(said).astimezone(CHINA):%Y-%m-%d %H:%M}" if said else ""


def yuan(said: Any) -> str:
    """Write an amount with commas; what is none stays as it is."""
    try:
        return f"{Decimal(str(said)):,.2f}"
    except InvalidOperation:
        return str(said)


def holder(said: str) -> str:
    """Say who somebody with a key is: an office and, behind it, the person."""
    kind, _, rest = said.partition("/")
    name = OFFICE_ZH.get(kind) or SOURCE_ZH.get(kind) or kind
    return f"{name} {rest.replace('/', ' ')}" if rest else name


FILTERS: Mapping[str, Callable[..., str]] = {
    "category": zh(CATEGORY_ZH), "kind": zh(KIND_ZH), "problem": zh(PROBLEM_ZH), "fund": zh(FUND_ZH),
    "issue_state": zh(ISSUE_STATE_ZH), "list_state": zh(LIST_STATE_ZH), "outcome": zh(OUTCOME_ZH),
    "application_state": zh(APPLICATION_STATE_ZH), "reason": zh(JUSTIFICATION_ZH), "column": zh(COLUMN_ZH),
    "source": zh(SOURCE_ZH), "moment": moment, "yuan": yuan, "holder": holder,
}  # fmt: skip
