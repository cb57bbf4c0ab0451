"""What the door answers when it says yes, as models: what a client can be generated from.

Routes write their answers themselves; a test holds real answers against these.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.bill_questions import OpenClaim
from contracts.questions import IssueAnswer

Yuan = Annotated[str, Field(pattern=r"^-?\d{1,14}\.\d{2}$", examples=["8330.00"])]


class Answer(BaseModel):
    """An answer holds what is named here, and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Bill(Answer):
    """The one-page bill (一单清): every layer, and what is left for the family; parts sum to the total."""

    claim: str
    bill_revision: int
    settlement_revision: int
    assistance_revision: int
    outcome: str
    provider: str
    kind: str
    discharge: date
    category: str
    pack: str
    total_fee: Yuan
    bmi: Yuan
    cii: Yuan
    supplement: Yuan
    medical_assistance: Yuan
    hospital_reduction: Yuan
    commercial_supplement: Yuan
    reassistance: Yuan
    tilted_assistance: Yuan
    hospital_borne: Yuan
    personal_burden: Yuan
    moved: bool
    one_stop: bool = Field(default=True, description="是否一站式结算")
    family_pays_now: Yuan = Field(default="0.00", description="家庭在医院当时支付")
    paid_by_hand_later: Yuan = Field(default="0.00", description="以后手工发放（应补）")
    to_be_returned: Yuan = Field(default="0.00", description="应退，不与应补相抵")


class ClaimStanding(Answer):
    """Where a bill stands. ``bill``: once settled; ``reason``, ``message``: why it is held or refused."""

    claim: str
    status: Literal["accepted", "settled", "held", "refused", "reversed"]
    location: str = Field(default="", description="以后在此查询")
    bill: Bill | None = None
    national: dict[str, Yuan] = Field(default={}, description="国家结算接口字段名")
    reason: str = ""
    field: str = ""
    message: str = ""
    detail: str = ""


class Taken(Answer):
    """Something about a bill was taken."""

    claim: str
    status: Literal["accepted"]


class LineReceipt(Answer):
    """What became of one line of a batch."""

    line: int
    accepted: bool
    claim: str = ""
    reason: str = ""
    field: str = ""
    message: str = ""
    detail: str = ""


class BatchReceipt(Answer):
    """What became of a batch; ``refused`` are those of the receipts that say no."""

    accepted: int
    refused: list[LineReceipt]
    receipts: list[LineReceipt]


class OpenBill(OpenClaim):
    """A bill that somebody has to look at, and why, in words."""

    message: str


class OpenBills(Answer):
    """A page of bills that somebody has to look at; ``next_offset`` null: the last."""

    claims: list[OpenBill]
    next_offset: int | None


class ReportTaken(Answer):
    """A report was taken, or waits for another person; ``notes``: what its sender should know."""

    event: str
    status: Literal["accepted", "awaits_approval"]
    notes: list[str]


class RefusedRow(Answer):
    """A row that goes back, or waits, and why; ``last4``: of the identity number."""

    row: int
    reason: str
    field: str
    message: str
    sheet: str
    name: str
    last4: str
    place: str
    word: str
    detail: str


class FileReceipt(BaseModel):
    """The receipt (回执) of a file; ``text`` is the whole of it as sentences."""

    sheets: list[str]
    sheets_unread: list[str]
    rows: int
    accepted: int
    rejected: int
    waiting: list[RefusedRow]
    noted: list[RefusedRow]
    skipped: list[dict[str, Any]]
    left_out: dict[str, int]
    columns_read: list[str]
    columns_unread: list[str]
    words_unknown: list[dict[str, Any]]
    opening: bool | None = Field(default=None, description="首期名册")
    previous: int | None = Field(default=None, description="上期在册人次")
    entering_count: int | None = None
    leaving_count: int | None = None
    entering: list[dict[str, str]] | None = None
    leaving: list[dict[str, str]] | None = None
    not_named: list[str] | None = None
    text: str


class ListTaken(Answer):
    """A list was read: its batch, the rows that go back, and the receipt."""

    source: str
    batch: str
    preview: bool = False
    rows: int
    accepted: int
    rejected: list[RefusedRow]
    receipt: FileReceipt


class Accepted(Answer):
    """It was done; ``notes``: what the sender should know all the same."""

    accepted: Literal[True]
    notes: list[str] = []


class WordTaken(Answer):
    """What became of the rows that waited for a word."""

    taken: int
    rejected: int
    waiting: int


class Issues(Answer):
    """A page of the problem desk; ``next_offset`` null: the last."""

    issues: list[IssueAnswer]
    next_offset: int | None


class CountDifference(Answer):
    """A measure on which the two tables differ."""

    township: str
    category: str
    measure: str
    ours: int
    theirs: int


class Comparison(Answer):
    """Whether the counts agree, and where not."""

    agree: bool
    differences: list[CountDifference]


class Readiness(Answer):
    """Whether calls can be taken."""

    status: Literal["ready", "not ready"]


def says(model: type[BaseModel], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Return FastAPI's ``responses`` for a route that writes such an answer itself."""
    return {status: {"model": model, "description": (model.__doc__ or "").split("\n", 1)[0]}}
