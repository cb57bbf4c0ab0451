"""What is set aside is kept, and never in the way."""

import pytest

from chassis.deadletters import dead_letter
from chassis.privacy import vault
from contracts.events.deadletter import DeadLettered
from tests.builders import MORNING, an_id_number


@pytest.mark.parametrize("payload", [b"\xff" * 500_000, b"x" * 900_000, "中".encode() * 300_000])
def test_a_dead_letter_always_fits_on_the_bus(payload: bytes) -> None:
    """Otherwise one large bad message would hold up everything behind it."""
    letter = dead_letter(
        vault("ab" * 32, "AES-256-GCM"), lambda: MORNING, service="s", handler="h", subject="claims.X.v1",
        payload=payload, reason="broken_json",
    )  # fmt: skip

    assert len(letter.payload) < 1_000_000


def test_a_letters_field_names_nobody_and_can_be_kept() -> None:
    """A sender's own name of a field may be somebody's number, or hold what no text of a database may."""
    number = an_id_number(851)
    letter = dead_letter(
        vault("ab" * 32, "AES-256-GCM"), lambda: MORNING, service="s", handler="h", subject="claims.X.v1",
        payload=b"{}", reason="unknown_field", detail=f"{number}a\0b",
    )  # fmt: skip

    said = DeadLettered.model_validate_json(letter.payload)
    assert (number in said.detail, "\0" in said.detail) == (False, False)
