"""Which county an installation is for: said, kept, the pack's own, or a clear question."""

from datetime import date
from pathlib import Path

import pytest

from services.gateway.refusals import RefusedError
from services.gateway.regions import RegionError, known_counties, namer
from yingbao.running.county import chosen_county, shown

TODAY = date(2026, 11, 1)


def test_the_packs_own_county_is_chosen_at_the_first_start_and_kept(tmp_path: Path) -> None:
    """Nobody has to know a code to try the platform; what was chosen does not change by itself."""
    first = chosen_county("", tmp_path, "lixin-2023")
    later = chosen_county("", tmp_path, "wenshang-2020")

    assert (first, later) == ("341623", "341623")
    assert shown(first) == "341623 利辛县 (23 个乡镇)"


def test_what_is_said_replaces_what_was_kept(tmp_path: Path) -> None:
    """A wrong choice is put right by saying the right one once."""
    chosen_county("341623", tmp_path, "lixin-2023")

    assert chosen_county("370830", tmp_path, "lixin-2023") == "370830"
    assert chosen_county("", tmp_path, "lixin-2023") == "370830"


@pytest.mark.parametrize(("said", "packs"), [("999999", "lixin-2023"), ("", "kaifeng-2017")])
def test_a_county_without_a_table_is_no_county(tmp_path: Path, said: str, packs: str) -> None:
    """The start names the tables that there are; nothing is kept of a choice that failed."""
    with pytest.raises(RegionError) as refused:
        chosen_county(said, tmp_path, packs)

    assert all(code in str(refused.value) for code in known_counties())
    assert list(tmp_path.iterdir()) == []


def test_a_typo_invents_no_township() -> None:
    """A township that the county has not goes back to the sender."""
    with pytest.raises(RefusedError, match="unknown_township"):
        namer("341623")("成关镇", TODAY)
    with pytest.raises(RegionError, match="没有写明县区"):
        namer("")
