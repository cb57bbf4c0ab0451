"""``yingbao adjudicate``: the contract that outsiders check us by."""

import json
import subprocess
import sys
from typing import Any

import pytest

IDENTITY = {
    "type": "identity",
    "person": "p1",
    "category": "REGISTERED_POOR",
    "valid_from": "2020-01-01",
    "valid_to": None,
}
CLAIM = {
    "type": "claim", "person": "p1", "claim": "c1", "kind": "inpatient", "discharge": "2020-02-14", "admit": "2020-02-01",
    "settled": "2020-02-14T10:00", "level": "L2", "area": "local", "total_fee": "12000.00", "in_scope": "10000.00",
    "class_b_prepay": "600.00", "over_limit_self_pay": "100.00", "full_self_pay": "1300.00",
    "hospital_reduction": "0.00", "commercial_supplement": "0.00",
}  # fmt: skip


def adjudicate(
    *lines: dict[str, Any] | str, pack: str = "wenshang-2020"
) -> "subprocess.CompletedProcess[str]":
    """Run the command on lines."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    command = [sys.executable, "-m", "yingbao", "adjudicate", "--pack", pack]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def results(*lines: dict[str, Any], pack: str = "wenshang-2020") -> list[dict[str, Any]]:
    """Return the answers."""
    found = adjudicate(*lines, pack=pack)
    assert found.returncode == 0, found.stderr
    return [json.loads(line) for line in found.stdout.splitlines()]


def test_the_example_of_the_contract_comes_out_to_the_fen() -> None:
    """Every field, as strings of yuan, and a trail whose lines sum to the layers."""
    (answer,) = results(CLAIM, IDENTITY)
    trail, pack = answer.pop("trail"), answer.pop("pack")

    assert answer == {
        "claim": "c1", "category": "REGISTERED_POOR", "bmi": "8330.00", "cii": "1085.50", "supplement": "0.00",
        "medical_assistance": "409.15", "hospital_reduction": "0.00", "commercial_supplement": "0.00",
        "reassistance": "0.00", "tilted_assistance": "0.00", "hospital_borne": "0.00", "personal_burden": "2175.35",
    }  # fmt: skip
    assert pack.startswith("wenshang-2020@")
    assert {line["layer"]: line["pay"] for line in trail}["medical_assistance"] == "409.15"


def test_answers_come_in_canonical_order_and_refused_claims_say_why() -> None:
    """Any order in; discharge date, settlement time, id out."""
    dead = {"type": "death", "person": "p1", "date": "2020-05-20"}
    late = CLAIM | {"claim": "c9", "discharge": "2020-06-01"}
    next_year = CLAIM | {
        "claim": "c10",
        "discharge": "2021-02-14",
        "admit": "2021-02-01",
        "person": "p2",
    }

    found = results(next_year, late, dead, CLAIM, IDENTITY)

    assert [one["claim"] for one in found] == ["c1", "c9", "c10"]
    assert found[1] == {"claim": "c9", "refused": "after_death"}
    assert found[2] == {"claim": "c10", "held": "no_pack"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"in_scope": "10000.01"}, "amounts_do_not_add_up"), ({"in_scope": "10000.001"}, "too_many_decimals"),
        ({"full_self_pay": "-1300.00"}, "negative_amount"), ({"level": "L9"}, "unknown_level"),
        ({"discharge": "2020-01-31"}, "discharge_before_admission"), ({"total_fee": "NaN"}, "not_an_amount"),
    ],
)  # fmt: skip
def test_a_wrong_claim_is_refused_and_its_neighbour_is_not(
    change: dict[str, str], reason: str
) -> None:
    """One line a claim, whatever happens."""
    found = results(CLAIM | change, CLAIM | {"claim": "c2"}, IDENTITY)

    assert {"claim": "c1", "refused": reason} in found
    assert next(one for one in found if one["claim"] == "c2")["bmi"] == "8330.00"


def test_a_reversed_claim_counts_for_nothing_and_a_repeat_once() -> None:
    """The second admission becomes the first again; the same line twice is one claim."""
    second = CLAIM | {"claim": "c2", "discharge": "2020-03-14", "admit": "2020-03-01"}

    found = results(CLAIM, CLAIM, second, {"type": "reversal", "claim": "c1"}, IDENTITY)

    assert found[0] == {"claim": "c1", "reversed": True}
    assert found[1]["bmi"] == "8330.00"


@pytest.mark.parametrize(
    "line",
    [
        "{",
        '{"type": "nonsense"}',
        '{"type": "identity", "person": "p1", "category": "DESTITUTE", "valid_from": "last year"}',
    ],
)
def test_a_line_that_says_nothing_is_wrong_use(line: str) -> None:
    """Exit code 2, and the number of the line."""
    found = adjudicate(json.dumps(CLAIM), line)

    assert found.returncode == 2
    assert "第 2 行" in found.stderr


def test_an_unknown_pack_is_wrong_use() -> None:
    """The known ones are named."""
    found = adjudicate(CLAIM, pack="nowhere-1999")

    assert found.returncode == 2
    assert "kaifeng-2017" in found.stderr


def policy(*arguments: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a policy command."""
    command = [sys.executable, "-m", "yingbao", "policy", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_every_pack_in_the_house_is_whole() -> None:
    """No gap, no overlap, and every worked case right."""
    found = policy("check")

    assert found.returncode == 0, found.stdout
    assert found.stdout.count("完整") == 5


def test_a_pack_is_shown_with_its_clauses_and_what_is_unverified() -> None:
    """As an officer would read the notice."""
    found = policy("show", "wenshang-2020")

    assert "再救助（住院）  " in found.stdout
    assert "年度限额20,000.00元" in found.stdout
    assert "比例+10个百分点" in found.stdout
    assert "〔未核实 R〕" in found.stdout


def test_a_claim_is_explained_in_sentences() -> None:
    """Layer by layer, and what is left for the family."""
    text = "\n".join(json.dumps(line) for line in (CLAIM, IDENTITY))

    found = policy("explain", "--pack", "wenshang-2020", "--claim", "c1", text=text)
    english = policy("explain", "--pack", "wenshang-2020", "--claim", "c1", "--english", text=text)

    assert "200.00至10000.00元部分按85%，支付8330.00元" in found.stdout
    assert "其中提高基本医保报销比例增加980.00元" in found.stdout
    assert found.stdout.strip().endswith("个人负担2175.35元")
    assert "200.00 to 10000.00 at 85%, pays 8330.00" in english.stdout


def test_every_command_about_packs_prints_one_json_document_for_programs() -> None:
    """``--json`` means the same everywhere: one array or object, and nothing beside it."""
    text = "\n".join(json.dumps(line) for line in (CLAIM, IDENTITY))
    command = [sys.executable, "-m", "yingbao", "adjudicate", "--pack", "wenshang-2020", "--json"]

    decided = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    checked = policy("check", "wenshang-2020", "--json")
    shown = policy("show", "wenshang-2020", "--json")
    claim = ("--pack", "wenshang-2020", "--claim", "c1", "--json")
    explained = policy("explain", *claim, text=text)

    assert [one["claim"] for one in json.loads(decided.stdout)] == ["c1"]
    (pack,) = json.loads(checked.stdout)
    assert (pack["pack"], pack["problems"]) == ("wenshang-2020", [])
    assert {"layer", "when", "says", "from", "clause", "unverified"} == set(
        json.loads(shown.stdout)[0]
    )
    assert json.loads(explained.stdout)["personal_burden"] == "2175.35"


def test_amounts_without_the_trail_are_the_same_amounts() -> None:
    """Bulk re-pricing goes another way through the engine and says the same."""
    second = CLAIM | {"claim": "c2", "person": "p2", "level": "L9"}
    lines = [json.dumps(line) for line in (CLAIM, second, IDENTITY)]
    command = [sys.executable, "-m", "yingbao", "adjudicate", "--pack", "wenshang-2020"]

    whole = subprocess.run(
        command, input="\n".join(lines), capture_output=True, text=True, check=True
    )
    bare = subprocess.run(
        [*command, "--no-trail"], input="\n".join(lines), capture_output=True, text=True, check=True
    )

    expected = [json.loads(line) for line in whole.stdout.splitlines()]
    for one in expected:
        one.pop("trail", None)
    assert [json.loads(line) for line in bare.stdout.splitlines()] == expected


def test_whatif_shows_who_wins_and_loses_as_a_table_and_as_json() -> None:
    """The same facts under two packs of different years."""
    text = "\n".join(json.dumps(line) for line in (CLAIM, IDENTITY))
    arguments = ("whatif", "--pack", "wenshang-2020", "--against", "lixin-2023")

    table = policy(*arguments, text=text)
    data = json.loads(policy(*arguments, "--json", text=text).stdout)

    assert "全部日期按整年平移+3年后比较" in table.stdout
    assert "医疗救助" in table.stdout
    assert data["losers"] == 1
    # a registered poor person has no benefit of that name in 2023: 2,175.35 becomes 12,000 - 7,600
    assert data["personal_burden"] == {"before": "2175.35", "after": "4400.00", "change": "2224.65"}
    assert data["most_affected"] == [{"person": "p1", "change": "2224.65"}]


def test_whatif_with_a_broken_draft_names_file_and_line(tmp_path: Any) -> None:
    """An officer's slip is a sentence, not a traceback."""
    draft = tmp_path / "draft.yaml"
    draft.write_text("pack: x\n", encoding="utf-8")

    found = policy("whatif", "--pack", "wenshang-2020", "--against", str(draft))

    assert found.returncode == 2
    assert "draft.yaml:1: key 'area_code' is missing" in found.stderr
