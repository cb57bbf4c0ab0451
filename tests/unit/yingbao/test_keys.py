"""Keys of the door: made, listed, revoked; counted with the next call, and never held by a typo."""

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chassis.clock import system_clock
from services.gateway.partner_keys import PartnerKeys, read_keys
from yingbao.cli import app
from yingbao.running.bus_keys import PARTNER_KEYS
from yingbao.running.holders import KeyProblemError
from yingbao.running.keys import add_key, keep_as_hashes, revoke_key, rotate_key
from yingbao.running.only_one import AlreadyUpError, only_one
from yingbao.running.private_files import write_private


def door_keys(directory: Path) -> PartnerKeys:
    """Return the door's view of a directory's keys."""
    return PartnerKeys(directory / PARTNER_KEYS)


def test_a_key_counts_from_the_next_call_on_and_no_longer_once_revoked(tmp_path: Path) -> None:
    """Nothing is restarted."""
    keys = door_keys(tmp_path)
    assert keys.holder("anything") == ""

    key = add_key(tmp_path, "341623", "hospital/H34162301").key

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
    first = add_key(tmp_path, "341623", "tax").key

    with pytest.raises(KeyProblemError):
        add_key(tmp_path, "341623", "tax")
    revoke_key(tmp_path, "tax")
    with pytest.raises(KeyProblemError):
        revoke_key(tmp_path, "tax")
    assert add_key(tmp_path, "341623", "tax").key != first


def test_the_file_is_its_owners_only(tmp_path: Path) -> None:
    """Mode 0600, whole or not at all; and who reads it learns no key."""
    made = add_key(tmp_path, "341623", "tax")

    content = (tmp_path / PARTNER_KEYS).read_text()
    assert made.key not in content
    assert made.bus_seed not in content
    assert stat.S_IMODE((tmp_path / PARTNER_KEYS).stat().st_mode) == 0o600


def test_a_rotated_key_counts_beside_the_new_one_for_some_days(tmp_path: Path) -> None:
    """A department changes its configuration when its person is there, not at midnight."""
    keys = door_keys(tmp_path)
    old = add_key(tmp_path, "341623", "tax").key

    new = rotate_key(tmp_path, "tax", days=7).key

    assert (keys.holder(old), keys.holder(new)) == ("tax", "tax")
    later = PartnerKeys(tmp_path / PARTNER_KEYS, lambda: system_clock() + timedelta(days=8))
    assert (later.holder(old), later.holder(new)) == ("", "tax")
    revoke_key(tmp_path, "tax")
    assert (keys.holder(old), keys.holder(new)) == ("", "")


def test_a_key_that_was_made_for_a_time_ends_by_itself(tmp_path: Path) -> None:
    """Whoever tests for a month has no key in the next year."""
    key = add_key(tmp_path, "341623", "tax", system_clock() + timedelta(days=30)).key

    assert door_keys(tmp_path).holder(key) == "tax"
    later = PartnerKeys(tmp_path / PARTNER_KEYS, lambda: system_clock() + timedelta(days=31))
    assert (later.holder(key), later.stands("tax")) == ("", False)


def test_keys_of_the_version_before_go_on_counting_as_hashes(tmp_path: Path) -> None:
    """Holder → key in clear, as it was written; a revoked one stays so."""
    write_private(tmp_path / PARTNER_KEYS, {"tax": "an-old-key", "police": ""})

    keep_as_hashes(tmp_path)

    keys = door_keys(tmp_path)
    assert (keys.holder("an-old-key"), keys.holder("")) == ("tax", "")
    assert "an-old-key" not in (tmp_path / PARTNER_KEYS).read_text()
    assert {one.holder: one.state_on(system_clock()) for one in read_keys(tmp_path / PARTNER_KEYS)} == {
        "tax": "active", "police": "revoked",
    }  # fmt: skip


def test_the_commands_show_a_key_once_and_never_in_the_list(tmp_path: Path) -> None:
    """Added with its key, listed without, revoked; wrong use is one line and exit code 1."""
    run = CliRunner()
    data = ["--data", str(tmp_path)]

    added = run.invoke(app, ["key", "add", "township_office/张村镇", *data, "--json"])
    listed = run.invoke(app, ["key", "list", *data])
    revoked = run.invoke(app, ["key", "revoke", "township_office/张村镇", *data])
    again = run.invoke(app, ["key", "revoke", "township_office/张村镇", *data])

    key = json.loads(added.stdout)["key"]
    assert listed.stdout.split()[1:4:2] == ["active", "-"]
    assert listed.stdout.split()[-1] == "township_office/张村镇"
    assert key not in listed.stdout
    assert (revoked.exit_code, again.exit_code) == (0, 1)


def test_a_second_platform_on_one_directory_is_one_line(tmp_path: Path) -> None:
    """The first goes on; once it ended, the next may start."""
    with (
        only_one(tmp_path),
        pytest.raises(AlreadyUpError, match="已有平台在运行"),
        only_one(tmp_path),
    ):
        pass
    with only_one(tmp_path):
        pass


def test_a_vault_s_key_is_rotated_and_a_person_s_never(tmp_path: Path) -> None:
    """With another person key nobody would be found again."""
    write_private(tmp_path / "keys.json", {"identity_key": "1f" * 32, "person_key": "2e" * 32})
    run = CliRunner()

    done = run.invoke(app, ["key", "rotate-vault", "identity_key", "--data", str(tmp_path)])
    person = run.invoke(app, ["key", "rotate-vault", "person_key", "--data", str(tmp_path)])

    new, old = json.loads((tmp_path / "keys.json").read_text())["identity_key"].split(",")
    assert (done.exit_code, person.exit_code, old) == (0, 1, "1f" * 32)
    assert new not in done.output


@pytest.mark.parametrize("spoilt", ["{", "城".encode("gbk"), b'{"keys": [{"id": "k"}]}', b"[]"])
def test_a_spoilt_file_of_keys_leaves_everybody_with_the_key_they_had(
    tmp_path: Path, spoilt: str | bytes
) -> None:
    """Half an edit, or another encoding: the door goes on with what it read last."""
    key = add_key(tmp_path, "341623", "tax").key
    keys = door_keys(tmp_path)
    assert keys.holder(key) == "tax"

    raw = spoilt.encode() if isinstance(spoilt, str) else spoilt
    (tmp_path / PARTNER_KEYS).write_bytes(raw + b" " * 3)

    assert keys.holder(key) == "tax"
