"""What the door is told: who may come in, how much at once, how long a hospital waits."""

import hmac

from chassis.settings import Settings

BODY_BYTES_MAX = 1 << 20
FILE_BYTES_MAX = 30_000_000
REGISTER_BYTES_MAX = 300_000_000
ROWS_MAX = 300_000
UNZIPPED_BYTES_MAX = 300 << 20
BATCH_LINES_MAX = 1_000


class PartnerKeys:
    """Keys of partners, ``name:key`` pairs: a source's name, or ``hospital/<provider>``."""

    def __init__(self, settings: Settings) -> None:
        pairs = settings.partner_keys.get_secret_value().split(",")
        self._keys = dict(pair.strip().split(":", 1) for pair in pairs if ":" in pair)

    def __len__(self) -> int:
        return len(self._keys)

    def holder(self, key: str) -> str:
        """Return who holds a key, or an empty string. Compares without leaking time."""
        found = ""
        for name, known in self._keys.items():
            if hmac.compare_digest(known.encode(), key.encode()):
                found = name
        return found
