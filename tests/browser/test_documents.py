"""The door's own documents as pages: a programmer reads them without the Internet."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pages import PICTURES
from yingbao.running.stack import Stack


@contextmanager
def a_page_of_the_door(browser: Browser, stack: Stack) -> Iterator[Page]:
    """Yield a page; at the end nothing may have been asked for elsewhere."""
    context = browser.new_context(base_url=stack.gateway_url, locale="zh-CN")
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    yield context.new_page()
    context.close()
    foreign = [one for one in asked if not one.startswith((stack.gateway_url, "data:", "blob:"))]
    assert foreign == []


def test_the_document_is_read_as_a_page_that_loads_nothing_from_elsewhere(
    browser: Browser, stack: Stack
) -> None:
    """Chapters in Chinese, a route that opens, its answer with every field."""
    with a_page_of_the_door(browser, stack) as page:
        page.goto("/docs")
        page.get_by_text("医院结算", exact=True).first.wait_for()
        page.locator("#operations-医院结算-submit_claim").click()

        expect(page.get_by_text("personal_burden").first).to_be_attached()


def test_the_document_of_events_is_read_as_a_page_too(browser: Browser, stack: Stack) -> None:
    """Every event with its fields and an example; drawn by a library that lies beside it."""
    with a_page_of_the_door(browser, stack) as page:
        page.goto("/docs/events")
        page.locator("text=ClaimSettled >> visible=true").first.wait_for(timeout=60_000)

        expect(page.get_by_text("benefit_year").first).to_be_attached()
        expect(page.get_by_text("There are errors")).to_have_count(0)
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / "events.png")
