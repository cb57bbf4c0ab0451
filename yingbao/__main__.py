"""The command, also as ``python -m yingbao``."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.county_files import COUNTY_DIR, VocabularyError
from yingbao.running.county_folder import USUAL_DATA, kept_folder


def data_of(arguments: Sequence[str]) -> Path:
    """Return the data directory that a command is about."""
    for number, one in enumerate(arguments):
        if one.startswith("--data="):
            return Path(one.removeprefix("--data="))
        if one == "--data" and number + 1 < len(arguments):
            return Path(arguments[number + 1])
    return USUAL_DATA


def main() -> None:
    """Run the command. A county's file that cannot be used is one clear line, exit code 2.

    The folder with what the county adds is the one that the data was made with, unless another is said:
    categories and departments are read before anything else.
    """
    try:
        if not os.environ.get(COUNTY_DIR) and (kept := kept_folder(data_of(sys.argv[1:]))):
            os.environ[COUNTY_DIR] = str(kept)
        from yingbao.cli import app  # noqa: PLC0415  reads the county's files

        app()
    except VocabularyError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
