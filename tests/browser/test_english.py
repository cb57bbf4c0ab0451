"""The pages in English: one click there and back, readable, and printable as they are."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import COUNTY, no_barrier, picture


def test_one_click_makes_every_page_english_and_another_chinese_again(clerk: Page) -> None:
    """The page that somebody is on stays the one that they are on."""
    clerk.goto("/desk?year=2023")
    clerk.get_by_role("link", name="English").click()
    expect(clerk.get_by_role("heading", level=1)).to_have_text("Problem desk")
    assert "year=2023" in clerk.url
    picture(clerk, "english-desk")

    clerk.get_by_role("link", name="中文").click()
    expect(clerk.get_by_role("heading", level=1)).to_have_text("问题台账")


@pytest.mark.parametrize("path", COUNTY)
def test_an_english_page_has_no_barrier_and_fits_the_screen(clerk: Page, path: str) -> None:
    """English is wider than Chinese: nothing is cut, and nothing lies outside."""
    clerk.goto("/language/en")
    no_barrier(clerk, path)
    if path in {"/", "/lists", "/reports/justification", "/trends"}:
        picture(clerk, f"english-{path.strip('/').replace('/', '-') or 'today'}")
