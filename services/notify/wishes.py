"""A message that ought to exist, and how its words are written. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Literal

from contracts.reach import EVER

FAMILY: Literal["family"] = "family"
OFFICER: Literal["officer"] = "officer"
DESK = "desk"
"""The bureau's staff and hospitals: they are told of no person."""


CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
CODE_LENGTH = 6
"""So many characters of a message's key tell an officer's task apart from the others of a township."""


@dataclass(slots=True)
class Wish:
    """A message that ought to exist: its key, whom it is for, the words that go into it.

    ``batch``: the full list on whose word it rests; it waits until that list counts. ``undoes``: the list
    was withdrawn; the message is for those who were told before. ``year``: of the bill that it is about.
    ``instead_of``: messages whose place it takes, if they were not sent yet. ``known``: since when it is
    known, where that is said: old news is not told.
    """

    key: str
    audience: Literal["family", "officer"]
    template: str
    township: str
    words: dict[str, str] = field(default_factory=dict)
    batch: str = ""
    undoes: bool = False
    year: int = EVER
    instead_of: tuple[str, ...] = ()
    known: datetime | None = None


def day_zh(day: date) -> str:
    """Write a day as letters do."""
    return f"{day.year}年{day.month}月{day.day}日"
