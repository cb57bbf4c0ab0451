"""``make dirt``: full lists as untidy as departments send them, 300,000 rows by a seed, read at the door."""

import argparse
import sys
from collections import Counter
from datetime import date

from rich.progress import track

from tests.dirty_lists import dirty_lists
from tests.reading_dirt import complaints


def main() -> int:
    """Read lists until there are enough rows; print what is wrong, and how much was read."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=300_000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    month = date(2023, 5, 1)
    wrong: list[str] = []
    kinds: Counter[str] = Counter()
    whole = unreadable = 0
    lists = dirty_lists(chosen.seed, month, chosen.rows)
    for made in track(lists, total=chosen.rows // 300, description="lists"):
        kinds[made.kind] += len(made.lines)
        if (
            made.may_go_back
        ):  # a torn quote, or somebody without number or category: no row is looked at
            whole += len(made.lines)
        else:
            unreadable += sum(not line.readable for line in made.lines)
        wrong += complaints(made, month)
    print(*wrong[:50], sep="\n")
    print(f"{kinds.total():,} rows ({dict(kinds)}), {whole:,} in files that may go back whole;")
    print(f"of the others {unreadable:,} unreadable: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
