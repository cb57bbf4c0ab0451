"""A pack is read to the letter: each mistake is an error with file, line and a hint."""

from pathlib import Path

import pytest

from policy.loader import load_pack, parse_pack
from policy.reading import PackError
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


def test_a_claim_without_a_rule_is_an_error_not_a_zero() -> None:
    """Were a pack changed behind the loader's back, the engine would still not guess."""
    pack = load_pack("lixin-2023")
    claim = a_stay(level="L2")
    context = pack.context(claim, "NONE", 1) | {"level": "L9"}

    with pytest.raises(RuleError, match="bmi_inpatient: gap on 2023-05-18"):
        compile_layer(pack.layers[0], claim.discharge, context)
