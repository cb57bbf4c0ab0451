"""The operator's commands against the running platform."""

import asyncio
import json
import subprocess
import sys

from tests.builders import a_bill
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
    sent = await asyncio.to_thread(yingbao, platform, "deadletter", "retry", number)

    assert listed.returncode == 1
    assert "broken_json" in listed.stdout
    assert broken.decode() in shown.stdout
    assert sent.stdout.strip() == "sent back to claims.ClaimSubmitted.v1"


async def test_the_equation_is_printed_for_the_county(platform: Platform) -> None:
    """Exit code 1 as long as somebody is missing; JSON for machines."""
    await platform.enrol()
    await platform.publish(a_bill(platform.claim(), person=platform.person))

    found = await asyncio.to_thread(yingbao, platform, "equation", "2023", "--json")

    assert found.returncode in (0, 1)
    assert isinstance(json.loads(found.stdout), list)


async def test_a_platform_that_is_not_there_is_one_clear_line(tmp_path: object) -> None:
    """No traceback at night."""
    command = [sys.executable, "-m", "yingbao", "deadletter", "list", "--data", str(tmp_path)]

    found = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )

    assert found.returncode == 1
    assert "no running platform" in found.stderr
    assert "Traceback" not in found.stderr
