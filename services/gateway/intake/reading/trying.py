"""Opens the workbook on its input, within limits: ``python -m services.gateway.intake.reading.trying``."""

import resource
import sys
from contextlib import suppress
from io import BytesIO

from services.gateway.intake.reading.limits import BYTES_MAX, SECONDS_MAX
from services.gateway.intake.reading.old_workbook import read_old_workbook
from services.gateway.intake.reading.workbook import read_workbook
from services.gateway.refusals import RefusedError


def main() -> int:
    """Open it. A refusal is as good as an answer: it comes within the limits."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES_MAX, BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    with suppress(RefusedError):
        if content.startswith(b"PK"):
            read_workbook(BytesIO(content))
        else:
            read_old_workbook(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
