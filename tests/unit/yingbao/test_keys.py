"""Keys of the door: made, listed, revoked; counted with the next call, and never held by a typo."""

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chassis.settings import Settings
from services.gateway.settings import PartnerKeys
from yingbao.cli import app
from yingbao.running.keys import PARTNER_KEYS, KeyProblemError, add_key, revoke_key, write_keys
from yingbao.running.only_one import AlreadyUpError, only_one


def door_keys(directory: Path) -> PartnerKeys:
    """Return the door's view of a directory's keys."""
    return PartnerKeys(Settings(partner_keys_file=directory / PARTNER_KEYS))


def test_a_key_counts_from_the_next_call_on_and_no_longer_once_revoked(tmp_path: Path) -> None:
    """Nothing is restarted."""
    keys = door_keys(tmp_path)
    assert keys.holder("anything") == ""

    key = add_key(tmp_path, "341623", "hospital/H34162301")

    assert keys.holder(key) == "hospital/H34162301"
    revoke_key(tmp_path, "hospital/H34162301")
    assert keys.holder(key) == ""
    assert keys.holder("") == ""


def test_a_holder_that_no_call_could_be_from_gets_no_key(tmp_path: Path) -> None:
    """A typing slip would be a key that opens nothing."""
    for holder in ("taxes", "hospital/", "hospital/医院", "township_office/无此镇", "bureau/x"):
        with pytest.raises(KeyProblemError):
            add_key(tmp_path, "341623", holder)


def test_a_second_key_needs_the_first_revoked_and_only_a_held_one_can_be(tmp_path: Path) -> None:
    """So nobody is locked out by mistake."""
    first = add_key(tmp_path, "341623", "tax")

    with pytest.raises(KeyProblemError):
        add_key(tmp_path, "341623", "tax")
    revoke_key(tmp_path, "tax")
    with pytest.raises(KeyProblemError):
        revoke_key(tmp_path, "tax")
    assert add_key(tmp_path, "341623", "tax") != first


def test_the_file_is_its_owners_only(tmp_path: Path) -> None:
    """Mode 0600, whole or not at all."""
    write_keys(tmp_path / PARTNER_KEYS, {"tax": "k"})

    assert stat.S_IMODE((tmp_path / PARTNER_KEYS).stat().st_mode) == 0o600


def test_the_commands_show_a_key_once_and_never_in_the_list(tmp_path: Path) -> None:
    """Added with its key, listed without, revoked; wrong use is one line and exit code 1."""
    run = CliRunner()
    data = ["--data", str(tmp_path)]

    added = run.invoke(app, ["key", "add", "township_office/张村镇", *data, "--json"])
    listed = run.invoke(app, ["key", "list", *data])
    revoked = run.invoke(app, ["key", "revoke", "township_office/张村镇", *data])
    again = run.invoke(app, ["key", "revoke", "township_office/张村镇", *data])

    key = json.loads(added.stdout)["key"]
    assert listed.stdout.split() == ["active", "township_office/张村镇"]
    assert key not in listed.stdout
    assert (revoked.exit_code, again.exit_code) == (0, 1)


def test_a_second_platform_on_one_directory_is_one_line(tmp_path: Path) -> None:
    """The first goes on; once it ended, the next may start."""
    with (
        only_one(tmp_path),
        pytest.raises(AlreadyUpError, match="already running"),
        only_one(tmp_path),
    ):
        pass
    with only_one(tmp_path):
        pass
