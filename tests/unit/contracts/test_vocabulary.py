"""Categories, departments and sheets as files: what is read, what a county adds, what is refused."""

from pathlib import Path

import pytest

from contracts.county_files import VocabularyError, county_folder
from contracts.vocabulary import (
    CATEGORIES,
    CATEGORY_ZH,
    PARTNERS,
    SOURCE_ZH,
    Category,
    Source,
)
from contracts.vocabulary_files import REPORTABLE, read_vocabulary
from services.gateway.intake.reports import BODIES


def write(path: Path, text: str) -> None:
    """Write a file of a county's folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_every_category_has_its_official_term() -> None:
    """And whoever has none has one too."""
    assert {one.value for one in Category} == CATEGORIES.keys()
    assert CATEGORY_ZH["NONE"] == "普通居民"
    assert all(CATEGORY_ZH.values())


def test_every_department_has_its_name() -> None:
    """The code knows some of them by name: they are there."""
    assert {one.value for one in Source} == PARTNERS.keys() == SOURCE_ZH.keys()
    for known in ("BUREAU", "TOWNSHIP_OFFICE", "TAX", "POLICE", "EMPLOYEE_INSURANCE", "OTHER_AREA"):
        assert Source[known].value == known.lower()


@pytest.mark.parametrize(
    ("source", "reports", "sends"),
    [
        ("civil_affairs", {"StatusReported", "DeathReported"}, "roster"),
        ("rural_revitalisation", {"StatusReported", "DeathReported"}, "monitored"),
        ("disabled_federation", {"StatusReported"}, "roster"),
        ("police", {"DeathReported", "IdentityChanged"}, "deaths"),
        ("funeral_home", {"DeathReported"}, "deaths"),
        ("health", {"DeathReported", "ChronicAssessmentReported"}, "deaths"),
        ("tax", {"PremiumPaid", "PremiumRefunded"}, "premiums"),
        ("employee_insurance", {"CoverageElsewhereReported"}, "elsewhere"),
        ("other_area", {"CoverageElsewhereReported", "PremiumRefunded"}, "elsewhere"),
        (
            "township_office",
            {"FlagApplied", "ChronicAssessmentReported", "IdentityChanged", "JustificationReported"},
            None,
        ),
        (
            "bureau",
            {
                "FlagDecided", "ChronicAssessmentReported", "ManualAssistancePaid",
                "IdentityChanged", "PremiumRefunded", "JustificationReported", "OutOfAreaFiled",
            },
            None,
        ),
    ],
)  # fmt: skip
def test_a_department_says_what_is_its_own(
    source: str, reports: set[str], sends: str | None
) -> None:
    """Nobody reports what another department knows."""
    assert (PARTNERS[source].reports, PARTNERS[source].list) == (reports, sends)


def test_a_county_adds_a_category_and_words_of_another(tmp_path: Path) -> None:
    """Ours stay, and grow by its words."""
    write(
        tmp_path / "categories.yaml",
        "FLOOD_VICTIM: {zh: 受灾困难人口, words: [受灾户]}\nSUBSISTENCE: {words: [吃低保的]}\n",
    )

    found = read_vocabulary(tmp_path).categories

    assert found["FLOOD_VICTIM"].zh == "受灾困难人口"
    assert not found["FLOOD_VICTIM"].must_enrol
    assert {"低保户", "吃低保的"} <= set(found["SUBSISTENCE"].words)
    assert found["SUBSISTENCE"].zh == "低保对象"
    assert "FLOOD_VICTIM" not in CATEGORIES


def test_a_county_adds_what_a_department_may_report(tmp_path: Path) -> None:
    """Its list grows; its name may be the county's own."""
    write(
        tmp_path / "partners" / "police.yaml",
        "name: 县公安局\nreports: [JustificationReported]\nwords: {headers: {died: [故去日期]}}\n",
    )

    police = read_vocabulary(tmp_path).partners["police"]

    assert police.name == "县公安局"
    assert police.reports == {"DeathReported", "IdentityChanged", "JustificationReported"}
    assert police.words["headers"]["died"] == ("故去日期",)
    assert police.authority == {"deaths"}


def test_a_county_adds_a_sheet_and_leaves_ours_as_they_are(tmp_path: Path) -> None:
    """The numbers of the equation and their sheets go together: a name of ours is taken."""
    mine = "title: 未参保\nwhere: {enrolled: false}\ncolumns: [year]\n"
    write(tmp_path / "sheets" / "mine.yaml", mine)
    assert read_vocabulary(tmp_path).sheets["mine"].title == "未参保"

    for taken in ("missing", "chronic", "one_stop"):
        write(tmp_path / taken / "sheets" / f"{taken}.yaml", mine)
        with pytest.raises(VocabularyError, match="already"):
            read_vocabulary(tmp_path / taken)


def test_what_only_the_county_names_is_told_apart(tmp_path: Path) -> None:
    """Of that no pack can say anything."""
    write(tmp_path / "categories.yaml", "FLOOD_VICTIM: {zh: 受灾困难人口}\nORPHAN: {words: [孤]}\n")
    write(tmp_path / "partners" / "veterans.yaml", "name: 局\n")

    assert read_vocabulary(tmp_path).added == {"FLOOD_VICTIM", "veterans"}
    assert read_vocabulary().added == frozenset()


def test_whatever_may_be_reported_can_be_read_at_the_door() -> None:
    """The names in departments' files are those of the bodies."""
    assert BODIES.keys() == REPORTABLE


@pytest.mark.parametrize(
    ("file", "text", "named"),
    [
        ("categories.yaml", "FLOOD_VICTIM: 受灾户\n", "categories.yaml"),
        ("categories.yaml", "flood victim: {zh: 受灾户}\n", "categories.yaml"),
        ("categories.yaml", "FLOOD_VICTIM: {zh: 受灾户, rank: 1}\n", "FLOOD_VICTIM"),
        ("categories.yaml", "FLOOD_VICTIM: {words: [受灾户]}\n", "FLOOD_VICTIM"),
        ("categories.yaml", "FLOOD_VICTIM: {zh: 受灾户\n", "categories.yaml"),
        ("categories.yaml", "- FLOOD_VICTIM\n", "categories.yaml"),
        ("categories.yaml", "NONE: {zh: 无}\n", "NONE"),
        ("categories.yaml", "FLOOD: {zh: 甲}\nFLOOD: {zh: 乙}\n", "categories.yaml:2.*twice"),
        ("words.yaml.bak", "", "nobody reads"),
        ("common.yaml", "headers: {}\n", "nobody reads"),
        ("civil_affairs.yaml", "headers: {}\n", "nobody reads"),
        ("partners/veterans.yml", "name: 局\n", "nobody reads"),
        ("partners/hospital.yaml", "name: 医院\n", "role"),
        ("partners/veterans.yaml", "name: 局\nreports: [StatusReport]\n", "StatusReport"),
        ("partners/veterans.yaml", "reports: [StatusReported]\n", "veterans"),
        ("partners/veterans.yaml", "name: 局\nlist: parade\n", "veterans"),
        ("partners/veterans.yaml", "name: 局\nauthority: [taxes]\n", "veterans"),
        ("partners/Veterans Office.yaml", "name: 局\n", "Veterans Office.yaml"),
        ("sheets/mine.yaml", "title: 名单\ncolumns: [year]\n", "mine"),
        ("sheets/My-List.yaml", "title: 名单\nwhere: {}\ncolumns: [year]\n", "My-List.yaml"),
    ],
)
def test_a_mistake_names_its_file(tmp_path: Path, file: str, text: str, named: str) -> None:
    """A clerk of the county finds it."""
    write(tmp_path / file, text)

    with pytest.raises(VocabularyError, match=named):
        read_vocabulary(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A typing slip in the setting."""
    with pytest.raises(VocabularyError, match="no such folder"):
        read_vocabulary(tmp_path / "nowhere")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    """Saved by an editor that writes GB 18030."""
    (tmp_path / "categories.yaml").write_bytes("FLOOD_VICTIM: {zh: 受灾户}\n".encode("gb18030"))

    with pytest.raises(VocabularyError, match=r"categories\.yaml"):
        read_vocabulary(tmp_path)


def test_the_setting_of_the_version_before_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder would be ignored in silence, and a county's words with it."""
    monkeypatch.setenv("YINGBAO_WORDS_DIR", "/somewhere")

    with pytest.raises(VocabularyError, match="YINGBAO_COUNTY_DIR"):
        county_folder()


@pytest.mark.parametrize("said", ["", "  "])
def test_an_empty_setting_is_no_folder(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """And not the directory in which somebody happens to stand."""
    monkeypatch.setenv("YINGBAO_COUNTY_DIR", said)

    assert county_folder() is None


def test_a_directory_named_like_a_file_is_one_line(tmp_path: Path) -> None:
    """Whatever is wrong with it."""
    (tmp_path / "categories.yaml").mkdir()

    with pytest.raises(VocabularyError, match=r"categories\.yaml"):
        read_vocabulary(tmp_path)
