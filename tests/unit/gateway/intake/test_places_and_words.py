"""What departments write is read by data: names of places on a day, words of each source."""

from datetime import date
from pathlib import Path

import pytest

from services.gateway.intake.reading.columns import Words, WordsError, words_of
from services.gateway.refusals import RefusedError
from services.gateway.regions import RegionError, namer

TODAY = date(2023, 6, 1)


@pytest.mark.parametrize(
    ("county", "written", "official"),
    [
        ("341623", "城关", "城关镇"),
        ("341623", " 利辛县马店镇 ", "马店孜镇"),
        ("522633", "刚边乡", "刚边壮族乡"),
        ("522633", "翠里瑶族壮族乡", "翠里瑶族壮族乡"),
        ("370830", "中都", "中都街道"),
    ],
)
def test_a_township_is_counted_under_its_official_name(
    county: str, written: str, official: str
) -> None:
    """Short, old and ethnic names are one township."""
    assert namer(county)(written, TODAY) == official


def test_a_township_that_does_not_exist_yet_is_refused() -> None:
    """丙梅街道 stands in the tables since 2024."""
    assert namer("522633")("丙梅街道", date(2024, 6, 1)) == "丙梅街道"
    with pytest.raises(RefusedError, match="unknown_township"):
        namer("522633")("丙梅街道", TODAY)


def test_a_township_that_was_taken_in_goes_by_the_name_of_the_other(tmp_path: Path) -> None:
    """People of the old one are counted in the new one from that day."""
    table = tmp_path / "county.yaml"
    table.write_text(
        'county: "341699"\nname: 示例县\ntownships:\n'
        '  - {code: "100", name: 东镇, to: 2023-05-31, into: "101"}\n'
        '  - {code: "101", name: 大镇, from: 2023-01-01}\n'
    )
    place = namer(str(table))

    assert [place("东镇", day) for day in (date(2023, 5, 31), date(2023, 6, 1))] == ["东镇", "大镇"]


@pytest.mark.parametrize(
    "rows",
    [
        ['{code: "100", name: 东山镇}', '{code: "101", name: 东山乡}'],
        ['{code: "100", name: 东镇, into: "999"}'],
        ["{code: 1, name: 东镇}"],
    ],
)
def test_a_region_table_with_a_mistake_stops_the_start(tmp_path: Path, rows: list[str]) -> None:
    """Two townships of one short name, an heir that is not there, a code that is none."""
    table = tmp_path / f"{abs(hash(tuple(rows)))}.yaml"
    lines = "".join(f"  - {row}\n" for row in rows)
    table.write_text(f'county: "341699"\nname: 示例县\ntownships:\n{lines}')

    with pytest.raises(RegionError):
        namer(str(table))


def test_a_source_has_words_of_its_own() -> None:
    """2 is 特困 in the export of civil affairs, and nothing in that of rural revitalisation."""
    civil, rural = words_of("civil_affairs"), words_of("rural_revitalisation")

    assert (civil.category_of("2")[0], rural.category_of("2")[0]) == ("DESTITUTE", None)
    assert rural.actions["消除风险"] == "removed"
    assert civil.field_of("审批日期") == "effective"


def write(path: Path, text: str) -> None:
    """Write a file of the county's folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_county_adds_its_own_words_without_touching_ours(tmp_path: Path) -> None:
    """A folder of the county's, read on top: of everybody, and of one department."""
    write(tmp_path / "words.yaml", "headers:\n  phone: [手提电话]\n")
    write(tmp_path / "partners" / "tax.yaml", "words:\n  headers:\n    amount: [实收]\n")

    assert words_of("tax", tmp_path).field_of("实收") == "amount"
    assert words_of("police", tmp_path).field_of("手提电话") == "phone"
    assert words_of("police", tmp_path).field_of("实收") is None
    assert words_of("tax").field_of("实收") is None


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("words.yaml", "headers:\n  name: [证件号]\n"),
        ("words.yaml", "heders: {}\n"),
        ("words.yaml", "a: ["),
        ("partners/tax.yaml", "words:\n  headers:\n    name: [证件号]\n"),
        ("partners/tax.yaml", "words:\n  codes:\n    POOR: [穷]\n"),
        ("partners/tax.yaml", "nmae: 税务\n"),
        ("partners/Tax Office.yaml", "name: 税务\n"),
        ("partners/veterans.yaml", "reports: [StatusReported]\n"),
        ("partners/tax.yaml", "[税务]\n"),
        ("categories.yaml", "FLOOD: {words: [受灾户]}\n"),
        ("categories.yaml", "flood: {zh: 受灾户}\n"),
        ("categories.yaml", "NONE: {zh: 无}\n"),
        ("categories.yaml", "SUBSISTENCE: {words: [特困]}\n"),
        ("sheets/mine.yaml", "title: 名单\nwhere: {}\n"),
    ],
)
def test_words_with_two_meanings_or_unknown_names_stop_the_start(
    tmp_path: Path, file: str, text: str
) -> None:
    """One word, one meaning; a typing slip is noticed."""
    write(tmp_path / file, text)

    with pytest.raises(WordsError):
        words_of("tax", tmp_path)


def test_common_words_have_one_meaning_each() -> None:
    """The files we ship are whole."""
    assert isinstance(words_of("disabled_federation"), Words)
