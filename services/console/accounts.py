"""Who may sign in. What an account holds is sealed by its password: without it the console has no key at all.

An account's key is that of one person at the door (``bureau/zhang``), so that role and area are decided
there, and every reading is written down under the name of who read.
"""

import json
import os
from datetime import datetime
from hmac import compare_digest
from pathlib import Path

import pyotp
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import AwareDatetime, BaseModel, ConfigDict

PASSWORD_MIN = 10
SALT_BYTES, NONCE_BYTES = 16, 12
TIME_COST, MEMORY_KIB = 3, 64 * 1024
"""RFC 9106's second recommendation: some tenths of a second for each guess."""


class Account(BaseModel):
    """Somebody who may sign in. ``holder``: whose key it is; ``sealed``: what the password opens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: str
    name: str
    holder: str
    salt: str
    sealed: str
    second_factor: bool
    created: AwareDatetime
    ended: AwareDatetime | None = None


class AccountFile(BaseModel):
    """The file of accounts."""

    accounts: list[Account] = []


class Opened(BaseModel):
    """What a password opened: the key at the door, and the secret of the second factor."""

    key: str
    secret: str = ""

    def step_of(self, code: str, moment: datetime) -> int | None:
        """Return of which half minute a code is, one more or less than a moment's; None: of none of them."""
        totp = pyotp.TOTP(self.secret)
        for away in (-1, 0, 1):
            if compare_digest(
                totp.at(for_time=moment, counter_offset=away).encode(), code.encode()
            ):
                return totp.timecode(moment) + away
        return None


def seal(
    login: str, name: str, holder: str, opened: Opened, password: str, at: datetime
) -> Account:
    """Return an account that this password opens."""
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    said = json.dumps(opened.model_dump()).encode()
    sealed = nonce + AESGCM(_key(password, salt)).encrypt(nonce, said, login.encode())
    return Account(
        login=login, name=name, holder=holder, salt=salt.hex(), sealed=sealed.hex(),
        second_factor=bool(opened.secret), created=at,
    )  # fmt: skip


def open_with(account: Account, password: str) -> Opened | None:
    """Return what the password opens; None if it is another one."""
    sealed = bytes.fromhex(account.sealed)
    box = AESGCM(_key(password, bytes.fromhex(account.salt)))
    try:
        said = box.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], account.login.encode())
    except InvalidTag:
        return None
    return Opened.model_validate_json(said)


def _key(password: str, salt: bytes) -> bytes:
    return hash_secret_raw(password.encode(), salt, TIME_COST, MEMORY_KIB, 1, 32, Type.ID)


def read_accounts(path: Path) -> dict[str, Account]:
    """Return the accounts of a file by login, without those that ended. Raises ValueError for a torn one."""
    if not path.exists():
        return {}
    found = AccountFile.model_validate_json(path.read_text("utf-8")).accounts
    return {one.login: one for one in found if one.ended is None}
