"""What one clerk does and another one looks at, through the pages."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import TOWN
from tests.browser.test_pages import a_list, no_barrier, picture
from tests.browser.test_tasks import asked, send
from tests.builders import an_id_number


def test_a_clerk_confirms_a_list_and_another_one_approves_it(
    clerk: Page, checker: Page, tmp_path: Path
) -> None:
    """Of two persons at the bureau one proposes and the other one looks: only then does anybody leave."""
    many = [f"癸{n},{an_id_number(960 + n)},重点优抚,{TOWN},东村" for n in range(12)]
    send(clerk, "民政局", a_list(tmp_path, *many), "2023-06", full=True)
    send(clerk, "民政局", a_list(tmp_path, *many[:4]), "2023-08", full=True)
    row = asked(clerk, "2023-08")
    row.get_by_role("button", name="确认减少属实").click()
    expect(clerk.get_by_role("status")).to_contain_text("须由另一人复核")
    clerk.goto("/approvals")
    expect(clerk.get_by_role("button", name="复核通过")).to_have_count(0)

    checker.goto("/")
    checker.get_by_role("link", name="待复核事项").click()
    expect(checker.get_by_text("未列入8人将移出")).to_be_visible()
    picture(checker, "approvals")
    no_barrier(checker)
    checker.get_by_role("button", name="复核通过").click()

    expect(checker.get_by_role("status")).to_contain_text("已生效")
    expect(checker.get_by_text("没有待复核事项")).to_be_visible()
