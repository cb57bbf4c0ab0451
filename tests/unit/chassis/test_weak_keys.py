"""A key that protects nothing is refused at the start, by its name."""

import secrets

import pytest

from chassis.settings import VAULT_KEYS, Settings, fault_of

GOOD = secrets.token_hex(32)


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("0" * 64, "the published example"),
        ("", "not 32 bytes in hex"),
        ("a", "not 32 bytes in hex"),
        ("ab" * 16, "not 32 bytes in hex"),
        ("zz" * 32, "not 32 bytes in hex"),
        ("33" * 32, "made up, not random"),
        ("0123456789abcdef" * 4, "made up, not random"),
        (f"{GOOD},{'0' * 64}", "the published example"),
        (f"{GOOD},{GOOD}", ""),
    ],
)
def test_a_short_a_repeated_and_the_published_key_are_no_keys(key: str, fault: str) -> None:
    """One byte hashed a county's people once; half a key passed as a whole one."""
    assert fault_of(key) == fault


def test_a_random_key_is_one() -> None:
    """A thousand of them, so that none is refused by chance."""
    assert not any(fault_of(secrets.token_hex(32)) for _ in range(1_000))


def test_each_weak_key_is_named() -> None:
    """Whoever has to mend it reads which one."""
    assert set(Settings().weak_keys()) == set(VAULT_KEYS)
