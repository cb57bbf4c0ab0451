"""Texts in two languages: everything is said in both, and what a text names is never lost."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from chassis.language import (
    CHINESE,
    ENGLISH,
    HAN,
    LANGUAGES,
    LOCALE,
    accepted,
    language,
    spoken,
    texts_within,
    tr,
    tr_within,
)

NAMED = re.compile(r"\{[^{}]*\}")
SAMPLES = re.compile("上海市|江苏省苏州市|张小明|〔未核实〕|【|】")
"""Chinese that an English text quotes: what somebody types, and marks that stand on documents."""


def catalogue_of(name: str) -> dict[str, str]:
    """Return text → translation."""
    path: Path = LOCALE / name / "LC_MESSAGES" / "yingbao.po"
    with path.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}


@pytest.mark.parametrize("name", LANGUAGES)
def test_everything_that_people_read_is_translated(name: str) -> None:
    """A text without a translation would stand in the wrong language on somebody's page."""
    assert [text for text, said in catalogue_of(name).items() if not said] == []


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_a_text_names_is_named_in_its_translation(name: str) -> None:
    """An amount or a claim that gets lost on the way would change what is said."""
    lost = [
        text
        for text, said in catalogue_of(name).items()
        if sorted(NAMED.findall(text)) != sorted(NAMED.findall(said))
    ]

    assert lost == []


def test_no_chinese_stands_in_an_english_text() -> None:
    """Who reads English reads all of it."""
    found = [one for one in catalogue_of(ENGLISH).values() if HAN.search(SAMPLES.sub("", one))]

    assert found == []


def test_what_was_written_in_english_is_chinese_in_the_chinese_catalogue() -> None:
    """No translation is a copy of its text."""
    assert [text for text, said in catalogue_of(CHINESE).items() if text == said] == []


def test_a_text_is_said_in_the_language_that_is_spoken_and_chinese_otherwise() -> None:
    """An office reads Chinese unless somebody asks for English, and only as long."""
    with spoken(ENGLISH):
        english = (tr("应参未参"), tr("已登记{name}", name="Li"), tr("no such text"))

    assert english == ("Not enrolled", "Recorded: Li", "no such text")
    assert (language(), tr("应参未参"), tr("")) == (CHINESE, "应参未参", "")
    with spoken("fr"):
        assert language() == CHINESE


def test_a_page_keeps_its_marks_and_blanks() -> None:
    """Only what stands between the marks is translated, also within an attribute."""
    page = '<td data-l="状态"> 应参未参 </td>\n<b>{{ x }}</b>'
    with spoken(ENGLISH):
        assert tr_within(page) == '<td data-l="State"> Not enrolled </td>\n<b>{{ x }}</b>'
    assert texts_within(page) == ["状态", "应参未参"]


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("en", ENGLISH), ("en-GB,zh;q=0.5", ENGLISH), ("zh-CN,en;q=0.9", CHINESE), ("", CHINESE),
        ("*", CHINESE), ("de, en", CHINESE), ("EN;q=1", ENGLISH),
    ],
)  # fmt: skip
def test_a_caller_gets_english_by_asking_for_it_first(header: str, wanted: str) -> None:
    """A browser that takes anything gets what an office reads."""
    assert accepted(header) == wanted
