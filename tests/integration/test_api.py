"""The whole HTTP contract under generated calls: nothing undocumented, nothing that breaks."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import set_officer
from tests.integration.platform import Platform
from yingbao.running.stack import Stack

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_schema_conformance", "response_headers_conformance",
)  # fmt: skip
"""What a file holds cannot be described, so whether valid and invalid data are told apart is not asked."""


@pytest.fixture(autouse=True)
def officer_afterwards(stack: Stack) -> Iterator[None]:
    """Generated calls may end the one officer's duty; whoever tests after them finds one on duty."""
    yield
    set_officer(stack)


@pytest.mark.parametrize(
    "holder", ["bureau", "township_office/城关镇", "civil_affairs", "hospital/H34169901"]
)
def test_generated_calls_are_answered_as_the_document_says(
    platform: Platform, holder: str, tmp_path: Path
) -> None:
    """Schemathesis, seeded, over every route, as each kind of caller."""
    hooks = tmp_path / "hooks.py"
    hooks.write_text(
        "import schemathesis\n\n\n@schemathesis.serializer('application/x-ndjson')\n"
        "def lines(context, value):\n    return str(value).encode()\n"
    )
    key = platform.key(holder)["X-Yingbao-Key"]
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{platform.stack.gateway_url}/openapi.json",
        "-H", f"X-Yingbao-Key: {key}", "--checks", ",".join(CHECKS), "--max-examples", "15", "--seed", "4",
        "--request-timeout", "30", "--no-color",
    ]  # fmt: skip

    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"SCHEMATHESIS_HOOKS": "hooks", "PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-6000:]
