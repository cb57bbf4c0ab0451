"""Times OpenFisca-core on one bracket scale; run by bench.policy in a Python path of its own."""

import json
import sys
import time

import numpy as np
from openfisca_core.taxscales import MarginalRateTaxScale


def main() -> None:
    """Read thresholds (yuan) and rates as JSON and amounts as a file; print the best time and a sum."""
    brackets, path = json.loads(sys.argv[1]), sys.argv[2]
    scale = MarginalRateTaxScale()
    for threshold, rate in brackets:
        scale.add_bracket(threshold, rate)
    amounts = np.load(path) / 100
    best: dict[str, float] = {}
    paid = 0.0
    for kind in (
        np.float64,
        np.float32,
    ):  # it computes in 32 bits by default, which is its faster way
        given = amounts.astype(kind)
        for _ in range(7):
            started = time.perf_counter()
            paid = float(scale.calc(given).sum())
            seconds = time.perf_counter() - started
            best[kind.__name__] = min(seconds, best.get(kind.__name__, seconds))
    print(json.dumps({"seconds": best, "paid": paid}))


if __name__ == "__main__":
    main()
