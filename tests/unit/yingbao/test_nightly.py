"""Once a night the books are held against each other, and the log says how it came out."""

from datetime import datetime

import pytest

from chassis.clock import CHINA
from yingbao.running import nightly
from yingbao.running.nightly import Nightly
from yingbao.running.reconciling import Difference


def at(day: int, hour: int) -> datetime:
    """Return a moment of a November."""
    return datetime(2026, 11, day, hour, 5, tzinfo=CHINA)


def test_it_runs_once_a_night_and_says_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before three, not twice, and again in the next night; a failure is said."""
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
    night = Nightly(lambda: "postgresql://x", said.append, at(26, 9).date())

    for moment in (at(26, 23), at(27, 2), at(27, 3), at(27, 4), at(28, 3), at(29, 5), at(29, 6)):
        night.look(moment)

    assert said == [
        "nightly audit: 0 differences",
        "nightly audit: billed_not_told: c1: bill 2 ≠ bill 1", "nightly audit: 1 differences",
        "nightly audit could not run: OSError",
    ]  # fmt: skip
    assert results == []
