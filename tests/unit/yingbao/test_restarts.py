"""What ended is started again; what cannot stay up waits ever longer, and logs do not grow for ever."""

import gzip
from pathlib import Path

from yingbao.running.place import Place, place_of, ports_for
from yingbao.running.restarts import MOST_SECONDS, STEADY_SECONDS, Restarts
from yingbao.running.rotating import rotate


def ends(restarts: Restarts, *codes: int, ran: float = 1.0) -> list[float | None]:
    """Let a process run and end several times; return how long it waited each time."""
    now, found = 0.0, []
    for code in codes:
        restarts.started("x", now)
        now += ran
        wait = restarts.ended("x", code, now)
        found.append(wait)
        assert not restarts.due("x", now)
        now += wait or 0.0
        assert restarts.due("x", now)
    return found


def test_a_process_that_cannot_start_waits_ever_longer() -> None:
    """156 starts in seven minutes helped nobody and filled the log."""
    assert ends(Restarts(), *[1] * 9) == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, MOST_SECONDS, 30.0, 30.0]


def test_one_that_ran_well_is_back_at_once_and_a_killed_one_soon() -> None:
    """A crash a day is no loop; a kill says nothing about the process."""
    assert ends(Restarts(), *[1] * 4, ran=STEADY_SECONDS) == [0.5] * 4
    assert ends(Restarts(), *[-9] * 5) == [0.5, 1.0, 2.0, 2.0, 2.0]


def test_an_end_is_said_once() -> None:
    """The supervisor looks twice a second, and a waiting process has ended once."""
    restarts = Restarts()
    restarts.started("x", 0.0)

    assert restarts.ended("x", 1, 1.0) == 0.5
    assert restarts.ended("x", 1, 1.2) is None


def test_a_large_log_is_set_aside_and_the_oldest_dropped(tmp_path: Path) -> None:
    """Its writer appends, and goes on in the same file."""
    log = tmp_path / "a.log"
    with log.open("ab") as writer:
        for turn in range(4):
            writer.write(f"turn {turn}\n".encode() * 10)
            writer.flush()
            assert rotate([log, tmp_path / "none.log"], most=50, kept=2) == [log]
        writer.write(b"after\n")

    assert log.read_bytes() == b"after\n"
    aside = [gzip.decompress((tmp_path / f"a.log.{n}.gz").read_bytes()) for n in (1, 2)]
    assert [one.splitlines()[0] for one in aside] == [b"turn 3", b"turn 2"]
    assert not (tmp_path / "a.log.3.gz").exists()
    assert rotate([log], most=50) == []


def test_a_port_is_kept_unless_somebody_else_has_it(tmp_path: Path) -> None:
    """Who watches the ports finds the platform again after a restart."""
    kept = ports_for(["settlement", "nats"], Place())
    Place("nats://x", "http://x", kept).write(tmp_path)

    assert ports_for(["settlement", "nats"], place_of(tmp_path)) == kept
    assert place_of(tmp_path / "nowhere") == Place()
