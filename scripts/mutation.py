"""Count what the last ``mutmut run`` found; less than nine in ten killed is a failure."""

import subprocess
import sys
from collections import Counter

KILLED = {"killed", "timeout"}
LEAST_PER_CENT = 90


def main() -> int:
    """Print the survivors by function, and the share that the tests noticed."""
    command = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    outcomes = [line.strip().split(": ") for line in listed.splitlines() if ": " in line]
    tried = [(name, outcome) for name, outcome in outcomes if outcome != "not checked"]
    survivors = [name for name, outcome in tried if outcome not in KILLED]
    for function, count in Counter(name.split("__mutmut")[0] for name in survivors).most_common():
        print(f"{count:4} {function}")
    killed = len(tried) - len(survivors)
    print(f"{killed} of {len(tried)} mutants killed ({100 * killed / max(len(tried), 1):.1f} %)")
    return 0 if tried and 100 * killed >= LEAST_PER_CENT * len(tried) else 1


if __name__ == "__main__":
    sys.exit(main())
