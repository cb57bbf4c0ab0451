"""The operator's commands against the running platform."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from tests.builders import an_id_number
from tests.integration.platform import Platform


def yingbao(platform: Platform, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command with the platform's data directory."""
    command = [sys.executable, "-m", "yingbao", *arguments, "--data", str(platform.stack.directory)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


async def test_a_dead_letter_is_listed_shown_and_sent_back(platform: Platform) -> None:
    """Its way back: a bill that was broken on the wire is mended by nothing, but is never lost."""
    broken = f'{{"claim": "{platform.number}'.encode()
    await platform.publish_raw("claims.ClaimSubmitted.v1", broken)
    await platform.quiet()
    await asyncio.sleep(1)

    listed = await asyncio.to_thread(yingbao, platform, "deadletter", "list")
    number = listed.stdout.strip().splitlines()[-1].split()[0]
    shown = await asyncio.to_thread(yingbao, platform, "deadletter", "show", number)
    as_json = await asyncio.to_thread(yingbao, platform, "deadletter", "show", number, "--json")
    array = await asyncio.to_thread(yingbao, platform, "deadletter", "list", "--json")
    sent = await asyncio.to_thread(yingbao, platform, "deadletter", "retry", number)

    assert json.loads(as_json.stdout)["payload"] == broken.decode()
    assert int(number) in [one["number"] for one in json.loads(array.stdout)]
    assert listed.returncode == 1
    assert "broken_json" in listed.stdout
    assert broken.decode() in shown.stdout
    assert sent.stdout.strip() == f"{number} sent back to claims.ClaimSubmitted.v1"


async def test_letters_leave_the_list_once_they_are_sent_back_or_closed(platform: Platform) -> None:
    """One that fails again is a new letter; what is closed is written down with who set it aside and why."""
    subject = "claims.ClaimSubmitted.v1"
    await platform.publish_raw(
        subject, *(f'{{"n{platform.number}": {n}'.encode() for n in range(3))
    )
    await platform.quiet()
    await asyncio.sleep(1)
    where = ("--service", "settlement", "--reason", "broken_json")

    before = await asyncio.to_thread(yingbao, platform, "deadletter", "list", *where, "--json")
    numbers = [one["number"] for one in json.loads(before.stdout)]
    vague = await asyncio.to_thread(yingbao, platform, "deadletter", "retry")
    again = await asyncio.to_thread(yingbao, platform, "deadletter", "retry", str(numbers[-1]))
    await platform.quiet()
    await asyncio.sleep(1)
    middle = await asyncio.to_thread(yingbao, platform, "deadletter", "list", *where, "--json")
    closed = await asyncio.to_thread(
        yingbao, platform, "deadletter", "close", *where, "--why", "试验"
    )
    after = await asyncio.to_thread(yingbao, platform, "deadletter", "list", *where)

    assert len(numbers) >= 3
    assert (vague.returncode, again.returncode, closed.returncode) == (2, 0, 0)
    listed = [one["number"] for one in json.loads(middle.stdout)]
    assert numbers[-1] not in listed
    assert max(listed) > numbers[-1]
    assert (after.returncode, after.stdout) == (0, "")
    written = (platform.stack.directory / "closed-letters.jsonl").read_text().splitlines()
    assert len(written) == len(listed)
    assert json.loads(written[-1])["why"] == "试验"


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
    assert "no running platform" in found.stderr
    assert "Traceback" not in found.stderr
