"""How fast the engine is: one person-year, one schedule beside OpenFisca-core, a whole county."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from policy.columns import Columns, Context, Ints
from policy.engine import ASSISTANCE, SETTLEMENT, fold
from policy.facts import NONE, Claim, HeldIdentity, PersonFacts
from policy.loader import load_pack
from policy.pack import Pack
from policy.schedule import RATE_FULL, SCALE, Schedule
from policy.vector import fold_columns, rounded

CLAIMS = 1_000_000
PEOPLE = 1_000_000
OPENFISCA = Path("var/openfisca")


def best(runs: int, job: Callable[[], Any]) -> float:
    """Return the shortest of some runs, in seconds: the machine is shared."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        job()
        times.append(time.perf_counter() - started)
    return min(times)


def person_year(pack: Pack) -> PersonFacts:
    """Four claims of a low-income person."""
    bills = [("inpatient", 1_000_000), ("chronic_outpatient", 80_000)]
    bills += [("inpatient", 9_000_000), ("inpatient", 450_000)]
    claims = [
        Claim(
            f"c{n}", kind, pack.valid_from + timedelta(days=30 * n), fen, fen, level="L2",
            disease="hypertension",
        )
        for n, (kind, fen) in enumerate(bills)
    ]  # fmt: skip
    return PersonFacts(claims, identities=(HeldIdentity("SUBSISTENCE", pack.valid_from),))


def scalar(pack: Pack) -> dict[str, float]:
    """Return microseconds of both stages over a person-year, without and with the trail."""
    facts = person_year(pack)
    found = {}
    for name, with_trail in (("fold", False), ("fold_with_trail", True)):

        def both(with_trail: bool = with_trail) -> None:  # noqa: FBT001 - bound for the loop
            for _ in range(200):
                for stage in (SETTLEMENT, ASSISTANCE):
                    fold([pack], facts, stage, with_trail=with_trail)

        found[name] = best(15, both) / 200 * 1e6
    return found


def county(pack: Pack, seed: int = 4) -> Columns:
    """Return a made-up county: 250,000 people, four claims each on average, one in five poor."""
    draw = np.random.default_rng(seed)
    categories = [NONE] * 12 + ["SUBSISTENCE", "DESTITUTE", "MARGINAL_AT_RISK"]
    day = pack.valid_from
    contexts: list[Context] = [
        (Claim("", "inpatient", day, 0, 0, level=level), category)
        for level in pack.levels
        for category in categories
    ]
    for category in categories:
        contexts.append((Claim("", "inpatient", day, 0, 0, area="out_filed"), category))
        contexts.append((Claim("", "chronic_outpatient", day, 0, 0, level="L2"), category))
        contexts.append((Claim("", "general_outpatient", day, 0, 0, level="L1"), category))
    year = draw.integers(0, CLAIMS // 4, CLAIMS)
    year = year[np.argsort(year, kind="stable")]
    in_scope, beyond = draw.integers(5_000, 3_000_000, CLAIMS), draw.integers(0, 300_000, CLAIMS)
    none = np.zeros(CLAIMS, dtype=np.int64)
    context = draw.integers(0, len(contexts), CLAIMS)
    return Columns(
        year, context, year.copy(), in_scope + beyond, in_scope, beyond, none, none, contexts
    )


def vector(pack: Pack) -> dict[str, float]:
    """Return claims a second of the whole pack on one core, with and without sorting them first."""
    columns = county(pack)
    shuffled = columns.year[np.random.default_rng(5).permutation(CLAIMS)]
    seconds = best(5, lambda: fold_columns(pack, columns))
    sorting = best(5, lambda: np.argsort(shuffled, kind="stable"))
    return {"claims_a_second": CLAIMS / seconds, "with_sorting": CLAIMS / (seconds + sorting)}


def beside_openfisca(schedule: Schedule) -> dict[str, float]:
    """Time one schedule over the same people here and in OpenFisca-core, one after the other."""
    amounts: Ints = np.random.default_rng(6).integers(0, 60_000_000, PEOPLE)
    brackets = [
        (start / SCALE / 100, rate / RATE_FULL)
        for start, rate in zip(schedule.starts, schedule.rates, strict=True)
    ]
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(file, amounts)
        file.flush()
        command = [sys.executable, "bench/openfisca_scale.py", json.dumps(brackets), file.name]
        path = os.environ | {"PYTHONPATH": str(OPENFISCA)}
        answer = json.loads(subprocess.check_output(command, env=path))
    ours = best(7, lambda: rounded(schedule, amounts))
    theirs = min(answer["seconds"].values())
    exact = int(rounded(schedule, amounts).sum())
    return {
        "ours_million_a_second": PEOPLE / ours / 1e6,
        "openfisca_million_a_second": PEOPLE / theirs / 1e6,
        "ratio": theirs / ours,
        "openfisca_off_by_yuan": answer["paid"] - exact / 100,
    }


def main() -> None:
    """Print the figures of one run."""
    pack = load_pack("lixin-2023")
    stay = Claim("", "inpatient", pack.valid_from, 0, 0, level="L2")
    terms = pack.terms(SETTLEMENT, stay, NONE, 1)
    schedule = next(one.schedule for one in terms if one.layer.id == "cii" and one.schedule)
    for title, figures in (
        ("scalar, a person-year of 4 claims, microseconds", scalar(pack)),
        ("vector, the whole pack over 1,000,000 claims", vector(pack)),
        ("one schedule over 1,000,000 people", beside_openfisca(schedule)),
    ):
        print(title)
        for name, value in figures.items():
            print(f"  {name:28} {value:,.1f}")


if __name__ == "__main__":
    main()
