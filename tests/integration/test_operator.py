"""The operator's commands against the running platform."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.builders import an_id_number
from tests.integration.platform import Platform


def yingbao(platform: Platform, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command with the platform's data directory."""
    command = [sys.executable, "-m", "yingbao", *arguments, "--data", str(platform.stack.directory)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


async def letters_of(platform: Platform, *where: str) -> list[dict[str, Any]]:
    """Return what the list shows, once the letters that lie on the bus are kept."""
    last = (await platform.bus.jetstream().stream_info("DEADLETTER")).state.last_seq
    for _ in range(60):
        if await platform.rows("SELECT 1 FROM gateway.letter WHERE on_bus AND place = $1", last):
            break
        await asyncio.sleep(0.5)
    found = await asyncio.to_thread(yingbao, platform, "deadletter", "list", *where, "--json")
    listed: list[dict[str, Any]] = json.loads(found.stdout)
    return listed


async def test_a_dead_letter_is_listed_shown_and_sent_back(platform: Platform) -> None:
    """Its way back: a bill that was broken on the wire is mended by nothing, but is never lost."""
    broken = f'{{"claim": "{platform.number}'.encode()
    await platform.publish_raw("claims.ClaimSubmitted.v1", broken)
    await platform.quiet()
    await asyncio.sleep(1)

    array = await letters_of(platform)
    listed = await asyncio.to_thread(yingbao, platform, "deadletter", "list")
    number = listed.stdout.strip().splitlines()[-1].split()[0]
    why = ("--why", "核查滞留原因")
    shown = await asyncio.to_thread(yingbao, platform, "deadletter", "show", number, *why)
    as_json = await asyncio.to_thread(
        yingbao, platform, "deadletter", "show", number, "--json", *why
    )
    sent = await asyncio.to_thread(yingbao, platform, "deadletter", "retry", number)
    read = await platform.rows(
        "SELECT what, area, why FROM enrollment.access WHERE area = $1", number
    )

    assert json.loads(as_json.stdout)["payload"] == broken.decode()
    assert int(number) in [one["number"] for one in array]
    assert listed.returncode == 1
    assert "broken_json" in listed.stdout
    assert broken.decode() in shown.stdout
    assert (sent.returncode, sent.stdout.strip()) == (0, f"{number} 已送回")
    assert [tuple(one) for one in read] == [("letter", number, "核查滞留原因")] * 2


async def test_letters_leave_the_list_once_they_are_sent_back_or_closed(platform: Platform) -> None:
    """One that fails again is a new letter; who closed what and why is kept, and the bus lets go of it."""
    subject = "claims.ClaimSubmitted.v1"
    await platform.publish_raw(
        subject, *(f'{{"n{platform.number}": {n}'.encode() for n in range(3))
    )
    await platform.quiet()
    await asyncio.sleep(1)
    where = ("--service", "settlement", "--reason", "broken_json")

    numbers = [one["number"] for one in await letters_of(platform, *where)]
    vague = await asyncio.to_thread(yingbao, platform, "deadletter", "retry")
    again = await asyncio.to_thread(yingbao, platform, "deadletter", "retry", str(max(numbers)))
    await platform.quiet()
    await asyncio.sleep(1)
    owned = await asyncio.to_thread(
        yingbao, platform, "deadletter", "own", *where, "--owner", "值班"
    )
    middle = await letters_of(platform, *where)
    closed = await asyncio.to_thread(
        yingbao, platform, "deadletter", "close", *where, "--why", "试验"
    )
    after = await asyncio.to_thread(yingbao, platform, "deadletter", "list", *where)
    kept = [one for one in await letters_of(platform, *where, "--all") if one["state"] == "closed"]

    assert len(numbers) >= 3
    codes = (vague.returncode, again.returncode, owned.returncode, closed.returncode)
    assert codes == (2, 0, 0, 0)
    listed = [one["number"] for one in middle]
    assert max(numbers) not in listed
    assert max(listed) > max(numbers)
    assert {one["owner"] for one in middle if one["number"] in numbers} == {"值班"}
    assert (after.returncode, after.stdout) == (0, "")
    closed_now = [one for one in kept if one["number"] in listed]
    assert {(one["why"], one["decider"]) for one in closed_now} == {("试验", "bureau")}
    assert await left_on_the_bus(platform, listed) == 0


async def left_on_the_bus(platform: Platform, numbers: list[int]) -> int:
    """Return how many letters that are done still lie on the bus, once the operator's process looked."""
    for _ in range(40):
        left = await platform.rows(
            "SELECT number FROM gateway.letter WHERE on_bus AND number = ANY($1)", numbers
        )
        if not left:
            return 0
        await asyncio.sleep(0.5)
    return len(left)


async def test_what_the_door_refused_is_closed_and_never_sent_back(platform: Platform) -> None:
    """Only its sender can correct it; the bus lets nobody speak for them."""
    refused = {"certno": "no number", "name": "甲", "category": "SUBSISTENCE"}
    assert await platform.report("civil_affairs", "StatusReported", **refused) == 422
    mine = ("--service", "gateway")
    listed = [one["number"] for one in await letters_of(platform, *mine)]

    sent = await asyncio.to_thread(yingbao, platform, "deadletter", "retry", str(max(listed)))
    after = [one["number"] for one in await letters_of(platform, *mine)]

    assert listed
    assert sent.returncode == 0
    assert "网关退回的" in sent.stdout
    assert max(listed) in after


async def test_one_letter_that_cannot_be_kept_or_sent_back_keeps_no_other(
    platform: Platform,
) -> None:
    """What is no letter, a field named by a character that no text may hold, an input that was cut."""
    await platform.publish_raw("deadletter.settlement.v1", b"no letter at all")
    odd = b'{"certno": "x", "died": "2023-01-05", "a\\u0000b": 1}'
    async with platform.http() as http:
        said = await http.post(
            "/v1/reports/police/DeathReported", content=odd,
            headers=platform.key("police") | {"Content-Type": "application/json"},
        )  # fmt: skip
    await platform.publish_raw("claims.ClaimSubmitted.v1", b"{" + b"x" * 200_000)
    await platform.quiet()
    await asyncio.sleep(1)
    listed = await letters_of(platform)
    cut = max(one["number"] for one in listed if one["service"] == "settlement")

    sent = await asyncio.to_thread(yingbao, platform, "deadletter", "retry", str(cut))
    state = await platform.rows("SELECT state, why FROM gateway.letter WHERE number = $1", cut)

    assert said.status_code == 422
    assert [one["detail"] for one in listed if one["reason"] == "unknown_field"][:1] == ["ab"]
    assert sent.returncode == 1
    assert (state[0]["state"], "原文过长" in state[0]["why"]) == ("open", True)


async def test_a_letter_outlives_the_bus_and_goes_back_from_the_database(
    platform: Platform,
) -> None:
    """Its stream is lost whole: what was set aside stands in the list, with its input."""
    broken = f'{{"gone": "{platform.number}'.encode()
    await platform.publish_raw("claims.ClaimSubmitted.v1", broken)
    await platform.quiet()
    await asyncio.sleep(1)
    number = max(one["number"] for one in await letters_of(platform, "--service", "settlement"))
    await platform.bus.jetstream().delete_stream("DEADLETTER")

    shown = await asyncio.to_thread(
        yingbao, platform, "deadletter", "show", str(number), "--why", "总线重建后核查"
    )
    sent = await asyncio.to_thread(yingbao, platform, "deadletter", "retry", str(number))
    state = await platform.rows("SELECT state FROM gateway.letter WHERE number = $1", number)
    again = await asyncio.to_thread(yingbao, platform, "deadletter", "retry", str(number))

    assert broken.decode() in shown.stdout
    assert (sent.returncode, state[0]["state"]) == (0, "sent")
    assert (again.returncode, f"没有等待处理的滞留消息 {number}" in again.stderr) == (1, True)


async def test_the_equation_names_nobody_and_counts_everybody(platform: Platform) -> None:
    """A person on the roster who has not paid is missing: exit code 1, and one less once insured elsewhere."""
    person = {"certno": an_id_number(31), "name": "甲"}
    status = person | {"category": "SUBSISTENCE", "effective": "2023-01-01", "township": "孙庙乡"}
    elsewhere = person | {"reason": "LOCAL_EMPLOYEE", "valid_from": "2022-07-01"}
    lines = []
    async with platform.http() as http:
        for source, name, body in (
            ("civil_affairs", "StatusReported", status),
            ("employee_insurance", "CoverageElsewhereReported", elsewhere),
        ):
            await http.post(f"/v1/reports/{source}/{name}", json=body, headers=platform.key(source))
            await platform.quiet()
            found = await asyncio.to_thread(yingbao, platform, "equation", "2023", "--json")
            lines.append(
                next(one for one in json.loads(found.stdout) if one["township"] == "孙庙乡")
            )
            codes = found.returncode

    assert [(one["roster"], one["missing"], one["justified"]) for one in lines] == [
        (1, 1, 0),
        (1, 0, 1),
    ]
    assert codes in (0, 1)
    assert lines[1]["completion"] == "100.00%"


async def test_wrong_use_ends_with_two_and_files_are_said_as_json(
    platform: Platform, tmp_path: Path
) -> None:
    """A misspelt township or kind is no empty result; every command that writes a file says which."""
    ledger = ("ledger", "export", "roster", "--year", "2023", "--why", "核对")
    path = tmp_path / "名册.xlsx"

    typo = await asyncio.to_thread(yingbao, platform, *ledger, "--township", "张村真")
    kind = await asyncio.to_thread(yingbao, platform, "issue", "list", "2023", "--kind", "refunds")
    written = await asyncio.to_thread(yingbao, platform, *ledger, "--out", str(path), "--json")
    listed = await asyncio.to_thread(yingbao, platform, "issue", "list", "2023", "--json")

    assert (typo.returncode, kind.returncode, written.returncode) == (2, 2, 0)
    assert "unknown_township" in typo.stderr
    assert json.loads(written.stdout) == {"file": str(path)}
    assert path.exists()
    assert isinstance(json.loads(listed.stdout), list)


async def test_a_platform_that_is_not_there_is_one_clear_line(tmp_path: object) -> None:
    """No traceback at night."""
    command = [sys.executable, "-m", "yingbao", "deadletter", "list", "--data", str(tmp_path)]

    found = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )

    assert found.returncode == 1
    assert found.stderr.startswith("没有网关地址或 bureau 的密钥")
    assert "Traceback" not in found.stderr
