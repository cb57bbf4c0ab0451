"""A county with its console, and a real Chromium before it: Debian's, as no browser is fetched."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from yingbao.running.accounts import add_account, end_account
from yingbao.running.stack import Stack, temporary_directory

PASSWORD, TOWN = "a password for tests", "城关镇"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 375, "height": 720}


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Every service and the console, each a process of its own."""
    directory = temporary_directory("browser")
    with Stack(directory, synthetic=True, console=True) as found:
        for login, name, township in (("clerk", "县局甲", ""), ("officer", "乡镇乙", TOWN)):
            add_account(
                directory, found.county, login, name, township, PASSWORD, second_factor=False
            )
        yield found
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one the suite fails and says what to install."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "no chromium: apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()


def only_here(context: BrowserContext, stack: Stack) -> list[str]:
    """Note every request that goes anywhere but to the console."""
    foreign: list[str] = []

    def look(url: str) -> None:
        if not url.startswith((stack.console_url, "data:", "blob:")):
            foreign.append(url)

    context.on("request", lambda request: look(request.url))
    return foreign


@pytest.fixture
def clerk(browser: Browser, stack: Stack, tmp_path: Path) -> Iterator[Page]:
    """A clerk of the bureau at a desk."""
    yield from _at(browser, stack, "clerk", DESKTOP)


@pytest.fixture
def checker(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A second person of the bureau, as long as the test lasts: one looks at what the other does."""
    add_account(
        stack.directory, stack.county, "checker", "县局丙", "", PASSWORD, second_factor=False
    )
    yield from _at(browser, stack, "checker", DESKTOP)
    end_account(stack.directory, "checker")


@pytest.fixture
def officer(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A township's officer with a phone."""
    yield from _at(browser, stack, "officer", PHONE)


def _at(browser: Browser, stack: Stack, login: str, size: dict[str, int]) -> Iterator[Page]:
    context = browser.new_context(viewport=size, locale="zh-CN", base_url=stack.console_url)  # type: ignore[arg-type]
    foreign = only_here(context, stack)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None
    )
    page.goto("/people")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_label("用途").fill("入户核对")
    page.get_by_role("button", name="确定").click()
    yield page
    context.close()
    assert foreign == []
    assert wrong == []
