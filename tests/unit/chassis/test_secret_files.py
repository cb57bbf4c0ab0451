"""Secrets come as files where the environment is seen by too many."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from chassis.secret_files import SecretFileError
from chassis.settings import SECRET_SETTINGS, Settings

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f1"


def test_a_secret_is_read_from_the_file_that_its_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the line end that an editor leaves, and without."""
    for number, end in enumerate(("", "\n", "\r\n")):
        file = tmp_path / f"key{number}"
        file.write_bytes((KEY + end).encode())
        monkeypatch.setenv("YINGBAO_PERSON_KEY_FILE", str(file))

        assert Settings().person_key.get_secret_value() == KEY


def test_the_database_and_the_bus_may_stand_in_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their addresses carry passwords; ``DATABASE_URL`` goes by its own name."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("NATS_URL", raising=False)
    for variable in ("DATABASE_URL", "NATS_URL"):
        (tmp_path / variable).write_text(f"x://{variable}\n")
        monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / variable))

    told = Settings()

    assert (told.database_url, told.nats_url) == ("x://DATABASE_URL", "x://NATS_URL")


@pytest.mark.parametrize("wrong", ["none", "empty", "binary", "both"])
def test_a_file_that_is_no_secret_is_a_clear_error(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is named, the content never; a service does not start on a key that it guessed."""
    file = tmp_path / "key"
    if wrong != "none":
        file.write_bytes({"empty": b"\n", "binary": b"\xff\xfe\xfd", "both": KEY.encode()}[wrong])
    if wrong == "both":
        monkeypatch.setenv("YINGBAO_OPERATOR_KEY", KEY)
    monkeypatch.setenv("YINGBAO_OPERATOR_KEY_FILE", str(file))

    with pytest.raises((SecretFileError, ValidationError), match="YINGBAO_OPERATOR_KEY") as caught:
        Settings()

    assert KEY not in str(caught.value)


def test_every_secret_may_be_a_file() -> None:
    """Also one that is added tomorrow."""
    secret = {
        name
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }

    assert secret <= set(SECRET_SETTINGS)
