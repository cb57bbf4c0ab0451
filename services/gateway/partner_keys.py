"""Who may come in at the door: keys as hashes, each with its holder and the time in which it counts."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict

from chassis.clock import Clock, system_clock
from chassis.telemetry import logger

KEY_BYTES = 16


class PartnerKey(BaseModel):
    """A key: its hash, whose it is, the public nkey of the same holder on the bus, and when it counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    holder: str
    hash: str
    bus: str = ""
    created: AwareDatetime
    expires: AwareDatetime | None = None
    revoked: AwareDatetime | None = None

    def counts_on(self, moment: datetime) -> bool:
        """Tell whether the key opens the door then."""
        ends = [one for one in (self.expires, self.revoked) if one is not None]
        return not ends or moment < min(ends)

    def state_on(self, moment: datetime) -> str:
        """Say in a word how the key stands: ``active``, ``expired`` or ``revoked``."""
        if self.revoked is not None and self.revoked <= moment:
            return "revoked"
        return "active" if self.counts_on(moment) else "expired"


class KeyFile(BaseModel):
    """The file of keys."""

    keys: list[PartnerKey] = []


def hash_of(key: str) -> str:
    """Return what is kept of a key. It has 128 random bits, so that no slow hash is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def read_keys(path: Path) -> list[PartnerKey]:
    """Return the keys of a file; none if there is no file. Raises ValueError for one that is none."""
    if not path.exists():
        return []
    return KeyFile.model_validate_json(path.read_text(encoding="utf-8")).keys


class PartnerKeys:
    """The keys that count now. The file is read again whenever it changes: nothing is restarted."""

    def __init__(self, file: Path | None, clock: Clock = system_clock) -> None:
        self._file = file
        self._clock = clock
        self._stamp: tuple[int, int] = (0, 0)
        self._by_hash: dict[str, PartnerKey] = {}

    def __len__(self) -> int:
        return len(self._standing())

    def holder(self, key: str) -> str:
        """Return who holds a key, or an empty string. A hash is looked up, so that time tells nothing."""
        found = self._known().get(hash_of(key)) if key else None
        return found.holder if found is not None and found.counts_on(self._clock()) else ""

    def stands(self, holder: str) -> bool:
        """Tell whether somebody holds a key that counts."""
        return any(one.holder == holder for one in self._standing())

    def holding(self, named: Callable[[str], str]) -> set[str]:
        """Return who holds a key that counts, as ``named`` calls a holder; an empty name is nobody."""
        return {name for one in self._standing() if (name := named(one.holder))}

    def every(self) -> list[PartnerKey]:
        """Return every key of the file, those that count no longer among them."""
        return list(self._known().values())

    def _standing(self) -> list[PartnerKey]:
        now = self._clock()
        return [one for one in self._known().values() if one.counts_on(now)]

    def _known(self) -> dict[str, PartnerKey]:
        if self._file is None:
            return {}
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return {}
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            try:
                self._by_hash = _by_hash(read_keys(self._file))
            except (OSError, ValueError) as error:
                # Half a file, or none: whoever had a key keeps it until the file can be read again.
                logger().warning("keys.unread", reason=type(error).__name__)
            else:
                self._stamp = stamp
        return self._by_hash


def _by_hash(keys: Iterable[PartnerKey]) -> dict[str, PartnerKey]:
    return {one.hash: one for one in keys}
