"""A pack is read to the letter: each mistake is an error with file, line and a hint."""

from datetime import date

import pytest

from policy.loader import PACKS, PackError, load_pack, parse_pack
from policy.pack import RuleError
from tests.builders import a_stay

TEXT = (PACKS / "lixin-2023.yaml").read_text(encoding="utf-8")
SOURCE = "source: {document: 皖医保发〔2019〕11号, clause: 一级及以下医疗机构起付线200元、报销比例85%, mark: R}"


def line_of(text: str, part: str) -> int:
    """Return the line a part stands on."""
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("mistake", "right", "wrong", "message"),
    [
        ("an unknown key", 'deductible: "200.00"', 'deductable: "200.00"', "unknown key 'deductable'"),
        ("a float", 'deductible: "200.00"', "deductible: 200.0", "not an amount"),
        ("a rate above 100 %", "[{ratio: 85%}]", "[{ratio: 101%}]", "out of range"),
        ("a rate as a float", "[{ratio: 85%}]", "[{ratio: 0.85}]", "not a ratio"),
        ("a missing source", SOURCE, "", "'source' is missing"),
        ("an unknown mark", "mark: R}\n      - when: {level: L2", "mark: Q}\n      - when: {level: L2", "unknown mark"),
        ("segments out of order", '{up_to: "100000.00", ratio: 65%}', '{up_to: "40000.00", ratio: 65%}', "not in order"),
        ("an unknown condition", "when: {level: L1, area", "when: {height: L1, area", "unknown condition"),
        ("an unknown cap", "caps: [bmi_annual]", "caps: [bmi_yearly]", "unknown cap"),
        ("a doubled key", 'area_code: "341623"', 'area_code: "341623"\narea_code: "341623"', "stands twice"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_pack_is_named_with_its_line(
    mistake: str, right: str, wrong: str, message: str
) -> None:
    """An officer who edits a pack is told where and what."""
    assert right in TEXT
    broken = TEXT.replace(right, wrong, 1)

    with pytest.raises(PackError) as refused:
        parse_pack(broken, "mine.yaml")

    assert message in str(refused.value), mistake
    assert str(refused.value).startswith("mine.yaml:")
    assert abs(refused.value.line - line_of(TEXT, right)) <= 6


def test_two_rules_on_one_day_are_an_error_not_a_choice() -> None:
    """Overlap names the lines; neither rule wins silently."""
    rule = TEXT[
        TEXT.index("      - when: {level: L1, area: [local, cross]}") : TEXT.index(
            "      - when: {level: L2"
        )
    ]
    pack = parse_pack(TEXT.replace(rule, rule + rule, 1), "mine.yaml")

    with pytest.raises(RuleError, match="overlap"):
        pack.terms("settlement", a_stay(level="L1"), "NONE", 1)


def test_a_missing_rule_is_an_error_not_a_zero() -> None:
    """A gap names the layer, the day and the claim it leaves without a rule."""
    rule = TEXT[
        TEXT.index("      - when: {level: L1, area: [local, cross]}") : TEXT.index(
            "      - when: {level: L2"
        )
    ]
    pack = parse_pack(TEXT.replace(rule, "", 1), "mine.yaml")

    with pytest.raises(RuleError, match="bmi_inpatient: gap on 2023-05-18"):
        pack.terms("settlement", a_stay(level="L1"), "NONE", 1)


def test_every_category_level_area_and_month_has_exactly_one_rule() -> None:
    """Walks the whole year: no gap, no overlap."""
    pack = load_pack("lixin-2023")
    categories = ["NONE", *pack.priority]
    walked = 0

    for month in range(1, 13):
        for level in pack.levels:
            for area in pack.areas:
                for category in categories:
                    for kind in ("inpatient", "chronic_outpatient", "general_outpatient"):
                        claim = a_stay(
                            kind=kind, level=level, area=area, on=str(date(2023, month, 1))
                        )
                        for stage in ("settlement", "assistance"):
                            pack.terms(stage, claim, category, 1)
                            walked += 1

    assert walked == 12 * len(pack.levels) * len(pack.areas) * len(categories) * 3 * 2


def test_an_unknown_pack_is_answered_with_the_known_ones() -> None:
    """A typing slip is easy to mend."""
    with pytest.raises(FileNotFoundError, match="lixin-2023"):
        load_pack("lixin-1023")
