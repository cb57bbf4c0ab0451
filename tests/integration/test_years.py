"""A turn reads only the benefit years that it touches, and nobody can tell that it did."""

import os
import random
from datetime import date, timedelta

from contracts.events.base import Event
from contracts.events.claims import ClaimReversed, ClaimSubmitted, DuplicateDismissed
from contracts.vocabulary import Kind
from services.assistance.answers import MONEY as ASSISTANCE_MONEY
from services.settlement.answers import MONEY as SETTLEMENT_MONEY
from tests.builders import MORNING, a_bill, a_reversal, a_status, covered
from tests.integration.two_services import County

LIVES = int(os.environ.get("YINGBAO_YEARS", "40"))
YEARS = (2023, 2024, 2025)


def a_key(rng: random.Random) -> str:
    """Return the key of a person whom nobody knows yet."""
    return "p" + "".join(rng.choices("abcdefghijklmnopqrstuvwxyz234567", k=26))


def a_life(rng: random.Random) -> list[Event]:
    """Three years of bills, of which some span New Year, come twice, or come again with another day."""
    person, right = a_key(rng), a_key(rng)
    found: list[Event] = []
    for number in range(rng.randint(4, 14)):
        claim = f"H1:{person[1:6]}{number}"
        bill = some_bill(rng, claim, rng.choices([person, right], [5, 1])[0])
        found.append(bill)
        if rng.random() < 0.15:
            found.append(some_bill(rng, claim, bill.person))
        if rng.random() < 0.15:
            found.append(bill.model_copy(update={"claim": f"{claim}again"}))
            found.append(DuplicateDismissed(claim=claim, person=bill.person, received=MORNING))
        if rng.random() < 0.15:
            found.append(a_reversal(claim, bill.person))
    for revision in range(1, rng.randint(2, 4)):
        year = rng.choice(YEARS)
        told = a_status(("SUBSISTENCE", f"{year}-03-01", None), revision=revision, person=person)
        wrong = right if rng.random() < 0.2 else None
        found.append(told.model_copy(update={"merged_into": wrong}))
        years = rng.sample(YEARS, rng.randint(1, 3))
        found.append(covered(*years, revision=revision, person=person))
    return [*found, covered(*YEARS, person=right)]


def some_bill(rng: random.Random, claim: str, person: str) -> ClaimSubmitted:
    """Return a bill of any of the years."""
    day = date(rng.choice(YEARS), rng.choice([1, 1, 6, 12]), rng.randint(1, 28))
    return a_bill(
        claim, f"{rng.randint(100, 60_000)}.00", on=day.isoformat(), person=person,
        admit=day - timedelta(days=rng.choice([0, 3, 25])), minute=rng.randint(0, 60),
        kind=rng.choice([Kind.INPATIENT, Kind.INPATIENT, Kind.CHRONIC_OUTPATIENT]),
        level=rng.choices(["L2", "unheard-of"], [9, 1])[0],
        hospital_reduction=rng.choices([0, 1_000], [9, 1])[0],
    )  # fmt: skip


async def test_whatever_is_read_the_books_are_those_of_the_whole_life(county: County) -> None:
    """Bills in any order, restarts in between: both audits fold everything from scratch and agree."""
    rng = random.Random(12)

    for _ in range(LIVES):
        life = a_life(rng)
        late = [one for one in life if isinstance(one, ClaimReversed) or rng.random() < 0.1]
        await county.live([one for one in life if one not in late], rng)
        for event in late:
            await county.live([event], rng)

    for money, side in (
        (SETTLEMENT_MONEY, county.settlement), (ASSISTANCE_MONEY, county.assistance),
    ):  # fmt: skip
        found = await money.check(side.engine, side.settings)
        assert found.differences == []
        assert found.chain_breaks == 0
        assert found.claims > LIVES
    unbilled = await county.rows(
        "SELECT claim.claim, claim.billed FROM settlement.claim JOIN assistance.claim AS granted"
        " USING (person, claim) WHERE outcome = 'settled'"
        " AND billed <> claim.revision || '.' || granted.revision"
    )
    assert unbilled == []


async def test_of_a_long_history_only_the_year_of_the_bill_is_read(county: County) -> None:
    """After a restart, the bills of nine other years stay where they are."""
    rng = random.Random(3)
    person = a_key(rng)
    history: list[Event] = [covered(*range(2014, 2025), person=person)]
    history += [
        a_bill(f"H1:{year}-{number}", on=f"{year}-05-{number + 1:02d}", person=person)
        for year in range(2014, 2024) for number in range(5)
    ]  # fmt: skip
    await county.live(history, rng)
    county.settlement.restart()

    await county.settlement.hear([a_bill("H1:new", on="2023-06-01", person=person)])

    known = county.settlement.worker._facts._remembered[person]
    assert known.years == {0, 2023}
    assert len(known.facts.decide([]).bills) == 6
    (whole,) = await county.rows(f"SELECT whole FROM settlement.person WHERE person = '{person}'")
    assert not whole[0]


async def test_a_corrected_number_forwards_the_bills_of_all_its_years(county: County) -> None:
    """A bill under the wrong number comes after a restart: those of other years do not get lost by it."""
    rng = random.Random(5)
    wrong, right = a_key(rng), a_key(rng)
    told = a_status(person=wrong).model_copy(update={"merged_into": right})
    bills = [a_bill(f"H1:w{year}", on=f"{year}-05-01", person=wrong) for year in YEARS]
    await county.live([covered(*YEARS, person=right), *bills[:2], told], rng)
    await county.restarted()

    await county.live(bills[2:], rng)

    stands = await county.rows(
        f"SELECT claim FROM settlement.claim WHERE person = '{right}' AND outcome = 'settled'"
    )
    assert {row[0] for row in stands} == {bill.claim for bill in bills}


async def test_an_older_word_of_assistance_does_not_replace_the_newer_one(county: County) -> None:
    """Revisions overtake each other on the bus, with a restart in between."""
    rng = random.Random(6)
    person = a_key(rng)
    bill = a_bill("H1:overtaken", person=person)
    await county.settlement.hear([covered(2023, person=person)])
    (settled,) = await county.settlement.hear([bill])
    (first,) = await county.assistance.hear([settled])
    newer = first.model_copy(update={"revision": 2})
    await county.settlement.hear([newer])
    await county.restarted()

    said = await county.settlement.hear([first])

    assert said == []
    assert await county.rows("SELECT billed FROM settlement.claim") == [("1.2",)]


async def test_a_bill_that_moved_to_another_year_is_assisted_there_alone(county: County) -> None:
    """The copy of the other year counts once the first one is refused; restarts change nothing."""
    rng = random.Random(7)
    person = a_key(rng)
    settled = [
        one.model_copy(update={"discharge": date(year, 5, 1), "revision": revision})
        for revision, year in ((1, 2023), (2, 2024))
        for one in await a_settlement(county, person)
    ]
    await county.assistance.hear(settled[1:])
    await county.assistance.hear(settled[:1])
    await county.restarted()

    said = await county.assistance.hear(
        [settled[0].model_copy(update={"claim": "H1:another", "revision": 1})]
    )

    assert [one.claim for one in said] == ["H1:another"]  # type: ignore[attr-defined]


async def a_settlement(county: County, person: str) -> list[Event]:
    """Return what settlement says about a bill."""
    await county.settlement.hear([covered(2023, person=person)])
    said = await county.settlement.hear([a_bill("H1:moved", person=person)])
    return said or await county.settlement.hear([a_bill(f"H1:moved{person[1:4]}", person=person)])


async def test_a_message_sent_back_after_a_mended_bug_is_decided(county: County) -> None:
    """Its fact was kept, its decision was not; the operator mends the rule and sends it back."""
    rng = random.Random(8)
    person = a_key(rng)
    await county.settlement.hear([covered(2023, person=person)])
    (settled,) = await county.settlement.hear([a_bill("H1:mended", person=person)])
    (granted,) = await county.assistance.hear([settled])
    for late in (granted, a_reversal("H1:mended", person)):
        county.settlement.fail_once()
        await county.settlement.hear([late])
        assert await county.rows("SELECT folded FROM settlement.person") == [("never",)]
        county.settlement.restart()

        said = await county.settlement.hear([late])

        assert said
    found = await SETTLEMENT_MONEY.check(county.settlement.engine, county.settlement.settings)
    assert found.differences == []


async def test_a_pack_that_arrives_settles_what_waited_for_it_in_another_year(
    county: County,
) -> None:
    """A bill of January waits; the pack is there when the person's next bill, of last year, comes."""
    rng = random.Random(9)
    person = a_key(rng)
    whole, side = county.settlement.settings, county.settlement
    side.settings = whole.model_copy(update={"packs": "lixin-2023"})
    side.restart()
    await side.hear([covered(2023, 2024, person=person)])
    await side.hear([a_bill("H1:waits", on="2024-01-20", person=person)])
    side.settings = whole
    side.restart()

    await side.hear([a_bill("H1:late", on="2023-12-20", person=person)])

    outcomes = await county.rows("SELECT claim, outcome FROM settlement.claim ORDER BY claim")
    assert outcomes == [("H1:late", "settled"), ("H1:waits", "settled")]
