"""The page of what was set aside: found, given to somebody, looked at for a purpose, closed with a reason."""

import asyncio
import re

from tests.integration.browsing import Person
from tests.integration.platform import Platform
from tests.integration.test_operator import letters_of

SUBJECT = "claims.ClaimSubmitted.v1"


async def test_a_clerk_looks_at_a_letter_gives_it_to_somebody_and_closes_it(
    platform: Platform, clerk: Person, officer: Person
) -> None:
    """Only the bureau; its input is read for a purpose, and who closed it and why stays to be seen."""
    await platform.publish_raw(SUBJECT, f'{{"page": "{platform.number}'.encode())
    await platform.quiet()
    await asyncio.sleep(1)
    number = max(one["number"] for one in await letters_of(platform, "--service", "settlement"))

    listed = await clerk.get("/letters", service="settlement", reason="broken_json")
    nothing = await clerk.post("/letters", what="closing", why="重复")
    owned = await clerk.post("/letters", what="owner", number=f"{number}", owner="值班员")
    opened = await clerk.get(f"/letters/{number}")
    closed = await clerk.post("/letters", what="closing", number=f"{number}", why="医院已重报")
    later = await clerk.get("/letters", state="all", service="settlement")
    read = await platform.rows(
        "SELECT holder, why FROM enrollment.access WHERE what = 'letter' AND area = $1", f"{number}"
    )

    assert f'value="{number}"' in listed.text
    assert "不是有效的 JSON" in listed.text
    assert ("未勾选任何消息" in nothing.text, "已登记1条的负责人" in owned.text) == (True, True)
    assert str(platform.number) in opened.text
    assert "已关闭1条" in closed.text
    assert f'href="/letters/{number}"' not in closed.text
    row = re.search(rf'<tr>(?:(?!</tr>).)*/letters/{number}".*?</tr>', later.text, re.DOTALL)
    assert row
    assert all(word in row[0] for word in ("值班员", "已关闭", "医院已重报", "县医保局 clerk"))
    assert [tuple(one) for one in read] == [("bureau/clerk", "入户核对")]
    assert (await officer.get("/letters")).status_code == 403
    assert (await officer.get(f"/letters/{number}")).status_code == 403


async def test_a_letter_of_the_page_is_sent_back(platform: Platform, clerk: Person) -> None:
    """It is handled again as it came, and what is broken comes back as a new one."""
    await platform.publish_raw(SUBJECT, f'{{"again": "{platform.number}'.encode())
    await platform.quiet()
    await asyncio.sleep(1)
    number = max(one["number"] for one in await letters_of(platform, "--service", "settlement"))

    said = await clerk.post("/letters", what="retry", number=f"{number}")
    for _ in range(40):
        standing = await platform.rows("SELECT state FROM gateway.letter WHERE number = $1", number)
        if standing[0]["state"] == "sent":
            break
        await asyncio.sleep(0.5)
    newer = [one["number"] for one in await letters_of(platform, "--service", "settlement")]

    assert "1条送回原处重新处理" in said.text
    assert standing[0]["state"] == "sent"
    assert max(newer) > number
