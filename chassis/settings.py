"""Settings of a process, from the environment. Secrets may also come as files in ``SECRETS_DIR``."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from chassis.secret_files import SettingsWithSecrets

OPERATOR_KEY = "operator_key"
VAULT_KEYS = ("person_key", "identity_key", "contact_key", "index_key", "operator_key")
SECRET_SETTINGS = ("database_url", "nats_url", "bus_seed", *VAULT_KEYS)
"""Settings that may come as a file each: ``<VARIABLE>_FILE``."""
DISTINCT_BYTES_LEAST = 16
STREAM_DAYS_LEAST = 30
EXAMPLE_KEY = "0" * 64
"""The key in examples and documents; start-up refuses it."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the bus keeps streams: copies, days until a message goes (0: never), room (1: a stream's own)."""

    replicas: int = 1
    days: int = 0
    room: float = 1.0


class Settings(SettingsWithSecrets):
    """Everything a process is told. ``DATABASE_URL`` and ``NATS_URL`` as elsewhere, ours prefixed."""

    model_config = SettingsConfigDict(env_prefix="YINGBAO_")

    SECRETS: ClassVar[tuple[str, ...]] = SECRET_SETTINGS

    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    nats_url: str = Field(default="", validation_alias="NATS_URL")
    nats_replicas: int = Field(
        default=1, ge=1, le=5, description="Copies of each stream; one that has more keeps them."
    )
    stream_days: int = Field(
        default=180,
        ge=0,
        le=3_650,
        description="Days after which a message leaves the bus; 0: never. Letters stay until closed.",
    )
    stream_room: float = Field(
        default=1.0, gt=0, le=100, description="Room of every stream, as a multiple of its own."
    )
    bus_seed: SecretStr = Field(
        default=SecretStr(""), description="Seed of the nkey that this process shows the bus."
    )
    bus_ca_file: Path | None = Field(
        default=None, description="Authority that signed the bus's certificate, in PEM."
    )
    nats_monitor_url: str = Field(default="", validation_alias="NATS_MONITOR_URL")
    http_host: str = "127.0.0.1"
    http_port: int = 0
    http_cert_file: Path | None = Field(default=None, description="Certificate of the door, PEM.")
    http_key_file: Path | None = Field(default=None, description="Its private key, in PEM.")
    log_level: str = "INFO"
    unsafe: bool = Field(default=False, description="Run although a start-up check failed.")
    person_key: SecretStr = Field(default=SecretStr(EXAMPLE_KEY), description="32 bytes, hex.")
    identity_key: SecretStr = Field(default=SecretStr(EXAMPLE_KEY), description="32 bytes, hex.")
    contact_key: SecretStr = Field(default=SecretStr(EXAMPLE_KEY), description="32 bytes, hex.")
    index_key: SecretStr = Field(default=SecretStr(EXAMPLE_KEY), description="32 bytes, hex.")
    operator_key: SecretStr = Field(default=SecretStr(EXAMPLE_KEY), description="32 bytes, hex.")
    cipher_suite: str = "AES-256-GCM"
    packs: str = "lixin-2023"
    synthetic: bool = Field(default=False, description="Accept the unassigned address codes.")
    ack_wait_seconds: float = Field(
        default=60.0, gt=0, description="After this an unacknowledged message is delivered again."
    )
    batch_max: int = Field(
        default=2_000,
        ge=1,
        le=4_000,
        description="Messages of a consumer a turn; two lanes share them.",
    )
    nightly_check_hour: int = Field(
        default=2, ge=0, le=24, description="From this hour on the night's check is run; 24: never."
    )
    region: str = Field(
        default="",
        description="Region table: a county's code, or the path of a .yaml; the gateway needs one.",
    )
    county_dir: Path | None = Field(
        default=None,
        description="Folder with what the county adds: categories, departments, sheets, words.",
    )

    @field_validator("stream_days")
    @classmethod
    def _long_enough(cls, days: int) -> int:
        """Who was away for a month still reads what was said meanwhile."""
        if 0 < days < STREAM_DAYS_LEAST:
            raise ValueError(f"at least {STREAM_DAYS_LEAST}, or 0 for never")
        return days

    @field_validator("county_dir", mode="before")
    @classmethod
    def _none_if_empty(cls, said: object) -> object:
        """An empty value is no folder, and not the working directory."""
        return said or None

    sms_log: Path | None = None
    sms_providers: str = Field(
        default="phone_log", description="Ways to phones by commas, tried in this order."
    )
    sms_rates: str = Field(default="", description="Messages a second, such as kannel=30.")
    sms_hours: str = Field(
        default="", description="Hours for notices; 08:30-20:30, made-up people at any hour."
    )
    sms_a_day: int = Field(default=3, ge=0, description="Messages a phone a day; 0: no limit.")
    door_wait_seconds: float = Field(default=5.0, gt=0)
    calls_a_minute: int = Field(
        default=12_000, ge=1, description="Calls a minute at the door with one key; then 429."
    )
    refusals_an_hour: int = Field(
        default=3_000,
        ge=1,
        description="Refused inputs of one key that are kept an hour; then told only.",
    )
    partner_keys_file: Path | None = Field(
        default=None,
        description="Hashes of the keys that open the door, read again when it changes.",
    )

    @property
    def keeping(self) -> Keeping:
        """Return how the bus keeps streams."""
        return Keeping(self.nats_replicas, self.stream_days, self.stream_room)

    @property
    def database_dsn(self) -> str:
        """The database URL as the driver reads it, whichever of its names the scheme has."""
        scheme, mark, rest = self.database_url.partition("://")
        known = scheme.partition("+")[0] in {"postgres", "postgresql"}
        return f"postgresql{mark}{rest}" if known else self.database_url

    def weak_keys(self, names: Iterable[str] = VAULT_KEYS) -> dict[str, str]:
        """Return what is wrong with keys that protect nothing, by name."""
        faults = {name: fault_of(getattr(self, name).get_secret_value()) for name in names}
        return {name: fault for name, fault in faults.items() if fault}


def servers_of(nats_url: str) -> tuple[str, ...]:
    """Return the bus's servers: one URL, or several by commas."""
    return tuple(one.strip() for one in nats_url.split(",") if one.strip())


def fault_of(key: str) -> str:
    """Say why a key of 32 bytes in hex protects nothing; empty if it does. Former ones stand behind commas.

    A random key has some thirty different bytes; one that a person made up repeats itself.
    """
    if "," in key:
        return next((fault for one in key.split(",") if (fault := fault_of(one))), "")
    if key == EXAMPLE_KEY:
        return "the published example"
    if re.fullmatch(r"[0-9a-fA-F]{64}", key) is None:
        return "not 32 bytes in hex"
    return "made up, not random" if len(set(bytes.fromhex(key))) < DISTINCT_BYTES_LEAST else ""
