"""A year under two packs, some people at a time, comes to what comes of all of them at once."""

from chassis.privacy import person_key
from contracts.events.base import Event
from policy.facts import PersonFacts
from policy.loader import load_pack
from policy.whatif import compare
from services.settlement.comparing import HARDEST, Compared
from services.settlement.facts import collect
from tests.builders import a_bill, a_status, covered

FIRST, SECOND = load_pack("lixin-2023"), load_pack("wenshang-2020")
PEOPLE = 30


def key_of(n: int) -> str:
    """Return the n-th person's key."""
    return person_key("22" * 32, f"compared-{n}")


def known(n: int) -> list[Event]:
    """Return what is known of the n-th person: every third is poor, each has a bill of 2023 and one of 2022."""
    person = key_of(n)
    said: list[Event] = [covered(2022, 2023, person=person)]
    if n % 3 == 0:
        said.append(a_status(("SUBSISTENCE", "2022-01-01", None), person=person))
    for name, on in (("", "2023-05-09"), ("-before", "2022-05-09")):
        said.append(a_bill(f"H1:{n}{name}", f"{10_000 + 700 * n}.00", on=on, person=person))
    return said


def test_some_at_a_time_comes_to_what_comes_of_all_at_once() -> None:
    """Funds, categories, winners and losers are sums; who loses most is named by key, and only ten are."""
    everybody = {key_of(n): known(n) for n in range(PEOPLE)}
    compared = Compared(FIRST, SECOND, 2023, [FIRST])

    for n in range(0, PEOPLE, 7):
        compared.add(dict(list(everybody.items())[n : n + 7]))

    found = compared.result()
    whole = compare(FIRST, SECOND, [of_2023(said) for said in everybody.values()])
    assert found.claims == whole.claims == PEOPLE
    assert found.everybody.model_dump() == {
        name: getattr(whole.everybody, name)
        for name in ("people", "winners", "won", "losers", "lost")
    }
    assert {fund: (one.before, one.after) for fund, one in found.funds.items()} == whole.funds
    assert (found.burden.before, found.burden.after) == whole.burden
    assert {name: one.people for name, one in found.categories.items()} == {
        name: one.people for name, one in whole.categories.items()
    }
    assert (found.over_line, found.off_line) == (whole.over_line, whole.off_line)
    worst = sorted((fen for fen in whole.changes.values() if fen > 0), reverse=True)[:HARDEST]
    assert [fen for _, fen in found.hardest] == worst
    assert sum(one.before for one in found.funds.values()) + found.burden.before == sum(
        100 * (10_000 + 700 * n) for n in range(PEOPLE)
    )


def of_2023(said: list[Event]) -> PersonFacts:
    """Return a person's facts with the bills of the year."""
    facts = collect(said).counted([FIRST])
    facts.claims[:] = [one for one in facts.claims if one.discharge.year == 2023]
    return facts


def test_nobody_is_nothing() -> None:
    """A year without bills has a result too."""
    found = Compared(FIRST, SECOND, 2031, [FIRST]).result()

    assert (found.claims, found.everybody.people, found.hardest) == (0, 0, [])
