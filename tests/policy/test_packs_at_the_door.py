"""What a pack may say and how it is taken: layers by what they measure, counties by their area, levels when asked."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from policy.county import settle_county
from policy.engine import pack_of
from policy.facts import Claim, HeldIdentity, PersonFacts
from policy.loader import load_pack, parse_pack
from policy.one_stop import settle
from policy.pack import Pack
from policy.reading import PackError, read_text
from tests.builders import a_stay, yuan
from yingbao.cli import app

SOURCE = "{document: 通知, clause: 第一条, mark: S}"
TINY = (Path(__file__).parent / "broken" / "unknown_level.yaml").read_text(encoding="utf-8")
BEYOND = f"""\
  - id: beyond_catalogue
    fund: supplement
    stage: settlement
    kinds: [inpatient]
    accumulator: claim
    measures: out_of_catalogue
    rules:
      - {{from: 2023-01-01, deductible: "0.00", segments: [{{ratio: 50%}}], source: {SOURCE}}}
"""
POOR = (HeldIdentity("SUBSISTENCE", date(2023, 1, 1)),)


def a_pack(name: str = "tiny-2023", area: str = "341699", beyond: str = "") -> Pack:
    """Return a small pack of a county, with a further layer."""
    text = TINY.replace("level: L3", "level: L2").replace("tiny-2023", name).replace("341699", area)
    return parse_pack(
        text.replace("  - id: medical_assistance", f"{beyond}  - id: medical_assistance"), name
    )


def test_what_a_layer_measures_decides_what_assistance_starts_from_and_not_its_funds_name() -> None:
    """A supplement on out-of-catalogue costs took 300 yuan off the in-scope base, in silence."""
    bill = a_stay(in_scope="10000.00", beyond="600.00", level="L1")
    facts = PersonFacts(claims=[bill], identities=POOR)

    plain = settle([a_pack()], facts)["c1"]
    extended = a_pack(beyond=BEYOND)
    more = settle([extended], facts)["c1"]

    assert more.pays["supplement"] == yuan("300.00")
    assert more.pays["medical_assistance"] == plain.pays["medical_assistance"]
    assert settle_county(extended, [facts])[0]["c1"].pays == more.pays


def test_a_fund_that_the_hospital_bears_inside_the_catalogue_lessens_the_base() -> None:
    """The same the other way round: the name alone let it stand."""
    borne = BEYOND.replace("supplement", "hospital_borne").replace("out_of_catalogue", "in_scope")
    facts = PersonFacts(claims=[a_stay(in_scope="10000.00", level="L1")], identities=POOR)

    plain, more = (
        settle([a_pack(beyond=one)], facts)["c1"] for one in ("", borne.replace("50%", "10%"))
    )

    assert more.pays["hospital_borne"] == yuan("1000.00")
    assert plain.pays["medical_assistance"] - more.pays["medical_assistance"] == yuan("700.00")


def test_two_counties_packs_settle_by_the_hospitals_area_and_not_by_the_first() -> None:
    """The hospital's number names its county; one that names neither settles nothing."""
    day, packs = date(2023, 5, 18), [a_pack("one-2023", "341623"), a_pack("two-2023", "370830")]

    chosen = [
        pack_of(packs, day, number) for number in ("H34162300012", "H37083000007", "H11010500001")
    ]

    assert [pack and pack.name for pack in chosen] == ["one-2023", "two-2023", None]
    held = settle(packs, PersonFacts(claims=[replace(a_stay(), provider="H11010500001")]))["c1"]
    assert (held.outcome, held.reason) == ("held", "no_pack")
    assert pack_of(packs[:1], day, "H11010500001") is packs[0]


def test_a_level_is_demanded_only_where_a_rule_reads_it() -> None:
    """A chronic visit in Wenshang has none, and needs none; a stay does."""
    pack = load_pack("wenshang-2020")
    visit = Claim("v1", "chronic_outpatient", date(2020, 5, 18), yuan("500.00"), yuan("500.00"))
    stay = replace(visit, claim="s1", kind="inpatient")

    decided = settle([pack], PersonFacts(claims=[visit, stay]))

    assert decided["v1"].outcome == "settled"
    assert (
        decided["v1"].pays
        == settle([pack], PersonFacts(claims=[replace(visit, level="L1")]))["v1"].pays
    )
    assert (decided["s1"].outcome, decided["s1"].reason) == ("refused", "unknown_level")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("pack: 示例\n# 第二行\n".encode("gbk"), "1: the file is not UTF-8"),
        (b"pack: [1, 2\n", "not YAML"),
        (b"- a\n- b\n", "is not a mapping"),
        (b"", "is not a mapping"),
        (b"? [a]\n: b\n", "a key is no word"),
        (b"from: 2023-02-30\n", "2023-02-30 is no day"),
        (b"pack: &a [*a]\n", "not YAML"),
    ],
)
def test_a_file_that_is_no_pack_is_a_clear_line_and_no_traceback(
    content: bytes, said: str, tmp_path: Path
) -> None:
    """The officer who edits it gets file, line, problem and a hint."""
    draft = tmp_path / "draft.yaml"
    draft.write_bytes(content)

    with pytest.raises(PackError, match=said):
        parse_pack(read_text(draft.read_bytes(), draft.name), draft.name)
    done = CliRunner().invoke(app, ["policy", "check", str(draft)])
    assert done.exit_code in {1, 2}
    assert done.exception is None or isinstance(done.exception, SystemExit)
