"""The folders of secrets that containers and units mount: each process its own, and no more."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

from yingbao.running.backing_up import DRILLS
from yingbao.running.bus_keys import PARTNER_KEYS
from yingbao.running.keys import add_key, revoke_key
from yingbao.running.outside import Outside
from yingbao.running.secret_folders import Addresses, SecretFolders

AT = Addresses("nats://bus:4222", "postgresql://database:5432/postgres?sslmode=require")


def written(tmp_path: Path) -> Path:
    """Return the folders of a new installation."""
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    SecretFolders(data, tmp_path / "out", "341623", AT).write()
    return tmp_path / "out"


def test_each_process_has_its_own_keys_and_login(tmp_path: Path) -> None:
    """Settlement opens nobody's identity, and logs in as itself; options of the database's address stay."""
    out = written(tmp_path)

    settlement = {one.name: one.read_text() for one in (out / "settlement").iterdir()}

    assert settlement.keys() == {
        "NATS_URL", "DATABASE_URL", "YINGBAO_BUS_SEED", "YINGBAO_OPERATOR_KEY",
    }  # fmt: skip
    assert settlement["DATABASE_URL"].startswith("postgresql://yingbao_settlement:")
    assert settlement["DATABASE_URL"].endswith("@database:5432/postgres?sslmode=require")
    seeds = [(out / name / "YINGBAO_BUS_SEED").read_text() for name in ("settlement", "gateway")]
    assert len(set(seeds)) == 2


def test_only_the_owner_passes_the_folder_of_folders(tmp_path: Path) -> None:
    """What a container's user reads lies open, behind a door that is closed on this machine."""
    out = written(tmp_path)

    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert stat.S_IMODE((out / "notify" / "YINGBAO_CONTACT_KEY").stat().st_mode) == 0o444


def test_written_again_nothing_changes_but_who_may_come_in(tmp_path: Path) -> None:
    """A hospital that gets a key is let in by the door's file and the bus's users; one that loses it is not."""
    out, data = written(tmp_path), tmp_path / "data"
    before = {one: one.read_text() for one in out.glob("*/*")}
    key = add_key(data, "341623", "hospital/H34169999")

    written(tmp_path)

    changed = {one.relative_to(out).as_posix() for one in before if one.read_text() != before[one]}
    assert changed == {
        "gateway/partner-keys.json", "operator/partner-keys.json", "bus/users.conf",
    }  # fmt: skip
    users = (out / "bus" / "users.conf").read_text()
    revoke_key(data, "hospital/H34169999")
    written(tmp_path)
    known = json.loads((out / "gateway" / "partner-keys.json").read_text())
    assert key.key not in json.dumps(known)
    assert (out / "bus" / "users.conf").read_text() != users


def test_whoever_watches_from_a_container_learns_of_a_backup(tmp_path: Path) -> None:
    """A backup is noted in the data directory, which no container sees: the operator's folder brings it along."""
    out, data = written(tmp_path), tmp_path / "data"
    made = datetime(2026, 11, 27, 2, tzinfo=UTC)
    seen = Outside(tmp_path / "watch", out / "operator" / PARTNER_KEYS)
    (data / DRILLS).write_text(json.dumps({"at": made.isoformat(), "what": "backup"}) + "\n")

    written(tmp_path)
    (tmp_path / "watch").mkdir()
    seen.look("postgresql://nobody@127.0.0.1:1/none", "nats://127.0.0.1:1", "", None)

    told = seen.registry.get_sample_value("yingbao_backup_last_timestamp_seconds")
    assert told == made.timestamp()
