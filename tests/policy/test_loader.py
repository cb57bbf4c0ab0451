"""Packs are whole and can be found: every claim of every month has exactly one rule."""

from datetime import date
from pathlib import Path

import pytest

from policy.coverage import dimensions
from policy.loader import PACKS, load_pack, pack_names
from tests.builders import a_stay


@pytest.mark.parametrize("name", pack_names())
def test_every_category_level_and_first_of_a_month_has_exactly_one_rule(name: str) -> None:
    """Walks the whole year through every level, area, category and kind: no gap, no overlap."""
    pack = load_pack(name)
    known = dimensions(pack)
    walked = 0

    for month in range(1, 13):
        day = date(pack.valid_from.year, month, 1).isoformat()
        for kind in known["kind"]:
            for level in known["level"]:
                for area in known["area"]:
                    claim = a_stay(kind=kind, level=level, area=area, on=day)
                    for category in known["category"]:
                        assert pack.terms("settlement", claim, category, 1)
                        assert pack.terms("assistance", claim, category, 2)
                        walked += 1

    assert walked == 12 * 3 * len(pack.levels) * len(pack.areas) * len(known["category"])


def test_an_unknown_pack_is_answered_with_the_known_ones() -> None:
    """A typing slip is easy to mend."""
    with pytest.raises(FileNotFoundError, match="lixin-2023"):
        load_pack("lixin-1023")


def test_a_draft_can_be_read_from_any_path(tmp_path: Path) -> None:
    """An officer tries a change before it is published."""
    draft = tmp_path / "draft.yaml"
    draft.write_text((PACKS / "lixin-2023" / "pack.yaml").read_text(encoding="utf-8"))

    assert load_pack(str(draft)).version == load_pack("lixin-2023").version
