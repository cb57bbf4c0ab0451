"""A change of policy in the middle of the year: only the pack changes, and old days keep their fen."""

from policy.loader import PACKS, parse_pack
from policy.one_stop import settle
from policy.pack import Pack
from tests.builders import a_person, a_stay, yuan

SOURCE = "source: {document: 县医保局通知, clause: 自7月1日起调整, mark: A}"
OLD_RATE = """      - when: {category: SUBSISTENCE}
        from: 2023-01-01
        deductible: "0.00"
        segments: [{ratio: 75%}]
"""
NEW_RATE = f"""      - when: {{category: SUBSISTENCE}}
        from: 2023-07-01
        deductible: "0.00"
        segments: [{{ratio: 80%}}]
        {SOURCE}
      - when: {{category: SEVERE_DISABILITY}}
        from: 2023-07-01
        deductible: "0.00"
        segments: [{{ratio: 65%}}]
        {SOURCE}
      - when: {{category: SEVERE_DISABILITY}}
        from: 2023-01-01
        to: 2023-06-30
        covered: false
        {SOURCE}
"""


def pack_after_the_notice() -> Pack:
    """Raise one rate and admit severely disabled people from 1 July, as an officer edits the YAML."""
    text = (PACKS / "lixin-2023" / "pack.yaml").read_text(encoding="utf-8")
    edits = [
        (OLD_RATE, NEW_RATE + OLD_RATE.replace("01-01\n", "01-01\n        to: 2023-06-30\n")),
        ("  - ILLNESS_POOR\n", "  - ILLNESS_POOR\n  - SEVERE_DISABILITY\n"),
        ("  untilted: [NONE, ", "  untilted: [NONE, SEVERE_DISABILITY, "),
        ("  assisted: [", "  assisted: [SEVERE_DISABILITY, "),
    ]
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return parse_pack(text, "lixin-2023.yaml")


def assistance(pack: Pack, category: str, day: str) -> int:
    """Return what assistance gives for one stay, of which insurance leaves 2,400."""
    facts = a_person(a_stay(on=day), category=category)
    return settle([pack], facts)["c1"].pays.get("medical_assistance", 0)


def test_a_rate_raised_from_july_leaves_june_as_it_was() -> None:
    """75 % of 2,400 on the last day of June, 80 % on the first of July."""
    pack = pack_after_the_notice()

    assert assistance(pack, "SUBSISTENCE", "2023-06-30") == yuan("1800.00")
    assert assistance(pack, "SUBSISTENCE", "2023-07-01") == yuan("1920.00")


def test_a_category_admitted_from_july_gets_nothing_before() -> None:
    """65 % of 2,400 from the first of July."""
    pack = pack_after_the_notice()

    assert assistance(pack, "SEVERE_DISABILITY", "2023-06-30") == 0
    assert assistance(pack, "SEVERE_DISABILITY", "2023-07-01") == yuan("1560.00")


def test_everybody_else_keeps_every_fen() -> None:
    """The notice touches two categories; the others are paid as under the old pack on both days."""
    old = parse_pack((PACKS / "lixin-2023" / "pack.yaml").read_text(encoding="utf-8"), "old.yaml")
    new = pack_after_the_notice()

    for category in ("NONE", *old.priority):
        for day in ("2023-06-30", "2023-07-01"):
            if category != "SUBSISTENCE":
                assert assistance(new, category, day) == assistance(old, category, day)


def test_the_pack_is_another_version_and_every_decision_says_which() -> None:
    """A bill settled under the old text can be told from one settled under the new."""
    old = parse_pack((PACKS / "lixin-2023" / "pack.yaml").read_text(encoding="utf-8"), "old.yaml")

    assert pack_after_the_notice().version != old.version
