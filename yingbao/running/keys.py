"""Makes, rotates and takes away the keys of partners, hospitals and townships, and keeps them as hashes.

A key is shown once, to whoever makes it. Those of the first start lie in a file to be handed out from,
and deleted.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chassis.clock import system_clock
from chassis.language import tr
from chassis.privacy import vault
from services.gateway.partner_keys import KEY_BYTES, KeyFile, PartnerKey, hash_of, read_keys
from yingbao.running.bus_keys import PARTNER_KEYS, let_in, new_seed, public_of
from yingbao.running.holders import KeyProblemError, check_holder, refuse_personal
from yingbao.running.private_files import read_private, write_private

HAND_OUT = "keys-to-hand-out.json"
"""Holder → key and bus seed of the first start: given to their holders, then deleted."""
ROTATION_DAYS = 7
OWN_KEYS = "keys.json"
ROTATED = ("identity_key", "contact_key", "operator_key")
"""Keys that seal. The others make keys of people: with another one nobody would be found again."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a holder is given, once: the key for HTTP and the seed of the nkey for the bus."""

    record: PartnerKey
    key: str
    bus_seed: str


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Let one process at a time read and write the keys of a directory."""
    if not directory.is_dir():
        raise KeyProblemError(tr("no data directory {directory}: see --data", directory=directory))
    import fcntl  # noqa: PLC0415  there is none on Windows, where nothing is kept up

    with (directory / "keys.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_for(holder: str, expires: datetime | None = None, *, for_bus: bool = True) -> NewKey:
    """Make a key for a holder; nothing is written yet. ``for_bus``: with an nkey to speak on the bus."""
    key, seed = secrets.token_hex(KEY_BYTES), new_seed() if for_bus else ""
    record = PartnerKey(
        id=f"k{secrets.token_hex(4)}", holder=holder, hash=hash_of(key), bus=public_of(seed) if seed else "",
        created=system_clock(), expires=expires,
    )  # fmt: skip
    return NewKey(record, key, seed)


def write_records(directory: Path, records: list[PartnerKey]) -> None:
    """Write the keys' file."""
    write_private(directory / PARTNER_KEYS, KeyFile(keys=records).model_dump(mode="json"))


def add_key(directory: Path, county: str, holder: str, expires: datetime | None = None) -> NewKey:
    """Return a new key of a holder. Raises KeyProblemError if there can be none, or is one."""
    refuse_personal(holder)
    check_holder(holder, county)
    with alone(directory):
        records = read_keys(directory / PARTNER_KEYS)
        if any(one.holder == holder and one.counts_on(system_clock()) for one in records):
            raise KeyProblemError(
                tr("{holder} has a key already: rotate it, or revoke it first", holder=holder)
            )
        for_bus = not holder.startswith("insurer/")  # it fetches statements, and says nothing
        return _added(directory, records, made_for(holder, expires, for_bus=for_bus))


def add_personal_key(directory: Path, county: str, holder: str) -> NewKey:
    """Return a new key of somebody of an office, in place of any before; whoever calls is ``alone``."""
    check_holder(holder, county)
    end_personal_key(directory, holder)
    records = read_keys(directory / PARTNER_KEYS)
    return _added(directory, records, made_for(holder, for_bus=False))


def end_personal_key(directory: Path, holder: str) -> None:
    """Take the keys of somebody of an office away, if there are any; whoever calls is ``alone``."""
    now = system_clock()
    records = read_keys(directory / PARTNER_KEYS)
    gone = [
        one.model_copy(update={"revoked": now}) if _is_of(one, holder, now) else one
        for one in records
    ]
    write_records(directory, gone)


def rotate_key(directory: Path, holder: str, days: int = ROTATION_DAYS) -> NewKey:
    """Return a second key of a holder; the first counts for some days yet, so that nobody is cut off.

    Raises KeyProblemError if there is none.
    """
    refuse_personal(holder)
    now = system_clock()
    with alone(directory):
        records, ends = read_keys(directory / PARTNER_KEYS), now + timedelta(days=days)
        if not any(one.holder == holder and one.counts_on(now) for one in records):
            raise KeyProblemError(tr("{holder} has no key", holder=holder))
        ending = [_ended(one, ends) if _is_of(one, holder, now) else one for one in records]
        return _added(directory, ending, made_for(holder))


def revoke_key(directory: Path, holder: str) -> None:
    """Take every key of a holder away. Raises KeyProblemError if there is none."""
    now = system_clock()
    with alone(directory):
        records = read_keys(directory / PARTNER_KEYS)
        if not any(_is_of(one, holder, now) for one in records):
            raise KeyProblemError(tr("{holder} has no key", holder=holder))
        gone = [
            one.model_copy(update={"revoked": now}) if _is_of(one, holder, now) else one
            for one in records
        ]
        write_records(directory, gone)
        let_in(directory)


def _is_of(key: PartnerKey, holder: str, now: datetime) -> bool:
    return key.holder == holder and key.counts_on(now)


def _ended(key: PartnerKey, ends: datetime) -> PartnerKey:
    return key.model_copy(update={"expires": min(ends, key.expires or ends)})


def _added(directory: Path, records: list[PartnerKey], new: NewKey) -> NewKey:
    write_records(directory, [*records, new.record])
    if (
        new.record.bus
    ):  # a reload forgets whose answers are on their way: none for a key that the bus never sees
        let_in(directory)
    return new


def first_keys(directory: Path, holders: list[str]) -> None:
    """Give everybody a first key who never had one; they are written where they are handed out from."""
    records = read_keys(directory / PARTNER_KEYS)
    had = {one.holder for one in records}
    new = [made_for(holder) for holder in holders if holder not in had]
    if not new:
        return
    handed = {one.record.holder: {"key": one.key, "bus_seed": one.bus_seed} for one in new}
    write_private(directory / HAND_OUT, read_private(directory / HAND_OUT) | handed)
    write_records(directory, [*records, *(one.record for one in new)])


def keep_as_hashes(directory: Path) -> None:
    """Turn a file of an earlier version, holder → key in clear, into hashes; its keys go on counting."""
    path = directory / PARTNER_KEYS
    old = read_private(path)
    if not old or "keys" in old:
        return
    now, records, handed = system_clock(), [], read_private(directory / HAND_OUT)
    for holder, key in old.items():
        made = made_for(holder)
        update: dict[str, Any] = {"hash": hash_of(key)} if key else {"revoked": now}
        records.append(made.record.model_copy(update=update))
        if key:
            handed[holder] = {"key": key, "bus_seed": made.bus_seed}
    write_private(directory / HAND_OUT, handed)
    write_records(directory, records)


def rotate_vault(directory: Path, name: str) -> str:
    """Put a new key before those of a vault; returns its id. What is sealed already stays readable.

    Facts are never changed, so what stands in them stays sealed with the key of its day. Raises
    KeyProblemError for a vault that has none, or whose key cannot change.
    """
    if name not in ROTATED:
        raise KeyProblemError(
            tr(
                "{name} is no vault whose key changes: {rotated}",
                name=name,
                rotated=", ".join(ROTATED),
            )
        )
    with alone(directory):
        known = read_private(directory / OWN_KEYS)
        if name not in known:
            raise KeyProblemError(
                tr("no keys in {directory}: they are made at the first start", directory=directory)
            )
        known[name] = f"{secrets.token_hex(32)},{known[name]}"
        write_private(directory / OWN_KEYS, known)
        return vault(known[name], "AES-256-GCM").key_id
