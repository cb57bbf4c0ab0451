"""Who must be enrolled and whose word counts: dated by the pack, and usual where it says nothing."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from policy.duties import Duties, death_registrars, monthly_report, must_enrol, roster_owners
from policy.loader import PACKS, load_pack, pack_names
from policy.pack import Pack
from policy.reading import PackError
from policy.reading_duties import parse_duties

SOURCE = "source: {document: 文件, clause: 条, mark: S}"


def a_pack(text: str) -> Pack:
    """Return the pack of 2023 with other duties."""
    return replace(load_pack("lixin-2023"), duties=parse_duties(text, "duties.yaml"))


def test_what_a_pack_says_holds_from_its_day_on() -> None:
    """In July the county lets only the hospital's department register deaths."""
    pack = a_pack(
        "death_registrars:\n"
        f"  - {{departments: [funeral_home, police], from: 2023-01-01, to: 2023-06-30, {SOURCE}}}\n"
        f"  - {{departments: [health], from: 2023-07-01, {SOURCE}}}\n"
    )

    assert death_registrars([pack], date(2023, 6, 30)) == {"funeral_home", "police"}
    assert death_registrars([pack], date(2023, 7, 1)) == {"health"}


def test_days_that_no_pack_covers_are_read_as_its_nearest_day() -> None:
    """A death of long ago is judged as on the first day, one of next year as on the last."""
    pack = a_pack(
        "must_enrol:\n"
        f"  - {{categories: [ORPHAN], from: 2023-01-01, to: 2023-06-30, {SOURCE}}}\n"
        f"  - {{categories: [SUBSISTENCE], from: 2023-07-01, {SOURCE}}}\n"
    )

    assert must_enrol([pack], date(2019, 5, 1)) == {"ORPHAN"}
    assert must_enrol([pack], date(2024, 5, 1)) == {"SUBSISTENCE"}


def test_a_monthly_report_is_asked_for_only_while_a_pack_in_force_asks_for_it() -> None:
    """Kaifeng's counties report by the 5th from May 2017 on (S2); others never were asked to."""
    kaifeng, lixin = load_pack("kaifeng-2017"), load_pack("lixin-2023")

    assert monthly_report([kaifeng], date(2017, 4, 30)) is None
    assert (found := monthly_report([kaifeng], date(2017, 5, 1))) is not None
    assert found.day == 5
    assert monthly_report([lixin], date(2023, 5, 1)) is None


def test_where_no_pack_says_anything_it_is_as_usual() -> None:
    """What categories.yaml and the departments' files say."""
    silent = replace(load_pack("lixin-2023"), duties=Duties())

    for packs in ([], [silent]):
        assert roster_owners(packs, date(2023, 5, 1)) == {"civil_affairs", "rural_revitalisation"}
        assert death_registrars(packs, date(2023, 5, 1)) == {"funeral_home", "police"}
        assert "SUBSISTENCE" in must_enrol(packs, date(2023, 5, 1))
        assert "SEVERE_DISABILITY" not in must_enrol(packs, date(2023, 5, 1))


def test_after_the_last_pack_its_word_goes_on_and_not_that_of_an_earlier_one() -> None:
    """REGISTERED_POOR was struck in 2024; in January 2025 no pack covers the day yet."""
    first = a_pack(
        f"must_enrol:\n  - {{categories: [REGISTERED_POOR], from: 2023-01-01, {SOURCE}}}\n"
    )
    second = replace(
        a_pack(f"must_enrol:\n  - {{categories: [ORPHAN], from: 2024-01-01, {SOURCE}}}\n"),
        valid_from=date(2024, 1, 1), valid_to=date(2024, 12, 31),
    )  # fmt: skip

    for day in (date(2024, 12, 31), date(2025, 1, 15)):
        assert must_enrol([first, second], day) == {"ORPHAN"}
    assert must_enrol([first, second], date(2022, 5, 1)) == {"REGISTERED_POOR"}


def test_nobody_is_a_category_that_must_be_enrolled() -> None:
    """NONE is whoever has none."""
    with pytest.raises(PackError, match="NONE"):
        a_pack(f"must_enrol:\n  - {{categories: [NONE], from: 2023-01-01, {SOURCE}}}\n")


def test_duties_stand_beside_a_pack_of_any_name(tmp_path: Path) -> None:
    """A draft of the county's own."""
    (tmp_path / "my.yaml").write_text((PACKS / "lixin-2023" / "pack.yaml").read_text())
    (tmp_path / "my.duties.yaml").write_text(
        f"must_enrol:\n  - {{categories: [ORPHAN], from: 2023-01-01, {SOURCE}}}\n"
    )

    assert must_enrol([load_pack(str(tmp_path / "my.yaml"))], date(2023, 5, 1)) == {"ORPHAN"}


def test_packs_of_one_day_are_taken_together() -> None:
    """Two areas in one county: whom either names."""
    one = a_pack(f"must_enrol:\n  - {{categories: [ORPHAN], from: 2023-01-01, {SOURCE}}}\n")
    other = a_pack(f"must_enrol:\n  - {{categories: [DESTITUTE], from: 2023-01-01, {SOURCE}}}\n")

    assert must_enrol([one, other], date(2023, 5, 1)) == {"ORPHAN", "DESTITUTE"}


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_says_who_must_be_enrolled(name: str) -> None:
    """And no pack's money depends on it: the version is that of pack.yaml alone."""
    pack = load_pack(name)

    assert must_enrol([pack], pack.valid_from) == must_enrol([], pack.valid_from)
    assert pack.duties.roster_owners
    assert pack.duties.death_registrars


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("must_enroll: []\n", "must_enroll"),
        (f"must_enrol:\n  - {{categories: [POOR], from: 2023-01-01, {SOURCE}}}\n", "POOR"),
        (f"roster_owners:\n  - {{departments: [mayor], from: 2023-01-01, {SOURCE}}}\n", "mayor"),
        ("must_enrol:\n  - {categories: [ORPHAN], from: 2023-01-01}\n", "source"),
        (f"must_enrol:\n  - {{categories: [ORPHAN], {SOURCE}}}\n", "from"),
        (
            f"must_enrol:\n  - {{categories: [ORPHAN], from: 2023-01-01, {SOURCE}}}\n"
            f"  - {{categories: [DESTITUTE], from: 2023-05-01, {SOURCE}}}\n",
            "two values",
        ),
        (f"chronic_screening:\n  - {{kinds: [stay], from: 2023-01-01, {SOURCE}}}\n", "stay"),
        (
            f"monthly_report:\n  - {{day: 31, remind_days: 3, subject: 情况, report_to: 市局, from: 2023-01-01, {SOURCE}}}\n",
            "from 1 to 28",
        ),
        (
            f"monthly_report:\n  - {{day: 5, remind_days: true, subject: 情况, report_to: 市局, from: 2023-01-01, {SOURCE}}}\n",
            "remind_days",
        ),
        (
            f"monthly_report:\n  - {{day: 5, remind_days: 5, subject: 情况, report_to: 市局, from: 2023-01-01, {SOURCE}}}\n",
            "the month before",
        ),
        (
            f"monthly_report:\n  - {{day: 5, remind_days: 2, subject: 情况, report_to: 市局, from: 2023-01-01, {SOURCE}}}\n"
            f"  - {{day: 8, remind_days: 2, subject: 情况, report_to: 市局, from: 2023-05-01, {SOURCE}}}\n",
            "two values",
        ),
    ],
)
def test_a_mistake_names_its_line(text: str, complaint: str) -> None:
    """What is not understood to the letter is refused."""
    with pytest.raises(PackError, match=complaint) as refused:
        parse_duties(text, "duties.yaml")

    assert "duties.yaml" in str(refused.value)
