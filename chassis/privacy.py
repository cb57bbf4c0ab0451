"""Person keys, sealed fields and blind indexes. Personal data is readable in two rooms only."""

import base64
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC

NONCE_BYTES = 12
TAG_BYTES = 16


class SealError(Exception):
    """A sealed field cannot be opened: wrong key, wrong place, or altered."""


class Suite(Protocol):
    """An authenticated cipher and a keyed hash."""

    def seal(self, key: bytes, plain: bytes, place: bytes) -> bytes:
        """Return nonce + ciphertext + tag; ``place`` binds it to where it belongs."""

    def open(self, key: bytes, sealed: bytes, place: bytes) -> bytes:
        """Return the plain bytes. Raises SealError."""

    def index(self, key: bytes, value: bytes) -> bytes:
        """Return the 32-byte keyed hash of a value."""


class AesSuite:
    """AES-256-GCM and HMAC-SHA-256."""

    def seal(self, key: bytes, plain: bytes, place: bytes) -> bytes:
        """Seal with a random nonce."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, plain, place)

    def open(self, key: bytes, sealed: bytes, place: bytes) -> bytes:
        """Open, or raise SealError."""
        try:
            return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        except Exception as error:
            raise SealError("the field cannot be opened") from error

    def index(self, key: bytes, value: bytes) -> bytes:
        """Hash with HMAC-SHA-256."""
        return hmac.digest(key, value, "sha256")


class SmSuite:
    """SM4-GCM and HMAC-SM3, the national algorithms. SM4 keys have 16 bytes: the key's first half."""

    def seal(self, key: bytes, plain: bytes, place: bytes) -> bytes:
        """Seal with a random nonce."""
        nonce = os.urandom(NONCE_BYTES)
        encryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(place)
        sealed = encryptor.update(plain) + encryptor.finalize()
        return nonce + sealed + encryptor.tag

    def open(self, key: bytes, sealed: bytes, place: bytes) -> bytes:
        """Open, or raise SealError."""
        nonce, tag = sealed[:NONCE_BYTES], sealed[-TAG_BYTES:]
        decryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(place)
        try:
            return decryptor.update(sealed[NONCE_BYTES:-TAG_BYTES]) + decryptor.finalize()
        except Exception as error:
            raise SealError("the field cannot be opened") from error

    def index(self, key: bytes, value: bytes) -> bytes:
        """Hash with HMAC-SM3."""
        keyed = HMAC(key, hashes.SM3())
        keyed.update(value)
        return keyed.finalize()


SUITES: dict[str, Suite] = {"AES-256-GCM": AesSuite(), "SM4-GCM": SmSuite()}


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals fields for one room. ``key_id`` stands in front, so that keys can be rotated.

    ``former``: key id → key of those before, which open what they sealed and seal nothing more.
    """

    suite: str
    key_id: str
    key: bytes
    former: Mapping[str, bytes] = field(default_factory=dict)

    def seal(self, text: str, place: str) -> str:
        """Seal a text for a place (such as a person key); base64 with suite and key id in front."""
        sealed = SUITES[self.suite].seal(self.key, text.encode(), place.encode())
        return f"{self.suite}:{self.key_id}:{base64.b64encode(sealed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """Open what was sealed for this place. Raises SealError."""
        try:
            suite, key_id, body = sealed.split(":", 2)
            raw = base64.b64decode(body, validate=True)
        except ValueError as error:
            raise SealError("not a sealed field") from error
        key = self.key if key_id == self.key_id else self.former.get(key_id)
        if key is None or suite not in SUITES:
            raise SealError(f"sealed with key {key_id!r}, which this room does not hold")
        return SUITES[suite].open(key, raw, place.encode()).decode()


def vault(hex_keys: str, suite: str) -> Vault:
    """Make a vault from keys in hex, by commas: the first seals, those behind it open what is older.

    A key's id is derived, so a wrong key is noticed by name.
    """
    first, *others = (bytes.fromhex(one) for one in hex_keys.split(","))
    return Vault(suite, _id_of(first), first, {_id_of(key): key for key in others})


def _id_of(key: bytes) -> str:
    return hmac.digest(key, b"key-id", "sha256").hex()[:8]


BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


@lru_cache(maxsize=16)
def _hash_of(hex_key: str) -> hmac.HMAC:
    return hmac.new(bytes.fromhex(hex_key), digestmod="sha256")


def _keyed(hex_key: str, text: str) -> bytes:
    """Return HMAC-SHA-256 of a text; the key is prepared once, for a register has a million numbers."""
    keyed = _hash_of(hex_key).copy()
    keyed.update(text.encode())
    return keyed.digest()


def name_tag(hex_key: str, person: str, name: str) -> str:
    """Return a keyed hash of a person's name: it tells two spellings apart, and nothing else."""
    return _keyed(hex_key, f"name\0{person}\0{name}").hex()[:16]


_PAIRS = [one + other for one in BASE32 for other in BASE32]
_SHIFTS = range(120, -1, -10)


def _base32(digest: bytes) -> str:
    """Return the first 130 bits as 26 lower-case characters (RFC 4648); a register has a million."""
    bits = int.from_bytes(digest[:17], "big") >> 6
    return "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])


def household_key(hex_key: str, number: str) -> str:
    """Return the opaque key of a household: a keyed hash of its head's number, or of its own."""
    return "h" + _base32(_keyed(hex_key, f"household\0{number}"))


def person_key(hex_key: str, id_number: str) -> str:
    """Return the opaque key of a person: a keyed hash of the 18-character identity number."""
    return "p" + _base32(_keyed(hex_key, id_number))


def word_index(hex_key: str, kind: str, word: str) -> str:
    """Return the value under which people are found by a word that stands in the vault, such as a name."""
    return _keyed(hex_key, f"{kind}\0{word}").hex()[:32]


def blind_index(hex_key: str, suite: str, id_number: str) -> bytes:
    """Return the value under which a vault row is found without opening it."""
    return SUITES[suite].index(bytes.fromhex(hex_key), id_number.encode())
