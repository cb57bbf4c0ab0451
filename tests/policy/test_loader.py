"""A pack is read to the letter: each mistake is an error with file, line and a hint."""

from datetime import date
from pathlib import Path

import pytest

from policy.coverage import dimensions
from policy.loader import PACKS, PackError, load_pack, pack_names, parse_pack
from policy.terms import RuleError, compile_layer
from tests.builders import a_stay

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_mistake_in_a_pack_is_named_with_its_line_and_a_hint(path: Path) -> None:
    """One file a mistake; its first line is the message that the officer who edits it gets."""
    text = path.read_text(encoding="utf-8")

    with pytest.raises(PackError) as refused:
        parse_pack(text, path.name)

    assert str(refused.value) == text.splitlines()[0].removeprefix("# ")


def test_every_kind_of_mistake_has_its_example() -> None:
    """The list cannot shrink unseen."""
    assert len(BROKEN) >= 30


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


def test_a_claim_without_a_rule_is_an_error_not_a_zero() -> None:
    """Were a pack changed behind the loader's back, the engine would still not guess."""
    pack = load_pack("lixin-2023")
    claim = a_stay(level="L2")
    context = pack.context(claim, "NONE", 1) | {"level": "L9"}

    with pytest.raises(RuleError, match="bmi_inpatient: gap on 2023-05-18"):
        compile_layer(pack.layers[0], claim.discharge, context)


def test_an_unknown_pack_is_answered_with_the_known_ones() -> None:
    """A typing slip is easy to mend."""
    with pytest.raises(FileNotFoundError, match="lixin-2023"):
        load_pack("lixin-1023")


def test_a_draft_can_be_read_from_any_path(tmp_path: Path) -> None:
    """An officer tries a change before it is published."""
    draft = tmp_path / "draft.yaml"
    draft.write_text((PACKS / "lixin-2023" / "pack.yaml").read_text(encoding="utf-8"))

    assert load_pack(str(draft)).version == load_pack("lixin-2023").version
