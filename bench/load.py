"""Made-up events straight for the bus: covered people and their bills, no identity behind them."""

import hashlib
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from chassis.clock import CHINA
from chassis.privacy import person_key
from contracts.envelope import Message, enclose, event_id
from contracts.events.claims import ClaimSubmitted
from contracts.events.enrollment import (
    CoverageChanged,
    Identity,
    PersonRegistered,
    StatusChanged,
)
from contracts.traceparent import begun
from contracts.vocabulary import Category, Kind
from yingbao.world.bills import KINDS, MEDIAN_FEN

AT = datetime(2023, 6, 1, 9, 0, tzinfo=CHINA)
KEY = "11" * 32


def people(count: int) -> list[str]:
    """Return person keys."""
    return [person_key(KEY, f"bench-{number}") for number in range(count)]


def enrolled(persons: list[str]) -> list[Message]:
    """Return what enrollment would have announced: covered, some with a category."""
    rng = random.Random(5)
    messages = []
    for person in persons:
        category = rng.choice([None, None, None, Category("SUBSISTENCE"), Category("DESTITUTE")])
        identities = (
            () if category is None else (Identity(category=category, valid_from=date(2023, 1, 1)),)
        )
        events = (
            PersonRegistered(person=person, revision=1, township="城关镇"),
            StatusChanged(person=person, revision=1, township="城关镇", identities=identities),
            coverage_of(person, (2023,)),
        )
        messages += [
            enclose(e, source="bench", id_=event_id(e.NAME, person), at=AT) for e in events
        ]
    return messages


def coverage_of(person: str, years: Sequence[int]) -> CoverageChanged:
    """Return that a person is covered in these years."""
    return CoverageChanged(person=person, revision=1, years=tuple(years))


def bills(persons: list[str], count: int, seed: int = 1) -> list[Message]:
    """Return bills as hospitals send them: kinds and prices of the demo, by date, 1 % late."""
    rng = random.Random(seed)
    events = [_bill(rng, rng.choice(persons), f"B{seed}-{number}") for number in range(count)]
    events.sort(key=lambda e: (rng.random() if rng.random() < 0.01 else 0, e.discharge))
    return [
        enclose(event, source="bench", id_=event_id("b", event.claim), at=AT, trace=begun())
        for event in events
    ]


def _bill(rng: random.Random, person: str, number: str) -> ClaimSubmitted:
    kind = rng.choices([kind for kind, _ in KINDS], [share for _, share in KINDS])[0]
    total = max(500, int(MEDIAN_FEN[kind] * rng.lognormvariate(0, 0.9)))
    beyond = total * rng.randrange(0, 2_000) // 10_000
    discharge = date(2023, 1, 1) + timedelta(days=rng.randrange(364))
    return ClaimSubmitted(
        claim=f"H34169903:{number}", person=person, provider="H34169903", kind=Kind(kind),
        level="L1" if kind == "general_outpatient" else "L2", discharge=discharge,
        settled=datetime.combine(discharge, AT.timetz()), total_fee=total,
        in_scope=total - beyond, full_self_pay=beyond, received=AT,
    )  # fmt: skip


def digest_of(values: list[str]) -> str:
    """Return one digest of several."""
    return hashlib.sha256("|".join(values).encode()).hexdigest()[:32]
