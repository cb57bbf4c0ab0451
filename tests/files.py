"""Files for tests: those of the folder ``field``, and workbooks made up on the spot; and how they are read."""

import io
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import orjson
from pydantic import SecretStr

from chassis.privacy import vault
from chassis.settings import Settings
from contracts.events.partner import PartnerEvent
from contracts.vocabulary import Source
from services.gateway.intake.people import admitter, row_vault, tagger
from services.gateway.intake.receipts import receipt_of
from services.gateway.intake.register import RegisterReading
from services.gateway.intake.rosters import RosterReader
from services.gateway.intake.taken import Roster
from tests.builders import an_id_number

FIELD = Path(__file__).parent / "field"
NOW = datetime(2026, 11, 26, 10, tzinfo=timezone(timedelta(hours=8)))
SETTINGS = Settings(synthetic=True, identity_key=SecretStr("22" * 32))
DESK = RosterReader(admitter(SETTINGS, NOW.date), lambda: NOW, rows=row_vault(SETTINGS))
VAULT = vault("22" * 32, "AES-256-GCM")
CIVIL, TAX = Source.CIVIL_AFFAIRS, Source.TAX
MAY = date(2023, 5, 1)
OCTOBER = date(2026, 10, 1)


def read(
    content: str | bytes,
    source: Source = CIVIL,
    month: date = MAY,
    *,
    full: bool = True,
    **more: Any,
) -> Roster:
    """Read a file of this folder, or bytes, as a list of a source."""
    found = (FIELD / content).read_bytes() if isinstance(content, str) else content
    whole = full and source in {CIVIL, Source.RURAL_REVITALISATION, Source.DISABLED_FEDERATION}
    return DESK.begin(source, found, month=month, year=2023, full=whole, **more).whole()


def told(roster: Roster, part: str) -> list[Any]:
    """Return one part of every fact."""
    return [getattr(fact, part) for _, fact in roster.facts]


def opened(fact: PartnerEvent) -> dict[str, str]:
    """Open what a list said of a person."""
    found: dict[str, str] = orjson.loads(VAULT.open(fact.identity_sealed, fact.person))  # type: ignore[attr-defined]
    return found


def back(roster: Roster) -> list[tuple[int, str, str]]:
    """Return the rows that went back."""
    return [(one.row, one.reason, one.field) for one in roster.rejected]


HEAD = ["姓名", "身份证号", "人员类别", "乡镇"]


def a_row(number: int) -> list[Any]:
    """Return a person of low income."""
    return ["赵", an_id_number(number), "低保对象", "城关镇"]


def fill(sheet: Any, rows: list[list[Any]]) -> None:
    """Write rows."""
    for row in rows:
        sheet.append(row)


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def a_workbook(*sheets: list[list[Any]]) -> bytes:
    """Return a workbook with these sheets, named 表1, 表2 and so on."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        fill(book.create_sheet(f"表{number}"), rows)
    return saved(book)


def stray(cell: str, value: str | None) -> bytes:
    """Return a workbook with one person, and one cell far away."""
    book = openpyxl.Workbook()
    fill(book.active, [HEAD, a_row(1)])
    book.active[cell].value = value
    book.active[cell].font = openpyxl.styles.Font(bold=True)
    return saved(book)


def text_of(roster: Roster) -> str:
    """Return the receipt as its sender reads it."""
    text: str = receipt_of(CIVIL, roster, None).as_json()["text"]
    return text


def read_register(content: str | bytes, year: int) -> RegisterReading:
    """Read a register."""
    found = (FIELD / content).read_bytes() if isinstance(content, str) else content
    reading = RegisterReading(Source.BUREAU, year, "b", "d", NOW)
    for _ in reading.pages_of(io.BytesIO(found), tagger(SETTINGS, NOW.date)):
        pass
    return reading
