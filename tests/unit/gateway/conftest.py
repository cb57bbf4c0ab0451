"""What all tests of the gateway's readers share."""

import pytest


@pytest.fixture(autouse=True)
def _opened_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open good workbooks here only: the process that opens each first takes a second, and is tried elsewhere."""
    if "hostile" not in request.node.nodeid:
        place = "services.gateway.intake.reading.table.open_elsewhere_first"
        monkeypatch.setattr(place, lambda _: None)
