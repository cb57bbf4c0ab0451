"""``python -m chassis.embedded.leash PARENT CHILD``: ends a child whose parent is gone."""

import contextlib
import sys

import psutil

LOOK_SECONDS = 0.5


def watch(parent: int, child: int) -> None:
    """Wait until one of two processes ends; end the child if it was the parent."""
    with contextlib.suppress(psutil.NoSuchProcess):
        held = psutil.Process(child)
        with contextlib.suppress(psutil.NoSuchProcess):
            holder = psutil.Process(parent)
            while holder.is_running() and holder.status() != psutil.STATUS_ZOMBIE:
                if not held.is_running():
                    return
                _, alive = psutil.wait_procs([holder], timeout=LOOK_SECONDS)
                if not alive:
                    break
        held.kill()


if __name__ == "__main__":
    watch(int(sys.argv[1]), int(sys.argv[2]))
