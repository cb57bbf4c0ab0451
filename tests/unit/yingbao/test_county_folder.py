"""The folder with what a county adds is kept with the data."""

from pathlib import Path

import pytest

from contracts.county_files import COUNTY_DIR, VocabularyError
from yingbao.__main__ import data_of
from yingbao.running.county_folder import USUAL_DATA, check_everything, keep_folder, kept_folder


@pytest.mark.parametrize(
    ("arguments", "data"),
    [
        (["up", "--data", "/d"], Path("/d")),
        (["key", "list", "--data=/d"], Path("/d")),
        (["equation", "--year", "2023"], USUAL_DATA),
        (["up", "--data"], USUAL_DATA),
        (["serve", "enrollment"], None),
        (["demo"], None),
        (["policy", "check"], None),
    ],
)
def test_a_command_is_about_a_data_directory(arguments: list[str], data: Path | None) -> None:
    """Read before anything else: the vocabulary of the data is that of its folder.

    A service is told everything by its environment, and not by where somebody happens to stand.
    """
    assert data_of(arguments) == data


def test_a_folder_is_known_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the next start, in another shell."""
    county = tmp_path / "county"
    county.mkdir()
    monkeypatch.setenv(COUNTY_DIR, str(county))

    keep_folder(tmp_path / "data")

    assert kept_folder(tmp_path / "data") == county


def test_a_county_that_adds_nothing_has_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor has a platform that has never started."""
    monkeypatch.delenv(COUNTY_DIR, raising=False)
    assert kept_folder(tmp_path / "data") is None

    keep_folder(tmp_path / "data")

    assert kept_folder(tmp_path / "data") is None


def test_what_was_there_at_the_last_start_must_be_there(tmp_path: Path) -> None:
    """Bills and rows that name it could not be read."""
    (tmp_path / "county_codes.json").write_text('["FLOOD_VICTIM", "SUBSISTENCE"]')

    with pytest.raises(VocabularyError, match="FLOOD_VICTIM"):
        keep_folder(tmp_path)


def test_our_own_files_are_whole() -> None:
    """Words, departments, sheets."""
    check_everything()
