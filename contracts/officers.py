"""Who looks after whom: officers, guides and village doctors with their duty periods."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from contracts.asking import Query, Question, Scope
from contracts.events.base import Sealed, Text

Post = Literal["officer", "guide", "village_doctor", "clerk", "hospital_desk", "insurer_desk"]
POST_ZH: dict[Post, str] = {
    "officer": "医保专干", "guide": "包村干部", "village_doctor": "村医", "clerk": "县局经办",
    "hospital_desk": "医院医保办", "insurer_desk": "承办保险公司",
}  # fmt: skip
COUNTY_DESK, HOSPITAL_DESK, INSURER_DESK = "@county", "@hospital/", "@insurer"
"""Desks that look after no township: in its place stands the desk, a hospital's with its number behind."""
OFFICER_PLACE = "officer"
"""For what an officer's name and phone are sealed."""


class DutyBegins(Question):
    """Somebody looks after townships, or a village of one, or sits at a desk, from a day on.

    ``group``: the responsibility group, if it is one; ``stands_in_for``: the duty whose holder is not told
    meanwhile, of which ``townships`` and ``village`` are taken then. ``contact_sealed``: name and phone.
    """

    townships: tuple[Text, ...] = Field(default=(), max_length=40)
    village: Text = ""
    post: Post
    group: Text = ""
    first: date
    last: date | None = None
    stands_in_for: Text = ""
    contact_sealed: Sealed
    holder: Text


class DutyBegun(BaseModel):
    """The duty, or why there is none: the one that it stands in for is not known."""

    duty: str = ""
    refused: Literal["", "unknown_duty"] = ""


class DutyEnds(Question):
    """The last day of a duty; what was is kept."""

    duty: Text
    last: date
    holder: Text


class DutyPage(Question):
    """A page of duties, after a duty's id: of a township's, and of those of a day only."""

    township: Text = ""
    on: date | None = None
    after: Text = ""
    most: int = Field(default=200, ge=1, le=1_000)


class DutyLine(BaseModel):
    """A duty as it was set. ``who_sealed``: name and phone, for the door."""

    duty: str
    townships: list[str]
    village: str
    post: Post
    group: str
    first: date
    last: date | None
    stands_in_for: str
    who_sealed: str
    holder: str
    recorded: datetime
    ended_by: str


class DutyPageAnswer(BaseModel):
    """A page, and where the next one begins; empty if there is none."""

    lines: list[DutyLine]
    next: str = ""


class DutyEnded(BaseModel):
    """Whether there is such a duty, and it begins no later than it ends."""

    found: bool


NOTIFY_DUTY_BEGINS = Query("command.notify.duty", DutyBegins, DutyBegun, Scope.COUNTY, seconds=10)
NOTIFY_DUTY_ENDS = Query("command.notify.duty-end", DutyEnds, DutyEnded, Scope.COUNTY, seconds=10)
NOTIFY_DUTIES = Query("query.notify.duties", DutyPage, DutyPageAnswer, Scope.OFFICER, seconds=10)
