"""Treatment in another province is filed, by the bureau or by SMS, and stands for as long as the pack says."""

from datetime import date
from itertools import permutations

from contracts.events.enrollment import FilingsChanged
from contracts.events.partner import OutOfAreaFiled
from contracts.vocabulary import Source
from policy.loader import load_pack
from services.enrollment.person.filings import ends, fold_filings
from services.enrollment.person.rules import Standing, decide
from tests.builders import MORNING, PERSON, a_grant

LX = [load_pack("lixin-2023")]


def filed(
    on: str = "2023-05-02", place: str = "上海市", province: str = "31", *, minute: int = 0,
    until: str | None = None, action: str = "reported",
) -> OutOfAreaFiled:  # fmt: skip
    """Return what the bureau says."""
    return OutOfAreaFiled(
        source=Source.BUREAU, received=MORNING.replace(minute=minute), person=PERSON, place=place,
        province=province, valid_from=date.fromisoformat(on), action=action,
        valid_to=None if until is None else date.fromisoformat(until),
    )  # fmt: skip


def standing(*reports: OutOfAreaFiled) -> list[tuple[str, str, str]]:
    """Return place, first and last day of what stands."""
    found = fold_filings(LX, reports)
    return [(one.place, one.first.isoformat(), one.last.isoformat()) for one in found]


def test_a_filing_lasts_six_months_where_nobody_named_its_end() -> None:
    """医保发〔2022〕22号; the last day is the one before the same day of the sixth month."""
    assert standing(filed()) == [("上海市", "2023-05-02", "2023-11-01")]
    assert standing(filed("2023-08-31")) == [("上海市", "2023-08-31", "2024-02-28")]
    assert standing(filed(until="2023-05-20")) == [("上海市", "2023-05-02", "2023-05-20")]


def test_a_day_that_no_pack_knows_is_filed_for_that_day_only() -> None:
    """Nothing is promised that no document says."""
    assert ends([], date(2023, 5, 2)) == date(2023, 5, 2)


def test_of_one_province_and_first_day_the_last_word_stands_whatever_the_order() -> None:
    """Filed, taken back, filed for a shorter time, told in any order and twice."""
    said = [
        filed(),
        filed(minute=1, action="revoked"),
        filed(minute=2, until="2023-06-01"),
        filed("2023-07-01", "江苏省苏州市", "32"),
    ]

    for order in permutations(said):
        assert standing(*order, *order[:2]) == [
            ("上海市", "2023-05-02", "2023-06-01"),
            ("江苏省苏州市", "2023-07-01", "2023-12-31"),
        ]
    assert standing(*said[:2]) == []


def test_taken_back_from_a_later_day_a_filing_ends_the_day_before() -> None:
    """Back home early: what was treated by then was filed; another province's filing stays."""
    back = filed("2023-07-01", minute=1, action="revoked")
    elsewhere = filed("2023-05-02", "江苏省苏州市", "32", minute=2)
    for order in permutations((filed(), back, elsewhere)):
        assert standing(*order, *order) == [
            ("上海市", "2023-05-02", "2023-06-30"),
            ("江苏省苏州市", "2023-05-02", "2023-11-01"),
        ]
    assert standing(filed("2023-07-01", action="revoked")) == []


def test_nothing_of_a_province_is_filed_from_the_day_on_that_it_was_taken_back() -> None:
    """Two filings that overlap, and one that would only have begun: the bills of those days are unfiled."""
    said = [
        filed("2023-01-01"), filed("2023-03-01", minute=1), filed("2023-06-01", minute=2),
        filed("2023-03-01", minute=3, action="revoked"),
    ]  # fmt: skip
    for order in permutations(said):
        assert standing(*order) == [("上海市", "2023-01-01", "2023-02-28")]


def test_what_is_new_about_filings_is_announced_and_nothing_twice() -> None:
    """All of them as they stand, with the person's revision."""
    change = decide(LX, PERSON, [a_grant(), filed()], Standing())
    assert change is not None
    (told,) = [one for one in change.events if isinstance(one, FilingsChanged)]
    assert [one.province for one in told.filings] == ["31"]
    assert decide(LX, PERSON, [a_grant(), filed(), filed()], change.after) is None

    again = decide(
        LX, PERSON, [a_grant(), filed(), filed(minute=1, action="revoked")], change.after
    )
    assert again is not None
    (gone,) = again.events
    assert isinstance(gone, FilingsChanged)
    assert (gone.filings, gone.revision) == ((), told.revision + 1)
