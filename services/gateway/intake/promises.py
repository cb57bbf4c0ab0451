"""Reads who mends which problem until when, from a sheet that an office filled in. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.personal import redact
from contracts.vocabulary import PROBLEM_ZH
from services.gateway.intake.people import Admit
from services.gateway.intake.reading.cells import day_of
from services.gateway.intake.reading.characters import clean, tidy
from services.gateway.intake.reading.columns import Words
from services.gateway.intake.reading.table import NUMERIC, Row, open_table
from services.gateway.intake.taken import Rejected, who_of
from services.gateway.refusals import RefusedError

NEEDED = ("id_number", "problem", "officer", "due")
FIELDS = frozenset({*NEEDED, "evidence", "name", "township", "village"})
ROWS_MAX = 20_000
WORD_MAX = 100
KINDS = {tidy(zh): kind for kind, zh in PROBLEM_ZH.items()}


@dataclass(frozen=True, slots=True)
class Promised:
    """A line that somebody filled in: whose problem, of which kind, who mends it until when."""

    row: Rejected
    person: str
    kind: str
    officer: str
    due: date
    evidence: str

    def is_as(self, officer: str, due: date | None, evidence: str) -> bool:
        """Tell whether it says what stands already: a sheet comes back with lines that nobody touched."""
        return (self.officer, self.due, self.evidence) == (officer, due, evidence)

    def refused(self, reason: str) -> Rejected:
        """Return the line as one that goes back."""
        return Rejected(self.row.row, reason, sheet=self.row.sheet, who=self.row.who)


@dataclass(frozen=True, slots=True)
class Promises:
    """A sheet read whole; ``empty``: lines in which neither officer nor day is filled in."""

    taken: Sequence[Promised]
    rejected: Sequence[Rejected]
    empty: int


def read_promises(content: bytes, words: Words, admit: Admit) -> Promises:
    """Read a sheet line by line: a wrong one goes back by itself. Raises RefusedError for no such sheet."""
    table = open_table(content, NEEDED, words, FIELDS, ROWS_MAX)
    taken: list[Promised] = []
    rejected: list[Rejected] = []
    empty = 0
    for row in table.rows:
        if not tidy(row.seen("officer")) and not tidy(row.seen("due")):
            empty += 1
            continue
        try:
            taken.append(_promised(row, admit))
        except RefusedError as error:
            rejected.append(Rejected(row.number, error.reason, error.field, row.sheet, who_of(row)))
    if not (taken or rejected or empty):
        raise RefusedError("no_valid_row")
    return Promises(taken, rejected, empty)


def _promised(row: Row, admit: Admit) -> Promised:
    number = row.text("id_number")
    if number == NUMERIC:
        raise RefusedError("id_numeric_cell", "id_number")
    person = admit(tidy(number)).key
    kind = KINDS.get(tidy(row.text("problem")))
    if kind is None:
        raise RefusedError("unknown_problem", "problem")
    officer, evidence = _words(row, "officer"), _words(row, "evidence")
    if not officer:
        raise RefusedError("missing_field", "officer")
    known = Rejected(row.number, "", sheet=row.sheet, who=who_of(row))
    return Promised(known, person, kind, officer, day_of(row.text("due"), "due"), evidence)


def _words(row: Row, name: str) -> str:
    """Return what somebody wrote. Raises RefusedError for a number of a person, and for an essay."""
    said = clean(row.text(name)).strip()
    if redact(said) != said:
        raise RefusedError("identity_in_text", name)
    if len(said) > WORD_MAX:
        raise RefusedError("invalid_value", name)
    return said
