"""The command, also as ``python -m yingbao``."""

import sys

from contracts.vocabulary_files import VocabularyError


def main() -> None:
    """Run the command. A county's file that cannot be used is one clear line, exit code 2."""
    try:
        from yingbao.cli import app  # noqa: PLC0415  reads the county's files
    except VocabularyError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    app()


if __name__ == "__main__":
    main()
