"""A month of a clerk, an officer and an auditor, through the pages only and from the lists of the field."""

import re
import time
from pathlib import Path

import httpx2
import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from chassis.clock import system_clock
from chassis.clock import today as day_of
from tests.browser.conftest import TOWN
from tests.browser.test_pages import PICTURES, a_list, no_barrier, picture
from tests.builders import an_id_number
from yingbao.running.stack import Stack

FIELD = Path(__file__).parents[1] / "field" / "lists"
PATIENT, RIGHT, WRONG = an_id_number(921), an_id_number(922), an_id_number(923)
SENT = (
    ("民政局", "subsistence_plain.xlsx"), ("乡村振兴局", "monitored.xlsx"), ("公安局", "police_deregistered.xlsx"),
)  # fmt: skip


def send(clerk: Page, source: str, file: Path, month: str, *, full: bool = False) -> None:
    """Send a department's list in, as somebody at the desk does."""
    clerk.goto("/lists")
    clerk.get_by_label("来源单位").select_option(label=source)
    clerk.get_by_label("月份").fill(month)
    clerk.locator("#file").set_input_files(file)
    if full:
        clerk.get_by_label("全量名册：").check()
    clerk.get_by_role("button", name="正式报送").click()
    expect(clerk.get_by_role("heading", level=1)).to_have_text("名册回执")


def find(page: Page, word: str) -> None:
    """Look for somebody."""
    page.goto("/people")
    page.get_by_label("身份证号、姓名").fill(word)
    page.get_by_role("button", name="查找").click()


def until(page: Page, word: str, text: str, seconds: float = 30) -> None:
    """Look for somebody until a text stands there: what was sent in is decided a moment later."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        find(page, word)
        if page.get_by_text(text).count():
            return
        time.sleep(0.5)
    raise AssertionError(page.locator("main").inner_text())


def asked(clerk: Page, month: str) -> Locator:
    """Wait until a month's list is a question; return its line."""
    row = clerk.get_by_role("row").filter(has_text=month)
    for _ in range(60):
        clerk.goto("/lists")
        if row.get_by_role("button", name="确认减少属实").count():
            break
        time.sleep(0.5)
    return row


@pytest.mark.parametrize(("source", "file"), SENT)
def test_a_clerk_takes_in_what_an_office_sent(clerk: Page, source: str, file: str) -> None:
    """October's lists as they came, title lines and all: what is taken and what goes back is counted."""
    send(clerk, source, FIELD / file, "2026-10")

    expect(clerk.get_by_text(re.compile(r"收[1-9]\d*行")).first).to_be_visible()


def test_a_clerk_sends_in_whom_the_insurance_system_names(clerk: Page) -> None:
    """The export of the year, on which the equation rests."""
    clerk.goto("/lists?year=2026")
    clerk.get_by_label("名单文件").set_input_files(FIELD / "register_export.xlsx")
    clerk.get_by_role("button", name="报送名单").click()

    expect(clerk.get_by_text(re.compile(r"收1\d\d行")).first).to_be_visible()


def test_a_clerk_finds_a_family_by_name(clerk: Page) -> None:
    """Whole name, or its initials; the page names who lives together."""
    until(clerk, "罗明", "石村")
    find(clerk, "lm")
    expect(clerk.get_by_role("link", name="罗明").first).to_be_visible()
    picture(clerk, "people")
    clerk.get_by_role("link", name="罗明").first.click()

    expect(clerk.get_by_role("heading", level=1)).to_contain_text("罗明（证号后四位")
    expect(clerk.get_by_role("heading", name="同户人员")).to_be_visible()
    expect(clerk.get_by_role("link", name="杨英")).to_be_visible()
    picture(clerk, "household")
    no_barrier(clerk)


def test_a_clerk_says_what_an_unknown_word_means(clerk: Page, tmp_path: Path) -> None:
    """Its row waits until somebody says it, and is read then."""
    line = f"庚甲乙,{an_id_number(931)},兜底保障一类,{TOWN},东村"
    send(clerk, "民政局", a_list(tmp_path, line), "2023-05")
    clerk.goto("/lists")
    row = clerk.get_by_role("row").filter(has_text="兜底保障一类")
    row.get_by_label("含义").select_option(label="低保对象")
    row.get_by_role("button", name="答复").click()
    expect(clerk.get_by_role("status")).to_contain_text("已答复")

    until(clerk, "庚甲乙", "低保对象")


def test_a_clerk_calls_a_list_untrue_on_which_people_are_missing(
    clerk: Page, tmp_path: Path
) -> None:
    """A full list of one: nobody is taken off before somebody says so; it is withdrawn."""
    many = [f"辛{n},{an_id_number(940 + n)},孤儿,{TOWN},东村" for n in range(12)]
    send(clerk, "民政局", a_list(tmp_path, *many), "2023-06", full=True)
    send(clerk, "民政局", a_list(tmp_path, many[0]), "2023-07", full=True)
    row = asked(clerk, "2023-07")
    picture(clerk, "list-question")
    row.get_by_label("撤回原因").fill("只导出了一个村")
    row.get_by_role("button", name="名册不实，撤回").click()

    expect(clerk.get_by_role("status")).to_contain_text("已撤回")


def test_a_clerk_corrects_a_number(clerk: Page, tmp_path: Path) -> None:
    """Whoever is looked for by the wrong number is found under the right one."""
    send(clerk, "民政局", a_list(tmp_path, f"壬甲乙,{WRONG},低保,{TOWN},东村"), "2023-05")
    until(clerk, "壬甲乙", "东村")
    clerk.goto("/reports/identity")
    clerk.get_by_label("原（错误）身份证号").fill(WRONG)
    clerk.get_by_label("正确身份证号").fill(RIGHT)
    clerk.get_by_label("姓名").fill("壬甲乙")
    clerk.get_by_label("更正日期").fill("2023-06-01")
    clerk.get_by_label("事项").select_option(label="更正")
    clerk.get_by_role("button", name="提交").click()
    expect(clerk.get_by_role("status")).to_contain_text("已受理")

    until(clerk, "壬甲乙", RIGHT[-4:])
    find(clerk, WRONG)
    expect(clerk.get_by_role("heading", level=1)).to_contain_text(RIGHT[-4:])


def test_a_clerk_prints_a_family_its_bill_and_an_auditor_verifies_the_copy(
    clerk: Page, stack: Stack, tmp_path: Path
) -> None:
    """From the person to the bill on one page; whoever brings it later is told whether it still holds."""
    tax = tmp_path / "税务.csv"
    head = "姓名,身份证号,乡镇,村,缴费年度,缴费金额,缴费日期"
    tax.write_text(f"{head}\n癸甲乙,{PATIENT},{TOWN},东村,2023,350.00,2022-12-20\n", "utf-8")
    send(clerk, "民政局", a_list(tmp_path, f"癸甲乙,{PATIENT},低保,{TOWN},东村"), "2023-01")
    send(clerk, "税务局", tax, "2022-12")
    until(clerk, "癸甲乙", "东村")
    sent = httpx2.post(
        f"{stack.gateway_url}/v1/claims", headers={"X-Yingbao-Key": stack.keys()["hospital/H34169901"]},
        json={
            "claim": "task1", "provider": "H34169901", "certno": PATIENT, "kind": "inpatient", "level": "L2",
            "admit": "2023-05-10", "discharge": "2023-05-18", "total_fee": "90000.00",
            "in_scope": "80000.00", "class_b_prepay": "4000.00", "full_self_pay": "6000.00",
        }, timeout=60,
    )  # fmt: skip
    assert sent.status_code == 200, sent.text

    clerk.goto("/?year=2023")
    until(clerk, PATIENT, "H34169901:task1")
    clerk.get_by_role("link", name="H34169901:task1").click()
    expect(clerk.get_by_role("cell", name="癸甲乙")).to_be_visible()
    picture(clerk, "bill")
    no_barrier(clerk)
    with clerk.expect_download() as download:
        clerk.get_by_role("link", name="打印一单清").click()
    PICTURES.mkdir(parents=True, exist_ok=True)
    download.value.save_as(PICTURES / "bill.pdf")
    code = re.search(r"校验码 ([0-9A-F-]{14})", clerk.locator("main").inner_text())
    assert code is not None
    for said, told in ((code[1], "校验码有效"), ("0000-0000-0000", "校验码不符")):
        clerk.goto("/bills")
        form = clerk.locator("form", has_text="核验一单清")
        form.get_by_label("结算单号").fill("H34169901:task1")
        form.get_by_label("校验码").fill(said)
        form.get_by_role("button", name="核验").click()
        expect(clerk.get_by_text(told).first).to_be_visible()
        no_barrier(clerk)
    picture(clerk, "verified")
    today = day_of(system_clock)
    clerk.goto(f"/trends?year={today.year}")
    expect(clerk.locator("#chart canvas")).to_be_visible()
    row = clerk.get_by_role("row").filter(has_text=f"{today:%Y-%m}")
    expect(row.get_by_role("cell").nth(1)).not_to_have_text("0")
    picture(clerk, "trends")
    no_barrier(clerk)


def test_a_clerk_answers_the_city(clerk: Page, tmp_path: Path) -> None:
    """Its list comes back in its own form, with an answer a line; its counts beside ours."""
    book = openpyxl.Workbook()
    book.active.append(["姓名", "身份证号", "反馈"])
    book.active.append(["癸甲乙", PATIENT, ""])
    asked, counts = tmp_path / "核查名单.xlsx", tmp_path / "人数.csv"
    book.save(asked)
    counts.write_text(f"乡镇,人员类别,名册人数\n{TOWN},低保,99999\n", "utf-8")
    clerk.goto("/city?year=2023")
    picture(clerk, "city")
    clerk.get_by_label("核查名单").set_input_files(asked)
    with clerk.expect_download() as download:
        clerk.get_by_role("button", name="答复").click()
    clerk.get_by_label("人数表").set_input_files(counts)
    clerk.get_by_role("button", name="比对").click()

    assert download.value.suggested_filename == "已答复2023_核查名单.xlsx"
    expect(clerk.get_by_role("cell", name="99999")).to_be_visible()
    no_barrier(clerk)


def test_an_officer_finds_somebody_of_the_own_township_and_nobody_else_s(
    officer: Page, clerk: Page
) -> None:
    """On a phone, by initials; whom the county finds elsewhere is not there."""
    until(officer, "gjy", "癸甲乙")
    picture(officer, "people-phone")
    no_barrier(officer)
    officer.get_by_role("link", name="癸甲乙").click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text("癸甲乙")
    picture(officer, "person-phone")
    no_barrier(officer)
    officer.goto("/bills/H34169901:task1")
    no_barrier(officer)
    find(officer, "罗明")

    expect(officer.get_by_text("未查到符合条件的人员")).to_be_visible()
    find(clerk, "罗明")
    expect(clerk.get_by_role("link", name="罗明").first).to_be_visible()


def test_an_officer_promises_to_mend_a_problem_of_the_own_township(
    officer: Page, clerk: Page
) -> None:
    """After a pass of the bureau: by name and day, on a phone."""
    clerk.goto("/desk?year=2023")
    clerk.get_by_label("比对日期").fill("2023-08-31")
    clerk.get_by_role("button", name="运行比对").click()
    expect(clerk.get_by_role("status")).to_contain_text("比对完成")
    officer.goto("/desk?year=2023")
    line = officer.get_by_role("row").filter(has_text="应参未参").filter(has_text="未整改").first
    line.get_by_label("责任人").fill("本人")
    line.get_by_label("期限").fill("2099-09-15")
    line.get_by_role("button", name="落实").click()

    expect(officer.get_by_role("status")).to_contain_text("已落实责任人和期限")


def test_an_officer_takes_the_households_sheets_along(officer: Page) -> None:
    """For one village of the own township, as one PDF."""
    officer.goto("/sheets?year=2023")
    officer.get_by_label("台账").select_option("households")
    officer.get_by_label("村（社区）").fill("东村")
    with officer.expect_download() as download:
        officer.get_by_role("button", name="下载").click()
    download.value.save_as(PICTURES / "households.pdf")

    assert (PICTURES / "households.pdf").read_bytes().startswith(b"%PDF-")


def test_an_auditor_reads_who_looked_at_whom_and_what_for(clerk: Page) -> None:
    """By name of the person who looked, with the purpose that was said."""
    find(clerk, "癸甲乙")
    clerk.get_by_role("link", name="查询留痕").click()
    line = clerk.get_by_role("row").filter(has_text="按姓名等查找").first

    expect(line).to_contain_text("县医保局 clerk")
    expect(line).to_contain_text("入户核对")


def test_an_auditor_reads_what_decides_and_what_of_it_no_notice_says(clerk: Page) -> None:
    """Every value with its clause; the doubtful ones by themselves; and whose keys open the door."""
    clerk.get_by_role("link", name="政策标准").click()
    every = clerk.get_by_role("row").count()
    clerk.get_by_label("只看未核实").check()
    clerk.get_by_role("button", name="查看").click()
    doubtful = clerk.get_by_role("row").count()
    PICTURES.mkdir(parents=True, exist_ok=True)
    clerk.screenshot(path=PICTURES / "policy.png")  # the first screen of a long page
    clerk.get_by_role("link", name="密钥和权限").click()

    assert 1 < doubtful < every
    expect(clerk.get_by_role("row").filter(has_text="县医保局 clerk")).to_contain_text("有效")
