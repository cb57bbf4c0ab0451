"""What people write is read as it is meant: full-width signs, blanks, dates of every shape, and no guesses."""

from datetime import date

import pytest

from contracts.events.enrollment import CitizenAnswered, Filing
from services.notify.receiving.rules import (
    REASONS_ZH,
    Done,
    Unclear,
    Wish,
    answer_reply,
    is_opt_out,
    read,
    unclear_reply,
)
from services.notify.rules import render
from tests.builders import PERSON, an_id_number

FILED = Wish("filing", "张三", "12345X", "上海市", date(2026, 12, 1))
SHANGHAI = Filing(
    place="上海市", province="31", first=date(2026, 12, 1), last=date(2027, 5, 31)
)  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        "备案#张三#12345X#上海市#20261201",
        "备案＃张三＃１２３４５Ｘ＃上海市＃２０２６１２０１",
        " 备案 # 张 三 # 12345x # 上海市 # 2026-12-01 。",
        "备案#张三#12345x#上海市#2026年12月1日#",
        "备案#张三#12345X#上海市#2026.12.1",
        "备案#张三#12345X#上海市#2026/12/01",
        "备案#张三#34169919960504345X#上海市#20261201".replace("345X", "345X"),
    ],
)
def test_a_filing_is_read_however_a_phone_writes_it(said: str) -> None:
    """§12: 备案#姓名#身份证后6位#就医地#起始日期; the whole number is as good as its last six."""
    wish = read(said)
    assert isinstance(wish, Wish)
    assert (wish.kind, wish.name, wish.place, wish.first) == (
        "filing", "张三", "上海市", date(2026, 12, 1)
    )  # fmt: skip
    assert wish.last_six[-4:] == "345X"
    assert wish.province == "31"


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("备案", "form"),
        ("备案 张三 12345X 上海市 20261201", "form"),
        ("备案#张三#12345X#上海市", "form"),
        ("备案##12345X#上海市#20261201", "name"),
        ("备案#张3#12345X#上海市#20261201", "name"),
        ("备案#张三#1234#上海市#20261201", "last_six"),
        ("备案#张三#1234567#上海市#20261201", "last_six"),
        ("备案#张三#12345X#浦东#20261201", "place"),
        ("备案#张三#12345X#" + "上海" * 16 + "#20261201", "place"),
        ("备案#张三#12345X#上海市#20261301", "first"),
        ("备案#张三#12345X#上海市#261201", "first"),
        ("备案#张三#12345X#上海市#12月1日", "first"),
        ("备案#张三#12345X#上海市#20260230", "first"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_guessed(said: str, part: str) -> None:
    """A day without a year, or of a month that is not: the reply says which part, and how it is written."""
    found = read(said)
    assert isinstance(found, Unclear)
    assert (found.kind, found.part) == ("filing", part)
    reply = unclear_reply(found)
    assert "备案#" in render(reply.template, reply.words, "")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("查询#张三#12345X", Wish("standing", "张三", "12345X")),
        ("查询", Unclear("standing", "form")),
        ("查询#张三", Unclear("standing", "form")),
        ("查询#张三#12", Unclear("standing", "last_six")),
        ("办结#3F9A1C", Done("3f9a1c", "")),
        ("办结＃3f9a1c＃已入户", Done("3f9a1c", "已入户")),
        ("办结 3f9a1c", Done("3f9a1c", "")),
        ("办结3f9a1c 已入户", Done("3f9a1c", "已入户")),
        ("办结：3f9a1c", Done("3f9a1c", "")),
        ("办结", Unclear("task", "form")),
        ("办结#", Unclear("task", "form")),
        ("办结#3f9a", Unclear("task", "code")),
        ("办结了吗", Unclear("task", "form")),
        ("谢谢", None),
        ("查询一下我的医保", None),
        ("", None),
        ("#", None),
    ],
)
def test_a_question_is_answered_and_thanks_are_not(said: str, expected: object) -> None:
    """Whatever is none of ours is kept, and nobody is written to about it."""
    assert read(said) == expected


@pytest.mark.parametrize("outcome", sorted(REASONS_ZH))
def test_every_refusal_says_why_and_nothing_of_the_person(outcome: str) -> None:
    """A stranger who guesses learns nothing; the person knows what to do."""
    answer = CitizenAnswered(message="0" * 32, outcome=outcome, person=PERSON)
    reply = answer_reply(answer)
    said = render(reply.template, reply.words, "")
    assert REASONS_ZH[outcome] in said
    assert PERSON not in said
    assert "乡镇医保办" in said


def test_an_answer_names_place_period_and_that_it_is_settled_there() -> None:
    """§12; and a standing names years and filings."""
    filed = answer_reply(CitizenAnswered(message="0" * 32, outcome="filed", filings=(SHANGHAI,)))
    said = render(filed.template, filed.words, "")
    assert all(word in said for word in ("上海市", "2026年12月1日", "2027年5月31日", "直接结算"))

    told = CitizenAnswered(
        message="0" * 32, outcome="standing", covered_years=(2024, 2025, 2026), filings=(SHANGHAI,)
    )
    said = render("standing_told", answer_reply(told).words, "")
    assert "2025年度、2026年度" in said
    assert "2024" not in said
    nothing = answer_reply(CitizenAnswered(message="0" * 32, outcome="standing"))
    assert nothing.words == {"years": "暂无记录", "filings": "无"}


def test_a_whole_number_is_cut_to_its_last_six() -> None:
    """What is sealed for enrollment is no more than is needed."""
    number = an_id_number()
    wish = read(f"查询#张三#{number}")
    assert isinstance(wish, Wish)
    assert wish.last_six == number[-6:]


@pytest.mark.parametrize(
    ("text", "out"),
    [("R", True), (" r。", True), ("Ｒ", True), ("TD", True), ("R吗", False), ("", False)],
)
def test_whoever_writes_r_is_told_nothing_more(text: str, out: bool) -> None:
    """R alone, in the shapes that phones write it."""
    assert is_opt_out(text) is out
