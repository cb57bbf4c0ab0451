"""Phones: opened with the vault's key, and found by a keyed hash without opening any."""

from chassis.privacy import SUITES, Vault, vault
from chassis.settings import Settings


def vault_of(settings: Settings) -> Vault:
    """Return the vault of phones that these settings open."""
    return vault(settings.contact_key.get_secret_value(), settings.cipher_suite)


def number_of(contacts: Vault, phone: str) -> str:
    """Return the keyed hash under which a phone is counted; the oldest key makes it, so that it stays."""
    key = list(contacts.former.values())[-1] if contacts.former else contacts.key
    return SUITES[contacts.suite].index(key, f"number/{phone}".encode()).hex()[:32]
