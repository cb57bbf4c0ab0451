"""A step of the tables does not stop who works on them: read by squawk, as PostgreSQL would run it."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chassis import migrating
from chassis.store import SERVICES

STEPS = sorted(SERVICES.glob("*/migrations/versions/*.py"))
TASTE = "prefer-bigint-over-int,prefer-bigint-over-smallint,prefer-robust-stmts,require-statement-timeout"
"""Of what it says about types and repeats nothing stops anybody; a long step that waits for nobody may be long."""
BEFORE_0_3 = {
    "assistance": 4, "enrollment": 15, "gateway": 1, "notify": 12, "settlement": 7,
}  # fmt: skip
"""Service → its last step before upgrades ran beside old services: 0.3 is upgraded to with the platform stopped."""


class Written:
    """What alembic is told, written down instead of run."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def execute(self, statement: Any) -> None:
        """Write a statement down."""
        self.statements.append(str(statement).rstrip(";"))


def sql_of(step: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a step's SQL, with what ``chassis.migrating`` says before it."""
    written = Written()
    monkeypatch.setattr(migrating, "op", written)
    spec = importlib.util.spec_from_file_location("step", step)
    assert spec is not None and spec.loader is not None  # noqa: PT018
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if hasattr(module, "op"):
        module.op = written
    module.upgrade()
    first = f"SET lock_timeout = '{migrating.LOCK_SECONDS}s'"
    return ";\n".join([first, *written.statements]) + ";\n"


def findings(sql: str, room: Path) -> list[tuple[str, str]]:
    """Return what squawk finds: (rule, message)."""
    path = room / "step.sql"
    path.write_text(sql)
    squawk = shutil.which("squawk", path=str(Path(sys.executable).parent))
    assert squawk, "squawk-cli is in the lock"
    told = subprocess.run(
        [squawk, "--reporter", "Json", "--assume-in-transaction", "--pg-version", "15.0", "--exclude", TASTE, str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [(one["rule_name"], one["message"]) for one in json.loads(told.stdout or "[]")]


@pytest.mark.parametrize(
    "step",
    [one for one in STEPS if int(one.name[:4]) > BEFORE_0_3[one.parts[-4]]],
    ids=lambda one: f"{one.parts[-4]}-{one.stem}",
)
def test_a_step_waits_for_nobody_long_and_rewrites_nothing(
    step: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index comes concurrently, a constraint unproven first, a column without a rewrite."""
    assert findings(sql_of(step, monkeypatch), tmp_path) == []


def test_what_would_stop_a_county_is_found(tmp_path: Path) -> None:
    """The check itself sees an index that locks writers out, and a step that waits for ever."""
    locking = "CREATE INDEX slow ON posting (person);\n"

    assert {rule for rule, _ in findings(locking, tmp_path)} == {
        "require-concurrent-index-creation", "require-lock-timeout",
    }  # fmt: skip
