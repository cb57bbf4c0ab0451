"""Made-up hospital bills: kinds, prices and mistakes as in a county of seed 004's size."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from contracts.money import format_yuan
from yingbao.running.holders import HOSPITALS
from yingbao.world.people import Resident

KINDS = (("general_outpatient", 0.55), ("chronic_outpatient", 0.2), ("inpatient", 0.25))
MEDIAN_FEN = {"general_outpatient": 9_000, "chronic_outpatient": 38_000, "inpatient": 620_000}


@dataclass(slots=True)
class Stream:
    """What hospitals send: first the stream, then what comes late."""

    bills: list[dict[str, Any]] = field(default_factory=list)
    duplicates: int = 0
    reversal: dict[str, Any] = field(default_factory=dict)
    late_bill: dict[str, Any] = field(default_factory=dict)


def make_bills(seed: int, town: list[Resident], count: int) -> Stream:
    """Return ``count`` different bills as hospitals send them: by date, one in a hundred late.

    2 % are sent twice, one is reversed, one comes months late.
    """
    rng = random.Random(seed * 7919 + 1)  # noqa: S311  made-up bills need no secret randomness
    stream = Stream()
    bills = [make_bill(rng, rng.choice(town), number) for number in range(count)]
    inpatient = [bill for bill in bills if bill["kind"] == "inpatient"]
    late = inpatient[0]
    late["discharge"], late["admit"] = "2023-01-09", "2023-01-03"
    late["settled"] = "2023-01-09T10:00:00+08:00"
    stream.late_bill = late
    sent = [bill for bill in bills if bill is not late]
    sent.sort(key=lambda bill: (rng.random() if rng.random() < 0.01 else 0, bill["settled"]))
    twice = rng.sample(sent, max(1, count // 50))
    stream.duplicates = len(twice)
    for bill in twice:
        sent.insert(rng.randrange(len(sent)), bill)
    stream.bills = sent
    taken_back = inpatient[len(inpatient) // 2]
    stream.reversal = {
        "provider": taken_back["provider"],
        "claim": taken_back["claim"],
        "body": {"certno": taken_back["certno"], "reason": "退费重结"},
    }
    return stream


def make_bill(rng: random.Random, person: Resident, number: int) -> dict[str, Any]:
    """Return one bill as a hospital sends it; its parts add up to the fen."""
    kind = rng.choices([k for k, _ in KINDS], [w for _, w in KINDS])[0]
    provider, level = rng.choice(HOSPITALS[:2] if kind == "general_outpatient" else HOSPITALS)
    total = max(500, int(MEDIAN_FEN[kind] * rng.lognormvariate(0, 0.9)))
    full_self_pay = total * rng.randrange(0, 900) // 10_000
    class_b = total * rng.randrange(0, 700) // 10_000
    over_limit = total * rng.randrange(0, 150) // 10_000
    discharge = date(2023, 1, 1) + timedelta(days=rng.randrange(10, 365))
    bill = {
        "claim": f"S{number:07d}",
        "provider": provider,
        "certno": person.id_number,
        "kind": kind,
        "level": level,
        "area": "local",
        "discharge": discharge.isoformat(),
        "settled": f"{discharge}T{rng.randrange(8, 18):02d}:{rng.randrange(60):02d}:00+08:00",
        "total_fee": format_yuan(total),
        "in_scope": format_yuan(total - full_self_pay - class_b - over_limit),
        "class_b_prepay": format_yuan(class_b),
        "over_limit_self_pay": format_yuan(over_limit),
        "full_self_pay": format_yuan(full_self_pay),
        "age": max(0, person.age),
    }
    if kind == "inpatient":
        bill["admit"] = (discharge - timedelta(days=rng.randrange(2, 15))).isoformat()
    return bill
