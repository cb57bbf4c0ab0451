"""What is done about problems, through the pages: pictures from a phone, a whole sheet, and a draft of policy."""

import io
import re
import time
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from tests.browser.conftest import TOWN
from tests.browser.test_pages import a_list, no_barrier, picture
from tests.browser.test_tasks import send
from tests.builders import an_id_number

PICTURE = b"\x89PNG\r\n\x1a\n" + b"a screenshot" * 100
NOT_INSURED = an_id_number(975)
NAMED = re.compile(r"佐证\d{8}-\d{6}\.png")


def a_problem(clerk: Page, tmp_path: Path) -> None:
    """Have somebody on a roster and not insured, and run the first pass."""
    send(clerk, "民政局", a_list(tmp_path, f"甲癸乙,{NOT_INSURED},低保,{TOWN},东村"), "2023-05")
    for _ in range(60):
        clerk.goto("/desk?year=2023")
        clerk.get_by_label("比对日期").fill("2023-06-15")
        clerk.get_by_role("button", name="运行比对").click()
        clerk.goto(f"/desk?year=2023&township={TOWN}&kind=not_enrolled")
        if clerk.get_by_role("link", name="佐证材料").count():
            return
        time.sleep(0.5)
    raise AssertionError(clerk.locator("main").inner_text())


def test_an_officer_attaches_a_picture_on_a_phone_and_takes_a_wrong_one_away(
    clerk: Page, officer: Page, tmp_path: Path
) -> None:
    """From the line of the problem; 375 points across, no barrier, and the bureau sees who sent it."""
    a_problem(clerk, tmp_path)
    shot = tmp_path / "参保截图.png"
    shot.write_bytes(PICTURE)
    officer.goto("/desk?year=2023&kind=not_enrolled")
    officer.get_by_role("link", name="佐证材料").first.click()
    officer.get_by_label("图片或 PDF").set_input_files(shot)
    officer.get_by_role("button", name="上传").click()
    expect(officer.get_by_role("status")).to_contain_text("佐证材料已上传")
    no_barrier(officer)
    picture(officer, "attachments")
    with officer.expect_download() as seen:
        officer.get_by_role("link", name=NAMED).click()
    assert Path(seen.value.path()).read_bytes() == PICTURE
    officer.get_by_role("button", name="传错了，撤下").click()

    expect(officer.get_by_role("status")).to_contain_text("已撤下")
    expect(officer.get_by_role("link", name=NAMED)).to_have_count(0)


def test_an_officer_fills_in_the_sheet_of_problems_and_sends_it_back(
    clerk: Page, officer: Page, tmp_path: Path
) -> None:
    """Names and numbers of the own township; one line is filled in, the others stay as they are."""
    a_problem(clerk, tmp_path)
    officer.goto("/desk?year=2023")
    with officer.expect_download() as loaded:
        officer.get_by_role("link", name="导出问题整改清单").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(loaded.value.path()).read_bytes()))
    page = book.worksheets[0]
    head = [cell.value for cell in page[3]]
    row = next(
        one for one in page.iter_rows(min_row=4) if one[head.index("身份证号")].value == NOT_INSURED
    )
    row[head.index("责任人")].value = "城关镇医保专干"
    row[head.index("整改期限")].value = "2099-12-31"
    filled = tmp_path / "问题整改清单.xlsx"
    book.save(filled)
    officer.get_by_label("填写好的清单").set_input_files(filled)
    officer.get_by_role("button", name="导入责任人和期限").click()

    expect(officer.get_by_role("heading", level=1)).to_have_text("责任人和期限导入结果")
    expect(officer.get_by_text("已落实1件")).to_be_visible()
    no_barrier(officer)
    officer.goto("/desk?year=2023&kind=not_enrolled&state=fixing")
    expect(officer.get_by_text("2099-12-31").first).to_be_visible()


def test_a_clerk_reads_what_another_pack_would_cost(clerk: Page) -> None:
    """Ordered, followed and read on the page; nothing else is changed by it."""
    clerk.goto("/what-if?year=2023")
    clerk.get_by_role("button", name="开始测算").click()
    expect(clerk.get_by_role("status")).to_contain_text("已开始测算")
    # The page follows by itself: nobody opens it anew.
    expect(clerk.get_by_role("link", name="查看结果").first).to_be_visible(timeout=60_000)
    picture(clerk, "what-if-orders")
    clerk.get_by_role("link", name="查看结果").first.click()

    expect(clerk.get_by_role("heading", name="各基金支出")).to_be_visible()
    picture(clerk, "what-if")
    no_barrier(clerk)
