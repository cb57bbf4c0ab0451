"""What others wrote lies here as they published it."""

import hashlib
import re
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
ROW = re.compile(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", re.MULTILINE)


@pytest.mark.parametrize("folder", ["gateway/vendor", "console/static/vendor"])
def test_each_vendored_file_is_the_one_that_was_published(folder: str) -> None:
    """Nobody edits a library in place, and nothing lies there that the list does not name."""
    vendored = SERVICES / folder
    listed = dict(ROW.findall((vendored / "README.md").read_text()))
    there = {
        str(one.relative_to(vendored))
        for one in vendored.rglob("*")
        if one.suffix in {".js", ".css"}
    }

    found = {name: hashlib.sha256((vendored / name).read_bytes()).hexdigest() for name in listed}

    assert found == listed
    assert there == set(listed)
