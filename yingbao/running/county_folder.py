"""The folder with what a county adds, kept with the data: what was recorded by its codes is read by them."""

import json
from pathlib import Path

from chassis.language import tr
from contracts.county_files import COUNTY_DIR, VocabularyError, county_folder

USUAL_DATA = Path("var/yingbao")
KEPT = "county_dir"
"""The file in the data directory that keeps the folder's path."""
CODES = "county_codes.json"
"""What the folder had named when the platform started last."""


def kept_folder(data: Path) -> Path | None:
    """Return the folder that a data directory was made with; None if with none."""
    try:
        said = (data / KEPT).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return Path(said) if said else None


def keep_folder(data: Path) -> None:
    """Keep the folder of this start with the data.

    Raises VocabularyError where a category or department is in no file any more that was there before:
    bills and rows that name it could not be read.
    """
    from contracts.vocabulary import ADDED, CATEGORIES, PARTNERS  # noqa: PLC0415  reads the files

    codes, folder = data / CODES, county_folder()
    before = json.loads(codes.read_text(encoding="utf-8")) if codes.exists() else []
    gone = sorted(set(before) - CATEGORIES.keys() - PARTNERS.keys())
    if gone:
        raise VocabularyError(
            tr(
                "{folder}: {gone} stood there at the last start and is in no file now; "
                "what was recorded by it could not be read",
                folder=folder or COUNTY_DIR,
                gone=", ".join(gone),
            )
        )
    data.mkdir(parents=True, exist_ok=True)
    (data / KEPT).write_text(f"{folder or ''}\n", encoding="utf-8")
    codes.write_text(json.dumps(sorted({*before, *ADDED})), encoding="utf-8")


def check_everything() -> None:
    """Read every file of the folder once, before anything starts. Raises VocabularyError."""
    from contracts.vocabulary import PARTNERS  # noqa: PLC0415  reads the files
    from services.enrollment.sheets import rules  # noqa: PLC0415, F401  makes the sheets
    from services.gateway.intake.reading.columns import check_words  # noqa: PLC0415

    check_words(county_folder(), list(PARTNERS))
