"""What the console is told: where the door is, who may sign in, how long a session lasts."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ConsoleSettings(BaseSettings):
    """The console's settings; it has no key of its own, no database and no bus."""

    model_config = SettingsConfigDict(env_prefix="YINGBAO_")

    gateway_url: str = Field(default="", description="The door, such as http://127.0.0.1:8080.")
    console_accounts_file: Path = Field(
        default=Path("console-accounts.json"), description="Who may sign in; sealed by passwords."
    )
    door_ca_file: Path | None = Field(
        default=None, description="The authority of the door's certificate, PEM."
    )
    door_cert_file: Path | None = Field(
        default=None, description="The door's own certificate, PEM, if it is on this machine."
    )
    http_host: str = "127.0.0.1"
    http_port: int = 0
    http_cert_file: Path | None = None
    http_key_file: Path | None = None
    console_idle_minutes: int = Field(default=30, ge=1, description="A session ends unused.")
    console_day_hours: int = Field(default=10, ge=1, description="A session ends in any case.")
    log_level: str = "INFO"
