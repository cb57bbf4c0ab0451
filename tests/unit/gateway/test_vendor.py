"""What others wrote lies here as they published it."""

import hashlib
import re
from pathlib import Path

VENDORED = Path(__file__).parents[3] / "services" / "gateway" / "vendor"
ROW = re.compile(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", re.MULTILINE)


def test_each_vendored_file_is_the_one_that_was_published() -> None:
    """Nobody edits a library in place, and nothing lies there that the list does not name."""
    listed = dict(ROW.findall((VENDORED / "README.md").read_text()))
    there = {
        str(one.relative_to(VENDORED))
        for one in VENDORED.rglob("*")
        if one.suffix in {".js", ".css"}
    }

    found = {name: hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() for name in listed}

    assert found == listed
    assert there == set(listed)
