import json
import logging

import pytest

from chassis.privacy import SUITES, SealError, blind_index, person_key, vault
from chassis.telemetry import REDACTED, configure_logs, logger, redact
from tests.builders import an_id_number

KEY = "ab" * 32
OTHER = "cd" * 32


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_a_sealed_field_opens_only_with_its_key_and_in_its_place(suite: str) -> None:
    """Both suites, AES and the national SM4, bind a field to the person it belongs to."""
    room = vault(KEY, suite)
    sealed = room.seal(an_id_number(), "p1")

    assert an_id_number() not in sealed
    assert room.open(sealed, "p1") == an_id_number()
    for key, place in ((KEY, "p2"), (OTHER, "p1")):
        with pytest.raises(SealError):
            vault(key, suite).open(sealed, place)


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_an_altered_field_does_not_open(suite: str) -> None:
    """One changed character is noticed."""
    sealed = vault(KEY, suite).seal("secret", "p1")
    broken = sealed[:-2] + ("A" if sealed[-2] != "A" else "B") + sealed[-1]

    with pytest.raises(SealError):
        vault(KEY, suite).open(broken, "p1")


def test_a_person_key_is_the_same_for_the_same_person_and_secret() -> None:
    """It can be derived anywhere with the secret, and nowhere without it."""
    assert person_key(KEY, an_id_number(1)) == person_key(KEY, an_id_number(1))
    assert person_key(KEY, an_id_number(1)) != person_key(KEY, an_id_number(2))
    assert person_key(KEY, an_id_number(1)) != person_key(OTHER, an_id_number(1))


def test_blind_indexes_differ_by_suite_and_key() -> None:
    """Without the key nobody can compute where a number is found."""
    made = {blind_index(key, suite, an_id_number()) for key in (KEY, OTHER) for suite in SUITES}

    assert len(made) == 4


def test_an_identity_number_in_a_log_line_is_removed(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever slipped into a message, a value, a list or a named field."""
    number = an_id_number()
    configure_logs("test")
    try:
        logger().info(f"saw {number}", detail=[number, "19900001111"], name="张三", count=3)
    finally:
        logging.getLogger().handlers[:] = []

    line = json.loads(capsys.readouterr().err)
    assert number not in json.dumps(line)
    assert line["detail"] == [REDACTED, REDACTED]
    assert (line["name"], line["count"]) == (REDACTED, 3)


def test_amounts_and_keys_are_not_taken_for_identity_numbers() -> None:
    """Redaction leaves what operators need."""
    text = "p" + "a" * 26 + " 12345.67 H34169901:S0000001"

    assert redact(text) == text


def test_a_new_key_seals_and_the_ones_before_it_still_open() -> None:
    """Rotation is a key in front; taken away, what it sealed is refused by its id."""
    old, older = "1f" * 32, "2e" * 32
    before = vault(old, "AES-256-GCM").seal("secret", "p1")
    long_before = vault(older, "SM4-GCM").seal("secret", "p1")

    rotated = vault(f"{KEY},{old},{older}", "AES-256-GCM")

    assert rotated.seal("new", "p1").split(":")[1] == vault(KEY, "AES-256-GCM").key_id
    assert [rotated.open(one, "p1") for one in (before, long_before)] == ["secret", "secret"]
    with pytest.raises(SealError, match="does not hold"):
        vault(KEY, "AES-256-GCM").open(before, "p1")
