"""The command, also as ``python -m yingbao``."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from chassis.language import LANGUAGES, speak
from contracts.county_files import COUNTY_DIR, VocabularyError
from yingbao.running.county_folder import USUAL_DATA, kept_folder
from yingbao.speaking import OPTION, chosen, run, unknown

WITHOUT_DATA = frozenset({"serve", "demo", "simulate", "adjudicate", "policy"})
"""Commands that are about no platform that somebody keeps: what they read, the environment says."""


def data_of(arguments: Sequence[str]) -> Path | None:
    """Return the data directory that a command is about; None: about none."""
    if WITHOUT_DATA.intersection(arguments[:1]):
        return None
    for number, argument in enumerate(arguments):
        if argument.startswith("--data="):
            return Path(argument.removeprefix("--data="))
        if argument == "--data" and number + 1 < len(arguments):
            return Path(arguments[number + 1])
    return USUAL_DATA


def main() -> None:
    """Run the command. A county's file that cannot be used is one clear line, exit code 2.

    The folder with what the county adds is the one that the data was made with, unless another is said:
    categories and departments are read before anything else.
    """
    wanted, arguments = chosen(sys.argv[1:])
    if unknown(wanted):
        sys.stderr.write(f"{OPTION} {wanted}: {' | '.join(LANGUAGES)}\n")
        sys.exit(2)
    speak(wanted)
    try:
        data = data_of(arguments)
        if data is not None and not os.environ.get(COUNTY_DIR) and (kept := kept_folder(data)):
            os.environ[COUNTY_DIR] = str(kept)
        from yingbao.cli import app  # noqa: PLC0415  reads the county's files

        run(app, arguments)
    except VocabularyError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
