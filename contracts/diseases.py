"""Diseases as codes and known names: a free text could be anything, also somebody's name."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from contracts.county_files import VocabularyError, county_folder, read_file

OURS, COUNTY = Path(__file__).parent / "diseases.yaml", "diseases.yaml"
CODE = r"[A-Za-z0-9][A-Za-z0-9._+*/-]{0,29}"
DiseaseCode = Annotated[str, StringConstraints(pattern=rf"^({CODE})?$")]
"""A disease as a code: of ICD-10, of the national list, or of a pack."""


class DiseaseError(ValueError):
    """A disease that is neither a code nor a known name; ``reason`` is the stable code a sender gets."""

    reason = "unknown_disease"


@lru_cache(maxsize=1)
def chronic_names() -> frozenset[str]:
    """Return the names that assessments use: ours, and those of the county's folder.

    Raises VocabularyError.
    """
    folder = county_folder()
    files = [
        OURS,
        *([folder / COUNTY] if folder is not None and (folder / COUNTY).exists() else []),
    ]
    found: set[str] = set()
    for path in files:
        said = read_file(path)
        names = said.get("chronic")
        if set(said) != {"chronic"} or not isinstance(names, list) or not all(map(_is_name, names)):
            raise VocabularyError(f"{path}: 'chronic:' and a list of names are expected")
        found.update(names)
    return frozenset(found)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= 40


def _known(disease: str) -> str:
    if disease and re.fullmatch(CODE, disease) is None and disease not in chronic_names():
        raise DiseaseError("a disease is a code or one of the known names")
    return disease


Disease = Annotated[str, AfterValidator(_known)]
"""A disease as a code, or by a name that is known."""
