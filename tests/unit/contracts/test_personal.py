"""Numbers of people are found however they are written, and what is none is left alone."""

from datetime import date

import pytest

from contracts.identity import check_character
from contracts.personal import REDACTED, holds, is_somebody, redact

TODAY = date(2026, 11, 27)


def an_id(first_17: str) -> str:
    """Return a number with its check character; the address codes are unassigned ones."""
    return first_17 + check_character(first_17)


ID = an_id("34169919570301123")


@pytest.mark.parametrize(
    "written",
    [
        "13912345678", "tel.13912345678", "电话:13912345678.", "139-1234-5678", "139 1234 5678", "139.1234.5678", "+8613912345678",
        "+86 139 1234 5678", "008613912345678", "86-139-1234-5678", "１３９１２３４５６７８",
        "139\u200b12345678", "139–1234–5678", "1 3 9 1 2 3 4 5 6 7 8",
        ID, ID.lower(), f"{ID[:6]} {ID[6:14]} {ID[14:]}", f"{ID[:6]}-{ID[6:14]}-{ID[14:]}",
        " ".join(ID), "".join(chr(ord(sign) + 0xFEE0) for sign in ID), "341699570301123",
    ],
)  # fmt: skip
def test_a_number_is_found_in_every_spelling(written: str) -> None:
    """Blanks, dashes, full width, a country code, an invisible sign between the digits."""
    assert redact(f"电话 {written} 张某") != f"电话 {written} 张某"
    assert written not in redact(f"备注：{written}")


@pytest.mark.parametrize(
    "written",
    [
        "2023-05-01 至 2023-06-30", "8330.00", "2026-11-27 06:46:01", "H34169903:2023-000123",
        "亳医发〔2023〕17号", "第 12 批 3456 人", "0558-5123456", "128 64 32 16 8 4 2 1 0 0 1",
        "金额1500.00-300.00-1200.00", "1500.00 300.00 1200.00", "16.50 / 30 / 495.00",
        "2023.1.5-2023.1.15 12天", "2023-1-8 2023-12-10 3天", "1350.00-200.00-1150.00",
        "设备号 4A:3B:2C", "合计 1234567.89 元", "邮编 236000", "２０２３年５月",
    ],
)  # fmt: skip
def test_what_is_no_number_of_anybody_stays_as_it_is(written: str) -> None:
    """Dates, amounts, document numbers, a landline, the number of a bill."""
    assert redact(written) == written


def test_a_text_keeps_its_signs_where_nothing_was_found() -> None:
    """Full width is changed only where something is taken out."""
    assert redact("（全角）１２３") == "（全角）１２３"
    assert redact("手机１３９１２３４５６７８") == f"手机{REDACTED}"


def test_a_bill_numbered_with_a_person_is_known_and_a_hospital_s_counter_is_not() -> None:
    """Area, day and counter are eighteen digits too; one in eleven has the right last digit by chance."""
    assert is_somebody(ID, TODAY)
    assert is_somebody(f"H34169903:{ID}", TODAY)
    assert is_somebody(f"{ID[:6]}-{ID[6:14]}-{ID[14:]}", TODAY)
    assert is_somebody(f"{ID}44", TODAY), (
        "a disability certificate: kind and grade behind the number"
    )
    assert is_somebody(f"2023-{ID}", TODAY), "a year before it"
    assert is_somebody(f"ZY20230501{ID}", TODAY), "a day before it"
    for counter in ("150-2023-0001", "180_2024_0123", "ZY150-2024-0012", "ICU-150.2024.0012"):
        assert not is_somebody(counter, TODAY), "department, year, counter"
    counters = [an_id(f"341699{day}{n:03d}") for day in (20260501, 20230501) for n in range(300)]
    assert not any(is_somebody(one, TODAY) for one in counters)
    assert not is_somebody("2023-000123", TODAY)
    assert not is_somebody("13912345678", TODAY), "a counter may have come that far"
    assert is_somebody("139-1234-5678", TODAY), "but nobody groups a counter like that"


def test_the_patient_s_own_number_is_found_inside_a_longer_one() -> None:
    """Also behind a letter, and in groups."""
    assert holds(f"ZY{ID}001", ID)
    assert holds(f"zy-{ID[:6]}-{ID[6:14]}-{ID[14:].lower()}", ID)
    assert not holds("ZY2023000123", ID)
    assert holds(f"2023-{ID}", f"{ID[:6]} {ID[6:]}"), "as it was typed"
    assert not holds("", ID)
    assert not holds("ZY1", "")
