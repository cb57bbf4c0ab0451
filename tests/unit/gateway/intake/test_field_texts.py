"""Text files as offices export them: encodings, separators, headers over two lines."""

import pytest

from tests.builders import an_id_number
from tests.files import (
    HEAD,
    a_row,
    a_workbook,
    back,
    opened,
    read,
    told,
)


@pytest.mark.parametrize("text", ["赵_xD800_", "赵_xD840__xDC87_"])
def test_half_a_character_takes_no_file_along(text: str) -> None:
    """Two halves are the character, one alone is nothing."""
    roster = read(a_workbook([HEAD, [text, *a_row(1)[1:]]]))

    assert opened(roster.facts[0][1])["name"] in {"赵", "赵\U00020087"}


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#VALUE!", "########"])
def test_an_error_in_a_text_file_is_no_name(text: str) -> None:
    """The same as in a workbook."""
    content = f"{','.join(HEAD)}\n{text},{an_id_number(1)},低保对象,城关镇\n钱,{an_id_number(2)},低保对象,城关镇"

    assert back(read(content.encode())) == [(2, "cell_error", "name")]


def test_a_header_over_two_lines_of_a_text_file_is_read() -> None:
    """Only together are the lines complete."""
    rows = [
        "姓名,身份证号,人员类别,住址,",
        ",,,乡镇,门牌号",
        f"赵,{an_id_number(1)},低保对象,城关镇,7号",
    ]

    assert told(read("\n".join(rows).encode()), "township") == ["城关镇"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read(encoding: str) -> None:
    """Its first characters are Chinese, and have no NUL in them."""
    rows = [",".join(HEAD), f"赵,{an_id_number(1)},低保对象,城关镇"]

    assert len(read("\r\n".join(rows).encode(encoding)).facts) == 1


def test_what_stands_between_cells_is_told_by_the_header() -> None:
    """Phones with semicolons make no file of semicolons."""
    rows = [
        f'赵,{an_id_number(n)},低保对象,城关镇,"1990000000{n};1990000001{n};1990000002{n}"'
        for n in (1, 2, 3)
    ]

    assert len(read("\n".join([",".join([*HEAD, "电话"]), *rows]).encode()).facts) == 3
