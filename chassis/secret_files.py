"""Secrets from files: ``YINGBAO_PERSON_KEY_FILE=/run/secrets/person`` in place of the value itself."""

import os
from pathlib import Path
from typing import Any, ClassVar

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

SECRET_BYTES_MAX = 64_000


class SecretFileError(ValueError):
    """A secret's file that cannot be used; the message names the variable and never the content."""


class SecretFiles(PydanticBaseSettingsSource):
    """Reads each named setting from the file that ``<VARIABLE>_FILE`` names, without its last line end."""

    def __init__(self, settings: type[BaseSettings], names: tuple[str, ...]) -> None:
        super().__init__(settings)
        self._names = names

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return (value, key, False): a secret is never JSON."""
        alias = field.validation_alias
        variable = alias if isinstance(alias, str) else f"YINGBAO_{field_name.upper()}"
        return _secret(variable), field_name if alias is None else variable, False

    def __call__(self) -> dict[str, Any]:
        """Return what files say."""
        found = (
            self.get_field_value(self.settings_cls.model_fields[name], name) for name in self._names
        )
        return {key: value for value, key, _ in found if value is not None}


class SettingsWithSecrets(BaseSettings):
    """Settings of which some may come as a file each; ``SECRETS`` names their fields."""

    model_config = SettingsConfigDict(
        extra="ignore", populate_by_name=True, secrets_dir=os.environ.get("SECRETS_DIR")
    )

    SECRETS: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Whoever passes a value has the last word; then the environment, the named files, the folder."""
        named = SecretFiles(settings_cls, cls.SECRETS)
        return init_settings, env_settings, named, dotenv_settings, file_secret_settings


def _secret(variable: str) -> str | None:
    place = os.environ.get(f"{variable}_FILE", "")
    if not place:
        return None
    if os.environ.get(variable):
        raise SecretFileError(f"{variable} and {variable}_FILE are both set: which of them counts?")
    try:
        raw = Path(place).read_bytes()
        said = raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise SecretFileError(
            f"{variable}_FILE: {place} cannot be read ({type(error).__name__})"
        ) from None
    if not said or len(raw) > SECRET_BYTES_MAX:
        raise SecretFileError(f"{variable}_FILE: {place} is empty, or no secret")
    return said
