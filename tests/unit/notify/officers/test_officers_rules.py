"""Who is told of a township on a day: duty periods, villages, responsibility groups, deputies."""

from datetime import date

import pytest

from services.notify.officers.rules import Duty, on_duty

DAY = date(2026, 11, 10)


def a_duty(
    id_: str, *townships: str, village: str = "", since: str = "2026-01-01", until: str = "",
    instead_of: str = "", number: str = "",
) -> Duty:  # fmt: skip
    """Return a duty of a township."""
    return Duty(
        id=id_, townships=townships or ("城关镇",), village=village, first=date.fromisoformat(since),
        last=date.fromisoformat(until) if until else None, stands_in_for=instead_of,
        contact_sealed=id_, number=number or id_,
    )  # fmt: skip


def told(
    *duties: Duty, township: str = "城关镇", day: date = DAY
) -> tuple[list[str], dict[str, list[str]]]:
    """Return who hears of all of it, and who of which village."""
    watch = on_duty(duties, township, day)
    villages = {name: [one.id for one in of] for name, of in watch.villages.items()}
    return [one.id for one in watch.whole], villages


@pytest.mark.parametrize(
    ("since", "until", "is_told"),
    [
        ("2026-11-10", "", True),
        ("2026-11-11", "", False),
        ("2026-01-01", "2026-11-10", True),
        ("2026-01-01", "2026-11-09", False),
    ],
)
def test_a_duty_has_its_first_and_its_last_day(since: str, until: str, is_told: bool) -> None:
    """Both included; who left is told no more, and who comes is not told before."""
    assert told(a_duty("a", since=since, until=until)) == (["a"] if is_told else [], {})


def test_a_responsibility_group_looks_after_several_townships() -> None:
    """Four groups over nineteen townships (S0): one duty names them all."""
    group = a_duty("a", "城关镇", "张村镇")
    assert told(group, township="张村镇") == (["a"], {})
    assert told(group, township="江集镇") == ([], {})


def test_whoever_is_stood_in_for_is_not_told_until_the_deputy_s_last_day() -> None:
    """And afterwards is told again, without anybody's doing."""
    own, deputy = a_duty("a"), a_duty("b", until="2026-11-10", instead_of="a")
    assert told(own, deputy) == (["b"], {})
    assert told(own, deputy, day=date(2026, 11, 11)) == (["a"], {})


def test_a_deputy_of_a_deputy_is_told_alone() -> None:
    """Two on leave in a row leave one who is there."""
    chain = [a_duty("a"), a_duty("b", instead_of="a"), a_duty("c", instead_of="b")]
    assert told(*chain) == (["c"], {})


def test_a_village_is_told_of_itself_and_a_phone_once() -> None:
    """Guide and doctor of a village hear of it; the officer hears of all, and not twice for one phone."""
    duties = [
        a_duty("officer", number="n1"),
        a_duty("guide", village="东村", number="n2"),
        a_duty("doctor", village="东村", number="n3"),
        a_duty("same", village="西村", number="n1"),
        a_duty("twice", number="n1"),
    ]
    assert told(*duties) == (["officer"], {"东村": ["guide", "doctor"]})
