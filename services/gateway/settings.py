"""What the door is told: who may come in, how much at once, how long a hospital waits."""

import hmac
import json
from pathlib import Path

from chassis.settings import Settings
from chassis.telemetry import logger

BODY_BYTES_MAX = 1 << 20
FILE_BYTES_MAX = 30_000_000
REGISTER_BYTES_MAX = 300_000_000
ROWS_MAX = 300_000
UNZIPPED_BYTES_MAX = 300 << 20
BATCH_LINES_MAX = 1_000


class PartnerKeys:
    """Keys of partners, ``name:key`` pairs: a source's name, or ``hospital/<provider>``.

    Those of the file (JSON, holder → key; empty: revoked) are read again whenever it changes, so that a
    key counts, or counts no longer, with the next call.
    """

    def __init__(self, settings: Settings) -> None:
        pairs = settings.partner_keys.get_secret_value().split(",")
        self._told = dict(pair.strip().split(":", 1) for pair in pairs if ":" in pair)
        self._file = settings.partner_keys_file
        self._stamp: tuple[int, int] = (0, 0)
        self._kept: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._keys())

    def holder(self, key: str) -> str:
        """Return who holds a key, or an empty string. Compares without leaking time."""
        found = ""
        for name, known in self._keys().items():
            if hmac.compare_digest(known.encode(), key.encode()):
                found = name
        return found

    def _keys(self) -> dict[str, str]:
        """Return holder → key; nobody holds an empty one."""
        return {name: key for name, key in (self._told | self._of_file()).items() if key}

    def _of_file(self) -> dict[str, str]:
        if self._file is None:
            return {}
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return {}
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            try:
                self._kept = json.loads(self._file.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                # Half a file, or none: whoever had a key keeps it until the file can be read again.
                logger().warning("keys.unread", reason=type(error).__name__)
            else:
                self._stamp = stamp
        return self._kept


def keys_of(path: Path) -> dict[str, str]:
    """Return holder → key of a file; nothing if there is none."""
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found
