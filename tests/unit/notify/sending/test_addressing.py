"""Of which changes an officer, a guide and a family hear: texts, bundles, and states when nobody does."""

import hashlib
from datetime import date
from typing import Any

import orjson

from chassis.privacy import vault
from contracts.officers import OFFICER_PLACE
from services.notify.officers.rules import Duty, Watch
from services.notify.sending.addressing import ADDRESSED, BUNDLED, NO_RECIPIENT, UNREADABLE, address

CONTACTS = vault(hashlib.sha256(b"a key for tests of addressing").hexdigest(), "AES-256-GCM")


class Row:
    """A change of somebody's status, as it waits for its officers."""

    def __init__(self, number: int, village: str = "东村", audience: str = "officer") -> None:
        self.key, self.person, self.audience = f"{number:032x}", f"p{number}", audience
        self.township, self.template = "城关镇", "status_changed"
        words = {"village": village, "changes": "新增低保对象"}
        self.words = orjson.dumps(words).decode()


def duty(phone: str, village: str = "") -> Duty:
    """Return who looks after the township, or a village of it."""
    said = orjson.dumps({"name": "甲", "phone": phone}).decode()
    sealed = CONTACTS.seal(said, OFFICER_PLACE) if phone else "torn"
    return Duty(phone, ("城关镇",), village, date(2026, 1, 1), None, "", sealed, phone)


def addressed(rows: list[Row], *duties: Duty) -> Any:
    """Find who hears of changes."""
    whole = tuple(one for one in duties if not one.village)
    villages = {one.village: (one,) for one in duties if one.village}
    return address(rows, {}, {"城关镇": Watch(whole, villages)}, CONTACTS)


def test_one_change_is_told_by_itself_and_several_once_a_morning() -> None:
    """Counts and villages, not forty messages."""
    alone = addressed([Row(1)], duty("19900000001"))
    many = addressed([Row(1), Row(2, "西村")], duty("19900000001"))

    assert [one.message for one in alone.recipients] == [Row(1).key]
    assert {state for state, _ in many.states.values()} == {BUNDLED}
    (one,) = many.recipients
    assert (one.phone, "2人待核实" in one.text, "东村1人" in one.text) == (
        "19900000001",
        True,
        True,
    )


def test_a_guide_hears_of_the_own_village_and_the_officer_of_all() -> None:
    """Two changes in the guide's village, one elsewhere: a morning of two, and one of three."""
    rows = [Row(1), Row(2), Row(3, "西村")]

    found = addressed(rows, duty("19900000001"), duty("19900000002", "东村"))

    texts = {one.phone: one.text for one in found.recipients}
    assert "3人待核实" in texts["19900000001"]
    assert "2人待核实" in texts["19900000002"]
    assert {state for state, _ in found.states.values()} == {BUNDLED}
    assert len(found.mornings) == 2


def test_a_morning_says_how_much_is_open_and_a_single_change_how_it_is_closed() -> None:
    """From before and new; of the own village only for its guide."""
    rows = [Row(1), Row(2), Row(3, "西村")]
    watch = Watch((duty("19900000001"),), {"东村": (duty("19900000002", "东村"),)})
    tasks = {("城关镇", "东村"): 5, ("城关镇", "西村"): 3, ("张村镇", "东村"): 70}

    found = address(rows, {}, {"城关镇": watch}, CONTACTS, tasks)
    (alone,) = addressed([Row(1)], duty("19900000001")).recipients

    texts = {one.phone: one.text for one in found.recipients}
    assert "累计未办结11件" in texts["19900000001"]
    assert "累计未办结7件" in texts["19900000002"]
    assert f"办结#{Row(1).key[:6]}" in alone.text


def test_without_an_officer_of_the_township_the_guide_hears_and_the_rest_is_seen() -> None:
    """The other village's change reaches nobody, and its state says so."""
    found = addressed([Row(1), Row(3, "西村")], duty("19900000002", "东村"))

    assert [one.phone for one in found.recipients] == ["19900000002"]
    states = {key: state for key, (state, _) in found.states.items()}
    assert states == {Row(1).key: ADDRESSED, Row(3).key: NO_RECIPIENT}


def test_an_officer_whose_phone_cannot_be_opened_stops_nobody_else() -> None:
    """Alone it is a named state; beside a guide who was reached, the change was told."""
    alone = addressed([Row(1), Row(2)], duty(""))
    beside = addressed([Row(1), Row(2)], duty(""), duty("19900000002", "东村"))

    assert {state for state, _ in alone.states.values()} == {UNREADABLE}
    assert {state for state, _ in beside.states.values()} == {BUNDLED}


def test_a_desk_hears_whatever_is_for_it_each_by_itself() -> None:
    """The bureau's two reminders are no list of people, and never make a morning's message."""
    rows = [Row(1, audience="desk"), Row(2, audience="desk")]
    for row in rows:
        row.person, row.township, row.template = "", "@county", "monthly_report_due"
        row.words = orjson.dumps(
            {"month": "5月", "day": "6月5日", "subject": "情况", "to": "市局"}
        ).decode()
    clerks = Watch((duty("19900000001"), duty("19900000002")), {})

    found = address(rows, {}, {"@county": clerks}, CONTACTS)

    assert [one.phone for one in found.recipients] == ["19900000001", "19900000002"] * 2
    assert {state for state, _ in found.states.values()} == {ADDRESSED}
    assert found.mornings == []
