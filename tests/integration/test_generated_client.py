"""A hospital's programmer generates a client from the door's own document, and it works without a line by hand."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.integration.platform import Platform
from tests.integration.test_doors import HOSPITAL, a_bill_to_send, enrolled

NAME = "generated_door"


def generate(document: str, room: Path) -> None:
    """Generate a client into a folder. Fails where the document leaves something open."""
    command = [
        str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--url", document,
        "--output-path", str(room / NAME), "--meta", "none",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    warned = [line for line in said.splitlines() if line.startswith("WARNING")]
    # Lines of JSON are no media type that it knows; a batch is sent as a file.
    assert warned == ["WARNING parsing POST /v1/claims/batch within 医院结算. Endpoint will not be generated."]  # fmt: skip


async def test_a_client_that_nobody_wrote_sends_a_bill_and_reads_its_answer(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies, answers and refusals are classes with names; amounts are text of yuan."""
    number = await enrolled(platform, 61)
    generate(f"{platform.stack.gateway_url}/openapi.json", tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    def part(name: str) -> ModuleType:
        return importlib.import_module(f"{NAME}.{name}")

    hospital = part("api.医院结算.submit_claim"), part("api.医院结算.claim_standing")
    bill_in = part("models.submit_claim_claim_in").SubmitClaimClaimIn
    key = platform.key(HOSPITAL)["X-Yingbao-Key"]
    client = part("client").AuthenticatedClient(
        platform.stack.gateway_url, token=key, prefix="", auth_header_name="X-Yingbao-Key"
    )
    body = a_bill_to_send(platform, number, "generated")
    async with client:
        settled = await hospital[0].asyncio(client=client, body=bill_in.from_dict(body))
        stands = await hospital[1].asyncio(settled.claim, client=client)
        wrong = body | {"claim": f"{platform.number}-wrong", "kind": "day_care"}
        refused = await hospital[0].asyncio_detailed(client=client, body=bill_in.from_dict(body | {"total_fee": "1.00", "in_scope": "1.00"}))  # fmt: skip

    assert type(settled).__name__ == "ClaimStanding"
    assert (settled.status.value, settled.bill.bmi, settled.bill.personal_burden) == (
        "settled", "7600.00", "600.00",
    )  # fmt: skip
    assert stands.bill.medical_assistance == "1800.00"
    assert refused.status_code == 409
    assert type(refused.parsed).__name__ == "WhyNot"
    assert refused.parsed.reason == "conflicting_resubmission"
    with pytest.raises(ValueError, match="day_care"):
        bill_in.from_dict(wrong)
