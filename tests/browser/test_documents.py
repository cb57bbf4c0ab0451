"""The door's own document as a page: a hospital's programmer reads it without the Internet."""

from playwright.sync_api import Browser, expect

from yingbao.running.stack import Stack


def test_the_document_is_read_as_a_page_that_loads_nothing_from_elsewhere(
    browser: Browser, stack: Stack
) -> None:
    """Chapters in Chinese, a route that opens, its answer with every field."""
    context = browser.new_context(base_url=stack.gateway_url, locale="zh-CN")
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()

    page.goto("/docs")
    page.get_by_text("医院结算", exact=True).first.wait_for()
    page.locator("#operations-医院结算-submit_claim").click()

    expect(page.get_by_text("personal_burden").first).to_be_attached()
    context.close()
    foreign = [one for one in asked if not one.startswith((stack.gateway_url, "data:", "blob:"))]
    assert foreign == []
