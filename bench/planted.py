"""``make planted``: bugs that lose or double something, planted one at a time; torture has to catch each.

A copy of the program gets the bug, and runs under the same kills as the program as it is. A harness that
finds nothing in a broken program says nothing about a whole one.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PARTS = ("bench", "chassis", "contracts", "policy", "services", "yingbao")
MINUTES = 6
HONEST = "as it is"


@dataclass(frozen=True, slots=True)
class Bug:
    """What somebody could write: where, what stands there, what would stand there instead."""

    name: str
    file: str
    right: str
    wrong: str


BUGS = (
    Bug("acknowledged before it is committed", "chassis/work.py",
        "        one, other = lanes(batch.items)\n",
        "        await self._ack(batch.messages)\n        one, other = lanes(batch.items)\n"),
    Bug("announced without being written down", "chassis/work.py",
        "                await self._outbox.write(tx, messages)\n                failpoints",
        "                failpoints"),
    Bug("nobody sweeps what a stopped process left", "chassis/outbox.py",
        "        started = monotonic()\n        first = True\n",
        "        await asyncio.sleep(1e9)\n        started = monotonic()\n        first = True\n"),
    Bug("memory is trusted although another process wrote", "chassis/factset.py",
        "if one is None or one.version != version:", "if one is None:"),
    Bug("a person is not locked", "chassis/factset.py", " FOR UPDATE OF person", ""),
    Bug("a change does not count as one", "chassis/factset.py",
        "            one.version += 1\n", "            one.version += 0\n"),
    Bug("a book's chain is not carried on", "chassis/work.py",
        "            known[person].head = head\n", "            pass\n"),
    Bug("a message is delivered once and no more", "chassis/bus.py",
        "        max_deliver=-1,\n", "        max_deliver=1,\n"),
    Bug("nobody waits for an acknowledgement", "chassis/bus.py",
        "        ack_policy=AckPolicy(subscription.ack_policy),\n", "        ack_policy=AckPolicy.NONE,\n"),
    Bug("an outage of the database is given up", "chassis/work.py",
        "                    delay = min(delay * 2, RETRY_SECONDS_MAX)\n                    continue\n",
        "                    return []\n"),
    Bug("what the bus refused counts as said", "chassis/outbox.py",
        '                logger().warning("outbox.stream_refuses", stream=stream, reason=str(error))\n',
        "                self._received += [one.id for one in of_stream]\n"),
    Bug("the outbox is emptied with what others wait for", "chassis/outbox.py",
        '"DELETE FROM outbox WHERE id = ANY(CAST(:ids AS text[]))"',
        '"DELETE FROM outbox WHERE id = ANY(CAST(:ids AS text[])) OR seq IS NULL"'),
)  # fmt: skip


def copied(room: Path, bug: Bug | None) -> Path:
    """Copy the program, with a bug if there is one. Raises ValueError if the place is not there once."""
    for part in PARTS:
        shutil.copytree(ROOT / part, room / part, ignore=shutil.ignore_patterns("__pycache__"))
    if bug is not None:
        file = room / bug.file
        text = file.read_text(encoding="utf-8")
        if text.count(bug.right) != 1:
            raise ValueError(f"{bug.name}: {bug.file} is no longer what the bug was written for")
        file.write_text(text.replace(bug.right, bug.wrong), encoding="utf-8")
    return room


def caught(bug: Bug | None, told: list[str]) -> tuple[bool, str]:
    """Run torture over a copy; returns whether it complained, and its last word."""
    with tempfile.TemporaryDirectory(prefix="yingbao-planted-") as room:
        command = [sys.executable, "-m", "bench.torture", "--patience", "60", *told]
        try:
            done = subprocess.run(
                command,
                cwd=copied(Path(room), bug),
                capture_output=True,
                text=True,
                check=False,
                timeout=MINUTES * 60,
            )
        except subprocess.TimeoutExpired:
            return True, f"did not end within {MINUTES} minutes"
    said = [line for line in (done.stdout or done.stderr).splitlines() if line.strip()]
    last = said[-1] if said else ""
    # A program that never came up was not caught by anything.
    return done.returncode != 0 and "StackError" not in last, last


def main() -> int:
    """Plant each bug, and none; returns 1 if one went unnoticed, or if the honest program was accused."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bills", default="1500")
    options.add_argument("--kills", default="25")
    options.add_argument("--only", default="", help="a part of a bug's name")
    wanted = options.parse_args()
    told = ["--bills", wanted.bills, "--kills", wanted.kills, "--instances", "2"]
    wrong = 0
    for bug in (None, *(one for one in BUGS if wanted.only in one.name)):
        found, said = caught(bug, told)
        right = found is (bug is not None)
        wrong += not right
        name = bug.name if bug else HONEST
        print(f"{'ok   ' if right else 'WRONG'}  {name:<48} {said[:100]}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
