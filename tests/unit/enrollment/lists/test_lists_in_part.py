"""A list that a corrected one replaces for some of its categories: the rest of what it said stands."""

import itertools
from datetime import timedelta

from contracts.events.base import Event
from contracts.events.lists import ListingWithdrawn
from contracts.events.partner import StatusReported
from contracts.vocabulary import CATEGORY_ZH, Category, Source
from services.enrollment.person.file import TakenBack
from services.enrollment.person.fold import fold_person
from services.enrollment.person.rules import ResidentChange, Standing, decide
from services.gateway.intake.reading.table import Table
from services.gateway.intake.receipts import Receipt, moves_of_full
from tests.builders import MORNING, PERSON, a_row
from tests.county import PACKS


def a_word(
    *categories: str, action: str = "withdrawn", minute: int = 5, by: str = ""
) -> ListingWithdrawn:
    """Return a word about the list of April: what of it counts no longer."""
    return ListingWithdrawn.model_validate({
        "source": Source.CIVIL_AFFAIRS, "received": MORNING + timedelta(minutes=minute),
        "person": PERSON, "batch": "2023-04", "action": action, "categories": categories, "by": by,
    })  # fmt: skip


def both() -> list[StatusReported]:
    """Return the rows of somebody who stands on April's list with two categories."""
    return [a_row("2023-04", category=one) for one in ("SUBSISTENCE", "SEVERE_DISABILITY")]


def held(*facts: Event) -> list[str]:
    """Return the categories that a person has, by these facts."""
    return sorted(one.category.value for one in fold_person(PACKS, PERSON, facts).identities)


def changed(before: Standing, *facts: Event) -> ResidentChange:
    """Return what is new about the person."""
    found = decide(PACKS, PERSON, facts, before)
    assert found is not None
    return found


def test_only_what_the_corrected_list_speaks_of_is_no_fact_any_more() -> None:
    """The last word about a list holds, in whatever order the words come."""
    words = [
        a_word("SUBSISTENCE"), a_word("SEVERE_DISABILITY", "SUBSISTENCE", minute=6),
        a_word("SEVERE_DISABILITY", minute=7),
    ]  # fmt: skip

    for order in itertools.permutations([*both(), *words]):
        assert held(*order) == ["SUBSISTENCE"]


def test_a_word_about_the_whole_list_takes_all_and_a_reinstatement_gives_all_back() -> None:
    """Withdrawn whole after it was replaced in part; and once more valid after all."""
    rows = both()

    assert held(*rows, a_word("SUBSISTENCE"), a_word(minute=6)) == []
    assert held(*rows, a_word(minute=6), a_word(action="reinstated", minute=7)) == [
        "SEVERE_DISABILITY", "SUBSISTENCE",
    ]  # fmt: skip


def test_the_corrected_list_tells_what_it_changed_and_nobody_is_told_that_all_was_wrong() -> None:
    """The message about it waits for the corrected list, and is no message of a withdrawal."""
    first = changed(Standing(), *both())
    then = changed(first.after, *both(), a_word("SUBSISTENCE", by="2023-04-b"))

    assert then.told_with == "civil_affairs/2023-04-b"
    assert then.undone == ()
    assert [one.category for one in then.now.identities] == [Category("SEVERE_DISABILITY")]
    assert then.after.file.withdrawn == (TakenBack("civil_affairs", "2023-04", ("SUBSISTENCE",)),)


def test_the_receipt_says_of_which_categories_the_earlier_list_still_holds() -> None:
    """Nobody believes that leaving a category out ends it."""
    moves = moves_of_full([], {}, not_named=["DESTITUTE"])

    said = Receipt(Source.CIVIL_AFFAIRS, Table(), 1, 0, moves=moves).as_json()["text"]

    assert CATEGORY_ZH["DESTITUTE"] in said
    assert "仍按该名册" in said
