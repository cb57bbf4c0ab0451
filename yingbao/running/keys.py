"""Who may have a key to the door, and the file that keeps them: holder → key, empty once revoked."""

import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chassis.clock import system_clock, today
from contracts.vocabulary import Source
from services.gateway.regions import read_region
from services.gateway.settings import keys_of

PARTNER_KEYS = "partner-keys.json"
HOSPITALS = (
    ("H34169901", "L1"), ("H34169902", "L1"), ("H34169903", "L2"), ("H34169904", "L2"),
    ("H34169905", "L3_CITY"), ("H34169906", "L3_PROVINCE"),
)  # fmt: skip
PARTNERS = tuple(one.value for one in Source if one is not Source.TOWNSHIP_OFFICE)
"""Whoever holds one key for the whole county; a township's office holds its own."""
_PROVIDER = re.compile(r"[A-Za-z0-9_-]{1,15}")


class KeyProblemError(Exception):
    """A key cannot be made or taken away; the message says why."""


def write_keys(path: Path, keys: dict[str, str]) -> None:
    """Write keys for their owner only, whole or not at all: a reader never sees half a file."""
    descriptor, new = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(keys, file, indent=1, ensure_ascii=False)
    Path(new).replace(path)


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Let one process at a time read and write the keys of a directory."""
    if not directory.is_dir():
        raise KeyProblemError(f"no data directory {directory}: see --data")
    import fcntl  # noqa: PLC0415  there is none on Windows, where nothing is kept up

    with (directory / "keys.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def add_key(directory: Path, county: str, holder: str) -> str:
    """Return a new key of a holder. Raises KeyProblemError if there can be none, or is one."""
    _check(holder, county)
    with alone(directory):
        keys = keys_of(directory / PARTNER_KEYS)
        if keys.get(holder):
            raise KeyProblemError(f"{holder} has a key already: revoke it first")
        keys[holder] = secrets.token_hex(16)
        write_keys(directory / PARTNER_KEYS, keys)
        return keys[holder]


def revoke_key(directory: Path, holder: str) -> None:
    """Take a holder's key away. Raises KeyProblemError if there is none."""
    with alone(directory):
        keys = keys_of(directory / PARTNER_KEYS)
        if not keys.get(holder):
            raise KeyProblemError(f"{holder} has no key")
        write_keys(directory / PARTNER_KEYS, keys | {holder: ""})


def _check(holder: str, county: str) -> None:
    """Refuse a holder that no call could be from: a typo would be a key that opens nothing."""
    kind, slash, name = holder.partition("/")
    if not slash and kind in PARTNERS:
        return
    if kind == "hospital" and _PROVIDER.fullmatch(name):
        return
    if kind == "township_office" and name in read_region(county).standing(today(system_clock)):
        return
    raise KeyProblemError(
        f"{holder!r} cannot hold a key: {', '.join(PARTNERS)}, hospital/<code of at most 15 letters and"
        " digits>, township_office/<township of this county>"
    )
