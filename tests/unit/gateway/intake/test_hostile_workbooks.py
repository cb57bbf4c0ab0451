"""Workbooks that lie about places: refused in the pre-check, in kilobytes, before any parser sees them."""

import io
import zipfile

import pytest

from services.gateway.refusals import RefusedError
from tests.files import HEAD, a_row, back, read

BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{}</sheets></workbook>'
)
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)


def by_hand(
    *sheets: str, part: str = "worksheets/sheet{}.xml", same: bool = False, texts: bytes = b"",
    styles: bytes = b"",
) -> bytes:  # fmt: skip
    """Return a workbook from the XML of its rows, as a program of somebody's own writes it."""
    out = io.BytesIO()
    numbers = range(1, len(sheets) + 1)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", TYPES)
        root = f'<Relationship Id="r1" Type="{KIND}/officeDocument" Target="xl/workbook.xml"/>'
        parts.writestr("_rels/.rels", RELATIONS.format(root))
        names = "".join(
            f'<sheet name="表{n}" sheetId="{n}" r:id="r{1 if same else n}"/>' for n in numbers
        )
        parts.writestr("xl/workbook.xml", BOOK.format(names))
        links = "".join(
            f'<Relationship Id="r{n}" Type="{KIND}/worksheet" Target="{part.format(n)}"/>'
            for n in numbers
        )
        if texts:
            links += f'<Relationship Id="t" Type="{KIND}/sharedStrings" Target="texts.xml"/>'
            parts.writestr("xl/texts.xml", b"<sst>" + texts + b"</sst>")
        if styles:
            parts.writestr("xl/styles.xml", b"<styleSheet>" + styles + b"</styleSheet>")
        parts.writestr("xl/_rels/workbook.xml.rels", RELATIONS.format(links))
        for n, rows in zip(numbers, sheets, strict=True):
            parts.writestr(f"xl/{part.format(n)}", SHEET.format(rows))
    return out.getvalue()


def a_line(number: int, *cells: str) -> str:
    """Return a row's XML with inline texts."""
    found = "".join(
        f'<c r="{chr(65 + n)}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for n, text in enumerate(cells)
    )
    return f'<row r="{number}">{found}</row>'


GOOD = a_line(1, *HEAD) + a_line(2, *map(str, a_row(1)))


@pytest.mark.parametrize(
    ("what", "rows", "reason"),
    [
        (
            "a cell that lies elsewhere than its row",
            '<row r="3"><c r="XFD1048576"><v>1</v></c></row>',
            "stray_cell",
        ),
        (
            "a row without a number, a cell far away",
            '<row><c r="A4000000"><v>1</v></c></row>',
            "doubled_row",
        ),
        (
            "blanks around the reference",
            '<row r = "3"><c r = "XFD3"><v>1</v></c><c r="A1048576"/></row>',
            "doubled_row",
        ),
        ("a far row first", '<row r="1048570"><c r="XFD1048570"><v>1</v></c></row>', "stray_cell"),
        (
            "a row beyond the end",
            '<row r="99999999"><c r="A99999999"><v>1</v></c></row>',
            "not_a_table",
        ),
        ("two rows under one number", a_line(2, *map(str, a_row(2))), "doubled_row"),
        ("a document type", "<!DOCTYPE a>", "not_a_table"),
        ("cells that never close", "<c " * 20_000, "not_a_table"),
    ],
)
def test_a_workbook_that_lies_about_places_is_refused_before_it_is_parsed(
    what: str, rows: str, reason: str
) -> None:
    """Two kilobytes made the process ask for half a terabyte, or a person vanish."""
    with pytest.raises(RefusedError) as refused:
        read(by_hand(GOOD + rows), full=False)
    assert refused.value.reason == reason, what


def test_a_sheet_wherever_it_lies_is_looked_through() -> None:
    """Its errors are found under any name, and a part is no two sheets."""
    error = GOOD + a_line(3, *map(str, a_row(2))).replace("低保对象", "").replace(
        '<c r="C3" t="inlineStr"><is><t></t></is></c>', '<c r="C3" t="e"><v>#N/A</v></c>'
    )
    for part in ("sheets/foo{}.xml", "worksheets/Sheet{}.XML"):
        assert back(read(by_hand(error, part=part), full=False)) == [(3, "cell_error", "category")]
    with pytest.raises(RefusedError, match="not_a_table"):
        read(by_hand(GOOD, GOOD, same=True))


def test_many_small_sheets_together_are_bounded() -> None:
    """Six far corners are as large as one that is six times as far."""
    far = GOOD + '<row r="400000"><c r="Z400000"><v>1</v></c></row>'

    with pytest.raises(RefusedError, match="stray_cell"):
        read(by_hand(far, far, far))


MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    ("what", "parts"),
    [
        ("twelve million shared texts", {"texts": b"<si><t>AAAA</t></si>" * (12 * MEGABYTE)}),
        ("thirty million empty ones", {"texts": b"<si/>" * (30 * MEGABYTE)}),
        ("one text of 60 MB", {"texts": b"<si><t>" + b"A" * (60 * MEGABYTE) + b"</t></si>"}),
        (
            "thirty million styles, which only the library reads",
            {"styles": b"<xf/>" * (30 * MEGABYTE)},
        ),
    ],
)
def test_a_small_file_that_unpacks_without_end_is_refused_before_it_is_parsed(
    what: str, parts: dict[str, bytes]
) -> None:
    """Some hundred kilobytes took a thread for two minutes, and 2.7 GB of memory."""
    bomb = by_hand(GOOD, **parts)  # type: ignore[arg-type]

    assert len(bomb) < MEGABYTE, what
    with pytest.raises(RefusedError, match="file_too_large"):
        read(bomb, full=False)


def test_the_texts_that_cells_share_are_bounded_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook of another program is read with its texts; one text more than the bound is refused."""
    texts = b"<si><t>\xe7\x94\xb2</t></si>" * 3
    assert back(read(by_hand(GOOD, texts=texts), full=False)) == []

    monkeypatch.setattr("services.gateway.intake.reading.bounds.STRINGS_MAX", 2)
    with pytest.raises(RefusedError, match="too_many_cells"):
        read(by_hand(GOOD, texts=texts), full=False)


def with_texts_named_plainly(table: bytes) -> bytes:
    """Return a workbook whose shared texts lie where the library looks for them by itself."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(by_hand(GOOD, texts=b"<si/>"))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name).replace(b"texts.xml", b"sharedStrings.xml")
            plain = name == "xl/texts.xml"
            target.writestr("xl/sharedStrings.xml" if plain else name, table if plain else content)
    return out.getvalue()


@pytest.mark.parametrize("count", ["400000000000", "18446744073709551615"])
def test_a_file_that_ends_the_process_that_opens_it_is_refused_and_ends_no_door(count: str) -> None:
    """Sixteen hundred bytes that promise so many texts: the library asks for terabytes, and aborts."""
    hostile = with_texts_named_plainly(b'<sst uniqueCount="%s"><si/></sst>' % count.encode())

    with pytest.raises(RefusedError, match="file_too_large"):
        read(hostile, full=False)


def test_cells_behind_a_strange_prefix_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library reads them by their local name, so the look before does too."""
    monkeypatch.setattr(
        "services.gateway.intake.reading.table.open_elsewhere_first", lambda _: None
    )
    far = '<row r="1048576"><a-b:c r="XFD1048576"><v>1</v></a-b:c></row>'

    with pytest.raises(RefusedError):
        read(by_hand(GOOD + far), full=False)


def test_two_sheets_of_one_name_are_no_workbook() -> None:
    """The second would be bounded, and the first read twice."""
    twice = by_hand(GOOD, GOOD)
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(twice)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name).replace("表2".encode(), "表1".encode()))

    with pytest.raises(RefusedError, match="not_a_table"):
        read(out.getvalue(), full=False)
