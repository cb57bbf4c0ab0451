"""What somebody wrote, as it is meant: a filing, a question, R, or nothing of ours (§12). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from unicodedata import normalize

from contracts.events.enrollment import CitizenAnswered
from contracts.provinces import province_of
from services.notify.wishes import day_zh

REPLIES_A_DAY = 10
"""More than a phone gets answers in a day: two machines that answer each other end there."""
FILING, STANDING, DONE = "备案", "查询", "办结"
NOTE_MAX = 200
_TASK_DONE = re.compile(r"办结[\s#:,]*([0-9a-fA-F]{6})(?:[\s#:,]+(.*))?", re.DOTALL)
_LAST_SIX = re.compile(r"(?:\d{12})?(\d{5}[\dX])")
_DATE = re.compile(
    r"(\d{4})(?:(\d\d)(\d\d)|-(\d{1,2})-(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|/(\d{1,2})/(\d{1,2})"
    r"|年(\d{1,2})月(\d{1,2})日?)"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A message that can be answered: who it names by what, and of a filing where to and from when."""

    kind: Literal["filing", "standing"]
    name: str
    last_six: str
    place: str = ""
    first: date | None = None

    @property
    def province(self) -> str:
        """Two digits of the place's province; empty without a place."""
        return province_of(self.place)


@dataclass(frozen=True, slots=True)
class Done:
    """An officer says that a task was done, by its code, and what came of it."""

    code: str
    note: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """It was meant for us and cannot be read: ``part`` names what, as the reply has it."""

    kind: Literal["filing", "standing", "task"]
    part: Literal["form", "name", "last_six", "place", "first", "code"]


def read(said: str) -> Wish | Done | Unclear | None:
    """Read a message; None: it is none of ours, and nobody answers it.

    Full-width signs and blanks are read as what they stand for; a day is never guessed.
    """
    plain = normalize("NFKC", said).strip().strip("。.#").strip()
    if plain.startswith(DONE):
        return _done(plain)
    parts = [one.strip() for one in plain.split("#")]
    word = "".join(parts[0].split())
    if word == STANDING or (word.startswith(STANDING) and len(parts) > 1):
        return _standing(parts)
    return _filing(parts) if word.startswith(FILING) else None


def _done(said: str) -> Done | Unclear:
    found = _TASK_DONE.fullmatch(said)
    if not found:
        return Unclear(
            "task", "code" if any(one.isascii() and one.isalnum() for one in said) else "form"
        )
    return Done(found[1].lower(), (found[2] or "").strip()[:NOTE_MAX])


def _standing(parts: Sequence[str]) -> Wish | Unclear:
    if len(parts) != 3 or parts[0] != STANDING:
        return Unclear("standing", "form")
    name, last_six = _name(parts[1]), _number(parts[2])
    if not name or not last_six:
        return Unclear("standing", "last_six" if name else "name")
    return Wish("standing", name, last_six)


def _filing(parts: Sequence[str]) -> Wish | Unclear:
    if len(parts) != 5 or parts[0] != FILING:
        return Unclear("filing", "form")
    name, last_six, place, first = (
        _name(parts[1]), _number(parts[2]), "".join(parts[3].split()), _day(parts[4])
    )  # fmt: skip
    if not name or not last_six:
        return Unclear("filing", "last_six" if name else "name")
    if not province_of(place) or len(place) > 30:
        return Unclear("filing", "place")
    return (
        Unclear("filing", "first")
        if first is None
        else Wish("filing", name, last_six, place, first)
    )


def _name(said: str) -> str:
    found = "".join(said.split())
    return found if 1 <= len(found) <= 30 and not any(one.isdigit() for one in found) else ""


def _number(said: str) -> str:
    """Return the last six of an identity number: written alone, or with the rest before it."""
    found = _LAST_SIX.fullmatch("".join(said.split()).upper())
    return found[1] if found else ""


def _day(said: str) -> date | None:
    found = _DATE.fullmatch("".join(said.split()))
    if not found:
        return None
    year, month, day = (int(one) for one in found.groups() if one)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def is_opt_out(said: str) -> bool:
    """Tell whether somebody wants no more messages: R alone, as the operators' rule has it (§12)."""
    return said.strip().strip("。.!！").upper() in {"R", "Ｒ", "TD", "退订"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the writer is told: a text's file and the words that go into it."""

    template: str
    words: dict[str, str]


def unclear_reply(unclear: Unclear) -> Reply:
    """Say what cannot be read, and how it is written."""
    return Reply(f"{unclear.kind}_unclear", {"part": PARTS_ZH[unclear.part]})


def answer_reply(answer: CitizenAnswered) -> Reply:
    """Say what became of it. A stranger is not told whether a number is known."""
    if answer.outcome == "filed":
        (filing,) = answer.filings
        words = {"place": filing.place, "first": day_zh(filing.first), "last": day_zh(filing.last)}
        return Reply("filing_made", words)
    if answer.outcome == "standing":
        years = "、".join(f"{year}年度" for year in answer.covered_years[-2:])
        filings = "；".join(
            f"{one.place}，{day_zh(one.first)}至{day_zh(one.last)}" for one in answer.filings[:2]
        )
        words = {"years": years or "暂无记录", "filings": filings or "无"}
        return Reply("standing_told", words)
    return Reply("wish_refused", {"reason": REASONS_ZH[answer.outcome]})


PARTS_ZH = {
    "form": "格式", "name": "姓名", "last_six": "身份证号后6位", "place": "就医地（请以省份开头）",
    "first": "起始日期（请写8位数字）", "code": "办结码",
}  # fmt: skip
REASONS_ZH = {
    "no_match": "未找到与本手机号、姓名和身份证号后6位都相符的参保人",
    "ambiguous": "相符的不止一人",
    "died": "该人员登记状态异常",
    "not_covered": "起始日期所在年度没有参保记录",
    "not_needed": "省内就医无需备案",
    "bad_date": "起始日期过早或过晚",
    "no_rule": "本县该日期暂不能用短信备案",
}
"""Outcome → why it was not done, in words that tell a stranger nothing."""
