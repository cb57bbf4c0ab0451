"""One folder of secrets a process, for a platform whose processes are containers, pods or units.

Each mounts its own folder and nothing else: whoever takes over one of them has its rooms and no more.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chassis.embedded.nats import users_text
from chassis.store import as_login, role_of
from yingbao.running.accounts import ACCOUNTS
from yingbao.running.backing_up import DRILLS
from yingbao.running.bus_keys import ALL_SERVICES, OPERATOR, PARTNER_KEYS, keys_needed, users_of
from yingbao.running.first_keys import DATABASE_LOGINS, logins_of, make_keys, seeds_of
from yingbao.running.migrating import has_tables

BUS, DATABASE, OWNER, CONSOLE = "bus", "database", "yingbao", "console"
OWNER_PASSWORD = "database-owner"  # noqa: S105  the name of a file
SERVICES = (*(one.name for one in ALL_SERVICES), "gateway")
OPEN_FOLDER, OPEN_FILE = 0o755, 0o444
"""A container's user is nobody here: what it reads lies open in a folder that only its owner passes."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the processes find the bus and the database, as URLs without a password."""

    bus: str
    database: str


@dataclass(frozen=True, slots=True)
class SecretFolders:
    """The folders of an installation: ``directory`` has its keys, ``out`` is written."""

    directory: Path
    out: Path
    county: str
    at: Addresses
    _keys: Mapping[str, str] = field(default_factory=dict)

    def write(self) -> list[str]:
        """Write every process's folder, again after a key was added or revoked; returns their names."""
        self.out.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.out.chmod(0o700)
        keys = make_keys(self.directory, self.county)
        folders = dict(self._folders(keys))
        for name, files in folders.items():
            _write(self.out / name, files)
        return list(folders)

    def _folders(self, keys: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
        seeds, logins, owner = seeds_of(self.directory), logins_of(self.directory), self._owner()
        partners = (self.directory / PARTNER_KEYS).read_text(encoding="utf-8")
        for name in SERVICES:
            files = {"NATS_URL": self.at.bus, "YINGBAO_BUS_SEED": seeds[name]}
            files |= {f"YINGBAO_{one.upper()}": keys[one] for one in keys_needed(name)}
            if has_tables(name):
                files["DATABASE_URL"] = as_login(self.at.database, role_of(name), logins[name])
            if name == "gateway":
                files[PARTNER_KEYS] = partners
            yield name, files
        yield CONSOLE, {ACCOUNTS: self._accounts()}
        yield OPERATOR, {
            "NATS_URL": self.at.bus, "YINGBAO_BUS_SEED": seeds[OPERATOR],
            "YINGBAO_OPERATOR_KEY": keys["operator_key"],
            "DATABASE_URL": as_login(self.at.database, OWNER, owner),
            DATABASE_LOGINS: json.dumps(logins), PARTNER_KEYS: partners, DRILLS: self._drills(),
        }  # fmt: skip
        yield BUS, {"users.conf": users_text(users_of(self.directory))}
        yield DATABASE, {"password": owner + "\n"}

    def _accounts(self) -> str:
        """Return who may sign in at the console: each sealed by a password that lies nowhere."""
        kept = self.directory / ACCOUNTS
        return kept.read_text(encoding="utf-8") if kept.exists() else '{"accounts": []}'

    def _drills(self) -> str:
        """Return when backups were made: whoever watches from a container does not see the directory."""
        kept = self.directory / DRILLS
        return kept.read_text(encoding="utf-8") if kept.exists() else ""

    def _owner(self) -> str:
        """Return the password of the database's owner; it is made once."""
        kept = self.directory / OWNER_PASSWORD
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_hex(24), encoding="ascii")
        return kept.read_text(encoding="ascii")


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write a folder's files, each whole or not at all: a process may be reading them."""
    folder.mkdir(exist_ok=True)
    folder.chmod(OPEN_FOLDER)
    for name, content in files.items():
        new = folder / f".{name}.new"
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_text(content, encoding="utf-8")
        new.chmod(OPEN_FILE)
        new.replace(folder / name)
