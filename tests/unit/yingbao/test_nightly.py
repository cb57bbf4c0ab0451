"""Once a night the books are held against each other, and the log says how it came out."""

from datetime import datetime
from pathlib import Path

import pytest

from chassis.clock import CHINA
from yingbao.running import nightly
from yingbao.running.nightly import Audited, Nightly, last_audit
from yingbao.running.reconciling import Difference


def at(day: int, hour: int) -> datetime:
    """Return a moment of a November."""
    return datetime(2026, 11, day, hour, 5, tzinfo=CHINA)


def test_it_runs_once_a_night_and_says_what_differs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not before three, not twice, and again in the next night; a failure is said; a start forgets nothing."""
    said: list[str] = []
    results: list[object] = [
        [],
        [Difference("billed_not_told", "c1", "bill 2", "bill 1")],
        OSError(),
    ]

    async def reconcile(_: str) -> object:
        found = results.pop(0)
        if isinstance(found, OSError):
            raise found
        return found

    monkeypatch.setattr(nightly, "reconcile", reconcile)
    night = Nightly(tmp_path, lambda: "postgresql://x", said.append, at(26, 9))

    for moment in (at(26, 9), at(26, 23), at(27, 2), at(27, 3), at(27, 4)):
        night.look(moment)
    assert last_audit(tmp_path) == Audited(at(27, 3), 1)
    night = Nightly(tmp_path, lambda: "postgresql://x", said.append, at(27, 5))
    for moment in (at(27, 23), at(28, 3), at(28, 4)):
        night.look(moment)

    assert said == [
        "nightly audit: 0 differences",
        "nightly audit: billed_not_told: c1: bill 2 ≠ bill 1", "nightly audit: 1 differences",
        "nightly audit could not run: OSError",
    ]  # fmt: skip
    assert results == []
