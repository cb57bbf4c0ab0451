"""Enrollment's own tables: residents, lists, registers, the desk, who read what."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ARRAY, BigInteger, Column, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SCHEMA = {"schema": "enrollment"}
NOT_MERGED = "(coalesce(resident.file->>'merged_into', '') = '' OR resident.formerly <> '{}')"
"""A number that was corrected is nobody's any longer; whoever stands under the right one has formerly."""


def _texts() -> Any:
    return Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))


class ResidentRow(SQLModel, table=True):
    """A person as announced. ``identity_sealed`` is the vault; ``blind_index`` finds a row in it.

    ``file``: what the check of a year reads (premiums, reasons, rosters). ``identity_of``: the earlier
    number's key for which the identity was sealed; ``formerly``: the earlier numbers' keys.
    """

    __tablename__: ClassVar[str] = "resident"
    __table_args__ = SCHEMA

    person: str = Field(primary_key=True)
    revision: int
    registered: str
    status: str
    coverage: str
    flags: list[str] = _texts()
    listed: list[str] = _texts()
    township: str
    village: str
    covered_years: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    died: date | None = None
    blind_index: bytes | None = None
    identity_sealed: str = ""
    identity_of: str = ""
    phone_sealed: str = ""
    phone_of: str = ""
    head_sealed: str = ""
    head_of: str = ""
    household: str = ""
    batch: str = ""
    updated: datetime
    formerly: list[str] = _texts()
    file: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))


class FoundByRow(SQLModel, table=True):
    """A keyed hash of a word by which a person is found: name, initials, phone."""

    __tablename__: ClassVar[str] = "found_by"
    __table_args__ = SCHEMA

    person: str = Field(primary_key=True)
    word: str = Field(primary_key=True)


class ListingRow(SQLModel, table=True):
    """A row of a full list: whom it names with which category; not ``present``: as one who is gone."""

    __tablename__: ClassVar[str] = "listing"
    __table_args__ = SCHEMA

    source: str = Field(primary_key=True)
    category: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    month: date = Field(primary_key=True)
    received: datetime = Field(primary_key=True)
    batch: str = Field(primary_key=True)
    present: bool = Field(primary_key=True)


class FullListRow(SQLModel, table=True):
    """A full list: waiting → question or closed → superseded or withdrawn.

    ``expected``, ``waiting``, ``hiding``: rows that it has, that wait for a word, that may hide somebody;
    ``standing``, ``absent``, ``usual``: people before it, of them not on it, and how many usually leave;
    ``names``, ``gone``: categories for which it counts, and for which it counts no longer.
    """

    __tablename__: ClassVar[str] = "full_list"
    __table_args__ = SCHEMA

    source: str = Field(primary_key=True)
    month: date = Field(primary_key=True)
    received: datetime
    batch: str = Field(primary_key=True)
    accepted: int
    rejected: int
    state: str = "waiting"
    names: list[str] = _texts()
    standing: int | None = None
    absent: int | None = None
    confirmed: bool = False
    digest: str = ""
    expected: int | None = None
    hiding: int | None = None
    waiting: int = 0
    asked: str = ""
    usual: int | None = None
    withdrawn_by: str = ""
    why: str = ""
    gone: list[str] = _texts()


class WordRow(SQLModel, table=True):
    """What a county said that a word of a source's column means; empty: none of ours."""

    __tablename__: ClassVar[str] = "word"
    __table_args__ = SCHEMA

    source: str = Field(primary_key=True)
    about: str = Field(primary_key=True)
    word: str = Field(primary_key=True)
    meaning: str
    received: datetime


class WaitingRow(SQLModel, table=True):
    """A list's row with a word that nobody has explained: waiting → taken or refused."""

    __tablename__: ClassVar[str] = "waiting_row"
    __table_args__ = SCHEMA

    source: str = Field(primary_key=True)
    batch: str = Field(primary_key=True)
    sheet: str = Field(primary_key=True)
    row: int = Field(primary_key=True)
    about: str
    word: str
    cells_sealed: str
    month: date
    year: int
    is_full: bool
    received: datetime
    state: str = "waiting"
    reason: str = ""
    person: str | None = None
    category: str | None = None


class RegisterRow(SQLModel, table=True):
    """A list of the insurance system: ``kind`` enrolled, exempt or flagged; whole with all its pages."""

    __tablename__: ClassVar[str] = "register"
    __table_args__ = SCHEMA

    year: int = Field(primary_key=True)
    batch: str = Field(primary_key=True)
    received: datetime
    pages: int
    rows: int
    accepted: int
    rejected: int
    kind: str = "enrolled"


class RegisterPageRow(SQLModel, table=True):
    """A page of it that came."""

    __tablename__: ClassVar[str] = "register_page"
    __table_args__ = SCHEMA

    year: int = Field(primary_key=True)
    batch: str = Field(primary_key=True)
    page: int = Field(primary_key=True)


class RegisteredRow(SQLModel, table=True):
    """Whom it names."""

    __tablename__: ClassVar[str] = "register_row"
    __table_args__ = SCHEMA

    year: int = Field(primary_key=True)
    batch: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    township: str
    name_tag: str


class CoverageAskedRow(SQLModel, table=True):
    """Somebody whose bill waits for the register; ``confirmed``: the register that named the person."""

    __tablename__: ClassVar[str] = "coverage_asked"
    __table_args__ = SCHEMA

    person: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    confirmed: str | None = None


class IssueRow(SQLModel, table=True):
    """A problem of a person in a year: open → fixing → closed, and open again; ``times`` it was opened."""

    __tablename__: ClassVar[str] = "issue"
    __table_args__ = SCHEMA

    person: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    township: str
    village: str
    detail: str
    state: str
    opened: date
    closed: date | None = None
    times: int = 1
    officer: str = ""
    due: date | None = None
    evidence: str = ""


class FigureRow(SQLModel, table=True):
    """What was worked out of everybody, and in how long; ``asked``: when somebody wanted a newer one."""

    __tablename__: ClassVar[str] = "figure"
    __table_args__ = SCHEMA

    name: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    level: str = Field(primary_key=True)
    worked_out: datetime
    took_ms: int
    asked: datetime
    lines: str


class BillQuestionRow(SQLModel, table=True):
    """What settlement asks about a bill; the highest revision holds, empty: nothing any longer."""

    __tablename__: ClassVar[str] = "bill_question"
    __table_args__ = SCHEMA

    person: str = Field(primary_key=True)
    claim: str = Field(primary_key=True)
    kind: str
    year: int
    detail: str
    revision: int


class ReviewRow(SQLModel, table=True):
    """A pass of the check, with what it found; ``broken``: promised to be mended by then, and not."""

    __tablename__: ClassVar[str] = "review"
    __table_args__ = SCHEMA

    year: int
    number: int = Field(sa_column=Column("pass", Integer, nullable=False))
    as_of: date
    run: int = Field(primary_key=True)
    roster: int
    opened: int
    closed: int
    reopened: int
    still_open: int
    promised: int
    broken: int
    recorded: datetime


class ReviewFindingRow(SQLModel, table=True):
    """What a pass changed about whom."""

    __tablename__: ClassVar[str] = "review_finding"
    __table_args__ = SCHEMA

    run: int = Field(primary_key=True)
    person: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    change: str
    detail: str


class AccessRow(SQLModel, table=True):
    """Who opened personal data, of how many people, and for what."""

    __tablename__: ClassVar[str] = "access"
    __table_args__ = SCHEMA

    id: int = Field(primary_key=True, sa_type=BigInteger)
    at: datetime
    holder: str
    what: str
    area: str
    why: str
    people: int
