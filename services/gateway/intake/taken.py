"""What became of a list's rows: taken, sent back, waiting for a word, noted; and whom a row names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chassis.language import tr
from contracts.events.lists import RosterReceived
from contracts.events.partner import PartnerEvent, StatusReported
from contracts.personal import redact
from services.gateway.intake.reading.characters import name_of, tidy
from services.gateway.intake.reading.table import FAULT, Row, Table
from services.gateway.refusals import ZH, RefusedError


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a row names, as far as the sender must recognise it: no more than the last four digits."""

    name: str = ""
    last4: str = ""
    place: str = ""


NOBODY = Who()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that goes back: its number in the file, the reason, the field. ``word``: not understood."""

    row: int
    reason: str
    field: str = ""
    sheet: str = ""
    who: Who = NOBODY
    word: str = ""
    detail: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the rejection as the sender sees it."""
        message = tr(ZH.get(self.reason, self.reason))
        return {
            "row": self.row, "reason": self.reason, "field": self.field, "message": message,
            "sheet": self.sheet, "name": self.who.name, "last4": self.who.last4,
            "place": self.who.place, "word": self.word, "detail": self.detail,
        }  # fmt: skip

    def as_kept(self) -> dict[str, object]:
        """Return the rejection without whom it names, for what operators see."""
        return {"row": self.row, "sheet": self.sheet, "reason": self.reason, "field": self.field}


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that was taken, for the receipt: whose, which category, and whether it begins or ends."""

    person: str
    category: str
    action: str
    who: Who


@dataclass(slots=True)
class Roster:
    """A list read whole: the facts in it, the rows sent back, and the notice that it came.

    ``waiting``: rows with a word that nobody has explained; ``noted``: taken, but something in the
    row is of no use, such as a phone that is none.
    """

    facts: list[tuple[str, PartnerEvent]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    waiting: list[Rejected] = field(default_factory=list)
    noted: list[Rejected] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    questions: list[tuple[str, PartnerEvent]] = field(default_factory=list)
    heads: Mapping[tuple[str, str], str] = field(default_factory=dict)
    waiting_persons: set[str] = field(default_factory=set)
    received: RosterReceived | None = None
    table: Table = field(default_factory=Table)

    @property
    def accepted(self) -> int:
        """Count the rows that were taken; a row may become two facts."""
        return self.table.count - len(self.rejected) - len(self.waiting)


class NothingTakenError(RefusedError):
    """No row of a list could be taken: every one is named, so that the sender can mend them."""

    def __init__(self, rejected: Sequence[Rejected], table: Table) -> None:
        first = rejected[0].reason if rejected else ""
        super().__init__("no_valid_row", detail=first)
        self.rejected = rejected
        self.table = table

    def body(self) -> dict[str, object]:
        """Return the answer's JSON, with the rows."""
        return super().body() | {"rejected": [one.as_json() for one in self.rejected]}


def who_of(row: Row) -> Who:
    """Return whom a row names, for the sender's eyes; nothing that is a number in a text cell."""
    number = tidy(_plain(row.seen("id_number")))
    last4 = number[-4:] if len(number) >= 8 else ""
    place = "".join(tidy(_plain(row.seen(part))) for part in ("township", "village"))
    found = (name_of(_plain(row.seen("name"))), last4, place)
    name, last4, place = (text if redact(text) == text else "" for text in found)
    return Who(name[:30], last4, place[:60])


def who_taken(row: Row, fact: StatusReported) -> Who:
    """Return whom a row names that was taken: its number is one, and its places were looked through."""
    name = name_of(row.seen("name"))
    place = f"{fact.township}{fact.village}"
    return Who(
        name[:30] if redact(name) == name else "", tidy(row.seen("id_number"))[-4:], place[:60]
    )


def _plain(text: str) -> str:
    return "" if text.startswith(("\0", FAULT)) else text


def back(row: Row, error: RefusedError, name: str, word: str = "") -> Rejected:
    """Return a row as it goes back, waits, or is noted, with the field and whom it names."""
    return Rejected(
        row.number, error.reason, name, row.sheet, who_of(row), word=word, detail=error.detail
    )
