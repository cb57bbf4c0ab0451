"""A clerk's and an officer's tasks through the pages only, with Chromium; pictures go to ``var/pages``."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import TOWN
from tests.builders import an_id_number

PICTURES = Path(__file__).parents[2] / "var" / "pages"
COUNTY = (
    "/", "/lists", "/people", "/desk", "/tasks", "/calls", "/bills", "/adjustments", "/reports",
    "/reports/justification", "/sheets", "/city", "/officers", "/policy", "/what-if", "/trends",
    "/letters?state=all", "/approvals?state=all", "/keys", "/access", "/purpose",
)  # fmt: skip
TOWNSHIP = (
    "/",
    "/people",
    "/desk",
    "/tasks",
    "/calls",
    "/reports",
    "/reports/chronic",
    "/sheets",
    "/policy",
)


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def a_list(tmp_path: Path, *lines: str) -> Path:
    """Return a department's list as a file."""
    file = tmp_path / "低保名册.csv"
    file.write_text("\n".join(["姓名,身份证号,人员类别,乡镇,村", *lines]) + "\n", "utf-8")
    return file


def person(n: int, village: str = "东村") -> str:
    """Return a line of a list."""
    return f"丁{n},{an_id_number(n)},低保,{TOWN},{village}"


def test_a_clerk_previews_a_list_and_sends_it_in(clerk: Page, tmp_path: Path) -> None:
    """First what would change; then the receipt, with the row that goes back beside its reason."""
    file = a_list(tmp_path, person(901), person(902), f"戊,123,低保,{TOWN},东村")
    clerk.get_by_role("link", name="名册").click()
    for button, title in (
        ("先预览，不作改动", "名册预览（未作任何改动）"), ("正式报送", "名册回执"),
    ):  # fmt: skip
        clerk.goto("/lists")
        clerk.get_by_label("来源单位").select_option("civil_affairs")
        clerk.get_by_label("月份").fill("2023-05")
        clerk.get_by_label("名册文件").set_input_files(file)
        clerk.get_by_role("button", name=button).click()
        expect(clerk.get_by_role("heading", level=1)).to_have_text(title)

    expect(clerk.get_by_text("收2行，退1行")).to_be_visible()
    picture(clerk, "receipt")


def test_a_clerk_finds_somebody_and_sees_who_said_what(clerk: Page, tmp_path: Path) -> None:
    """By number, for a purpose; and the trail has it."""
    clerk.get_by_label("身份证号").fill(an_id_number(901))
    clerk.get_by_role("button", name="查找").click()

    expect(clerk.get_by_role("cell", name="低保对象", exact=True)).to_be_visible(timeout=30_000)
    picture(clerk, "person")
    clerk.get_by_role("link", name="查询留痕").click()
    expect(clerk.get_by_text("县医保局 clerk").first).to_be_visible()


def test_a_clerk_runs_a_pass_and_names_who_mends_what(clerk: Page) -> None:
    """The first pass finds who is not insured; a problem gets an officer and a day."""
    clerk.goto("/desk?year=2023")
    clerk.get_by_label("比对日期").fill("2023-06-30")
    clerk.get_by_role("button", name="运行比对").click()
    expect(clerk.get_by_role("status")).to_contain_text("第1遍比对完成")

    line = clerk.get_by_role("row").filter(has_text="应参未参").first
    line.get_by_label("责任人").fill("城关镇医保专干")
    line.get_by_label("期限").fill("2099-07-15")
    line.get_by_role("button", name="落实").click()
    expect(clerk.get_by_role("status")).to_contain_text("已落实责任人和期限")
    expect(clerk.get_by_role("cell", name="整改中").first).to_be_visible()
    picture(clerk, "desk")


def test_a_clerk_names_an_officer_for_several_problems_and_sees_the_broken_promises(
    clerk: Page,
) -> None:
    """Ticked lines get one officer and one day; what was promised for a day that is over stands apart."""
    clerk.goto("/desk?year=2023")
    for box in clerk.get_by_role("checkbox").all()[:2]:
        box.check()
    bulk = clerk.locator("#bulk")
    bulk.get_by_label("责任人").fill("城关镇医保专干")
    bulk.get_by_label("期限").fill("2024-01-15")
    bulk.get_by_role("button", name="落实勾选的问题").click()
    expect(clerk.get_by_role("status")).to_contain_text("已落实2件")

    clerk.get_by_label("状态").select_option("承诺逾期")
    clerk.get_by_role("button", name="查看").click()
    expect(clerk.locator("td.bad", has_text="2024-01-15")).to_have_count(2)
    expect(clerk.get_by_role("checkbox")).to_have_count(2)
    picture(clerk, "overdue")


def test_a_clerk_sets_an_officer_on_duty_and_ends_it(clerk: Page) -> None:
    """From today on; the list shows whom, and what was is kept."""
    clerk.get_by_role("link", name="责任人").click()
    clerk.get_by_label("姓名").fill("己")
    clerk.get_by_label("手机").fill("19900000011")
    clerk.get_by_label("乡镇（街道）").fill(TOWN)
    clerk.get_by_role("button", name="登记").click()
    line = clerk.get_by_role("row").filter(has_text="19900000011")
    expect(line).to_be_visible()
    picture(clerk, "officers")
    line.get_by_role("button", name="结束任期").click()
    expect(clerk.get_by_role("status")).to_contain_text("任期已结束")


def test_a_clerk_downloads_a_sheet(clerk: Page) -> None:
    """As a spreadsheet with the sheet's own name."""
    clerk.goto("/sheets?year=2023")
    clerk.get_by_label("台账").select_option("roster")
    with clerk.expect_download() as download:
        clerk.get_by_role("button", name="下载").first.click()

    assert download.value.suggested_filename.endswith("名册.xlsx")


def test_an_officer_reports_a_reason_and_a_wrong_day_comes_back_as_written(officer: Page) -> None:
    """On a phone: what is wrong stands over the form, and nothing has to be written twice."""
    officer.goto("/reports/justification")
    officer.get_by_label("身份证号").fill(an_id_number(902))
    officer.get_by_label("原因").select_option(label="参军")
    officer.get_by_label("自", exact=True).fill("2199-01-01")
    officer.get_by_role("button", name="提交").click()
    expect(officer.get_by_role("alert")).to_contain_text("自：")
    expect(officer.get_by_label("身份证号")).to_have_value(an_id_number(902))
    picture(officer, "reason-wrong")

    officer.get_by_label("自", exact=True).fill("2023-03-01")
    officer.get_by_role("button", name="提交").click()
    expect(officer.get_by_role("status")).to_contain_text("已受理")


def test_an_officer_closes_a_task_on_a_phone(officer: Page) -> None:
    """Somebody new on the list: the visit is on the phone, with a number to call, and is closed there."""
    officer.get_by_role("link", name="待办").click()
    done = officer.get_by_role("button", name="办结").first
    expect(done).to_be_visible(timeout=30_000)
    picture(officer, "tasks")
    done.click()
    expect(officer.get_by_role("status")).to_contain_text("已登记办结")


@pytest.mark.parametrize("path", COUNTY)
def test_a_desks_page_has_no_barrier(clerk: Page, path: str) -> None:
    """WCAG by axe; and the page fits a desk's screen."""
    no_barrier(clerk, path)


@pytest.mark.parametrize("path", TOWNSHIP)
def test_a_phones_page_has_no_barrier_and_is_not_wider_than_the_phone(
    officer: Page, path: str
) -> None:
    """375 points across, without moving sideways."""
    no_barrier(officer, path)


def no_barrier(page: Page, path: str = "") -> None:
    """No barrier on a page, and nothing of it lies outside the screen: the text's own frame could scroll."""
    if path:
        page.goto(path)
    found = Axe().run(page)
    wide = page.evaluate(
        "[document.documentElement, document.querySelector('main')].map(one => one.scrollWidth - one.clientWidth)"
    )

    assert found.violations_count == 0, found.generate_report()
    assert max(wide) <= 0, page.url


def test_everything_is_reached_by_the_keyboard(clerk: Page) -> None:
    """The first key goes to the text, the next through the menu; Enter opens what has the focus."""
    clerk.goto("/")
    clerk.keyboard.press("Tab")
    assert clerk.evaluate("document.activeElement.textContent") == "跳到正文"
    for _ in range(40):
        clerk.keyboard.press("Tab")
        if clerk.evaluate("document.activeElement.textContent") == "问题台账":
            break
    clerk.keyboard.press("Enter")
    expect(clerk.get_by_role("heading", level=1)).to_have_text("问题台账")


def test_a_page_prints_without_menu_and_buttons(clerk: Page) -> None:
    """On A4: the text and its tables, nothing to click."""
    clerk.goto("/")
    clerk.emulate_media(media="print")

    expect(clerk.get_by_role("navigation")).to_be_hidden()
    expect(clerk.get_by_role("button", name="退出")).to_be_hidden()
    PICTURES.mkdir(parents=True, exist_ok=True)
    clerk.pdf(path=PICTURES / "today.pdf", format="A4")
