"""Generated people: bills near every threshold, categories that come and go, odd fen."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from policy.facts import NONE, Claim, HeldIdentity, PersonFacts
from policy.pack import Pack

THRESHOLDS = [
    0, 1, 5, 10, 7_500, 10_000, 20_000, 40_000, 50_000, 80_000, 100_000, 120_000, 150_000, 250_000,
    300_000, 500_000, 700_000, 750_000, 1_000_000, 1_500_000, 2_000_000, 5_000_000, 7_500_000,
    15_000_000, 20_000_000, 30_000_000, 37_550_000, 60_000_000,
]  # fmt: skip
KINDS = ["inpatient", "inpatient", "inpatient", "chronic_outpatient", "general_outpatient"]


def fen(most: int = 100_000_000) -> st.SearchStrategy[int]:
    """Amounts on, just beside and far from the thresholds of all packs."""
    near = st.builds(
        lambda base, by: max(0, base + by), st.sampled_from(THRESHOLDS), st.integers(-3, 3)
    )
    return st.one_of(near, st.integers(0, 3_000_000), st.integers(0, most))


def bills(pack: Pack, *, inputs: bool = False) -> st.SearchStrategy[Claim]:
    """A bill of the pack's year; with ``inputs`` a reduction or supplement, now and then too large."""
    first = pack.valid_from
    given = st.one_of(st.just(0), fen(200_000)) if inputs else st.just(0)

    def build(**drawn: Any) -> Claim:
        parts = ("in_scope", "class_b_prepay", "over_limit_self_pay", "full_self_pay")
        day = first + timedelta(days=drawn.pop("day"))
        return Claim(claim="", discharge=day, total_fee=sum(drawn[part] for part in parts), **drawn)

    return st.builds(
        build,
        day=st.integers(0, 364),
        kind=st.sampled_from(KINDS),
        level=st.sampled_from([*pack.levels]),
        area=st.sampled_from([*pack.areas, "local"]),
        in_scope=fen(),
        class_b_prepay=st.sampled_from([0, 12_345]),
        over_limit_self_pay=st.sampled_from([0, 1, 99_999]),
        full_self_pay=fen(5_000_000),
        hospital_reduction=given,
        commercial_supplement=given,
        compliant=st.booleans(),
        referred=st.booleans(),
        age=st.sampled_from([None, 14, 15]),
        disease=st.sampled_from(["", "hypertension", "special", "dialysis"]),
    )


def years(pack: Pack, **options: Any) -> st.SearchStrategy[list[Claim]]:
    """One to six bills of one person, numbered."""

    def number(claims: list[Claim]) -> list[Claim]:
        for n, claim in enumerate(claims):
            claim.claim = f"c{n}"
        return claims

    return st.lists(bills(pack, **options), min_size=1, max_size=6).map(number)


def people(pack: Pack, *, inputs: bool = False) -> st.SearchStrategy[PersonFacts]:
    """A person with up to three identities, perhaps a death, perhaps a reversed bill."""
    first = pack.valid_from
    days = st.integers(0, 364).map(lambda n: first + timedelta(days=n))
    identity = st.builds(
        lambda category, start, length: HeldIdentity(
            category, start, None if length is None else start + timedelta(days=length)
        ),
        st.sampled_from([*pack.priority]),
        st.one_of(st.just(first), days),
        st.one_of(st.none(), st.integers(0, 200)),
    )
    return st.builds(
        PersonFacts,
        claims=years(pack, inputs=inputs),
        reversed_claims=st.sampled_from([frozenset(), frozenset(), frozenset({"c1"})]),
        identities=st.lists(identity, max_size=3).map(tuple),
        died=st.one_of(st.none(), st.none(), st.none(), days),
    )


def held_all_year(pack: Pack, claims: list[Claim], category: str) -> PersonFacts:
    """Return a person who has one category the whole year."""
    since = date(pack.valid_from.year, 1, 1)
    identities = () if category == NONE else (HeldIdentity(category, since),)
    return PersonFacts(claims=claims, identities=identities)
