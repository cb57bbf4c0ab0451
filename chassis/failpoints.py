"""Named places where a test may end the process, once, as a power cut would.

``YINGBAO_FAILPOINT=after_commit@/some/file`` ends it with code 137 at that place, unless the file
is there already; the file is made first, so that the process started next goes on.
"""

import os
from pathlib import Path

_PLACE, _, _MARK = os.environ.get("YINGBAO_FAILPOINT", "").partition("@")

BEFORE_TRANSACTION = "before_transaction"
IN_TRANSACTION = "in_transaction"
AFTER_COMMIT = "after_commit"
AFTER_PUBLISH = "after_publish"
BEFORE_CALL = "before_provider_call"
AFTER_CALL = "after_provider_call"
ALL = (BEFORE_TRANSACTION, IN_TRANSACTION, AFTER_COMMIT, AFTER_PUBLISH)


def reach(place: str) -> None:
    """End the process here if it was told to."""
    if place == _PLACE and not Path(_MARK).exists():
        Path(_MARK).touch()
        os._exit(137)
