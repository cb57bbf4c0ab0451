"""Categories, departments and sheets as data: the files beside this one, and a county's own on top.

Read once, when a process starts: who speaks, and of whom, does not change while it runs.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

OURS = Path(__file__).parent
COUNTY_DIR = "YINGBAO_COUNTY_DIR"
"""Where a county keeps what it adds: ``categories.yaml``, ``partners/``, ``sheets/``."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
ListKind = Literal["roster", "monitored", "premiums", "deaths", "elsewhere"]
"""What a department's list is about: a roster, monitored households, payments, deaths, other insurers."""


class VocabularyError(ValueError):
    """A file of categories or departments that cannot be used: which, and what is wrong in it."""


class CategoryEntry(BaseModel):
    """A category: its official term, what departments call it, whether its people must be enrolled.

    ``must_enrol`` holds where no pack of the county says who must be.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    must_enrol: bool = False
    words: tuple[str, ...] = ()


class PartnerEntry(BaseModel):
    """A department: its name, which events it may report, the list it sends, how it writes.

    ``authority``: whether its rosters, or its reports of deaths, count as official where no pack says
    whose do. ``words``: its own columns, codes and words, as in the gateway's ``words.yaml``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    reports: frozenset[str] = frozenset()
    list: ListKind | None = None
    authority: frozenset[Literal["rosters", "deaths"]] = frozenset()
    words: dict[str, dict[str, tuple[str, ...]]] = {}


class SheetEntry(BaseModel):
    """A sheet of people (台账): its title, whom it names, and its columns after the common ones.

    ``where``: what must hold of a person, by the names of enrollment's ``sheets/columns.py``;
    ``columns``: by name, or with a heading of their own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    where: dict[str, bool | tuple[str, ...]]
    columns: tuple[str | dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything that is known, in the order of the files."""

    categories: Mapping[str, CategoryEntry]
    partners: Mapping[str, PartnerEntry]
    sheets: Mapping[str, SheetEntry]


_CATEGORIES = TypeAdapter(dict[Code, dict[str, Any]])
_NAME = TypeAdapter(Name)


@lru_cache(maxsize=8)
def read_vocabulary(county: Path | None = None) -> Vocabulary:
    """Read our files and those of a county's folder; by default the one that the environment names.

    Raises VocabularyError.
    """
    own = os.environ.get(COUNTY_DIR, "")
    folders = [OURS, county or (Path(own) if own else None)]
    categories: dict[str, Any] = {}
    partners: dict[str, Any] = {}
    sheets: dict[str, Any] = {}
    for folder in folders:
        if folder is None:
            continue
        if not folder.is_dir():
            raise VocabularyError(f"{folder}: no such folder")
        for code, entry in _entries(folder / "categories.yaml").items():
            categories[code] = _merged(categories.get(code, {}), entry)
        for path in sorted((folder / "partners").glob("*.yaml")):
            partners[_name(path)] = _merged(partners.get(path.stem, {}), _read(path))
        for path in sorted(
            (folder / ("people_sheets" if folder == OURS else "sheets")).glob("*.yaml")
        ):
            sheets[_name(path)] = _read(path)
    return Vocabulary(
        {code: _checked(CategoryEntry, code, one) for code, one in categories.items()},
        {code: _checked(PartnerEntry, code, one) for code, one in partners.items()},
        {name: _checked(SheetEntry, name, one) for name, one in sheets.items()},
    )


def _entries(path: Path) -> dict[str, dict[str, Any]]:
    try:
        found = _CATEGORIES.validate_python(_read(path)) if path.is_file() else {}
    except ValidationError as error:
        raise VocabularyError(f"{path.name}: {error}") from None
    if "NONE" in found:
        raise VocabularyError(f"{path.name}: NONE is whoever has no category")
    return found


def _name(path: Path) -> str:
    try:
        return _NAME.validate_python(path.stem)
    except ValidationError as error:
        raise VocabularyError(f"{path.name}: {error}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{path.name}: {error}") from None
    if not isinstance(found, dict):
        raise VocabularyError(f"{path.name}: names and what they mean are expected")
    return found


def _merged(known: Any, added: Any) -> Any:
    """Return what is known with what a county adds: lists grow, a name is replaced."""
    if isinstance(known, dict) and isinstance(added, dict):
        return known | {key: _merged(known.get(key), value) for key, value in added.items()}
    if isinstance(known, list) and isinstance(added, list):
        return [*known, *(one for one in added if one not in known)]
    return added


def _checked(model: type[Any], code: str, entry: Any) -> Any:
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        raise VocabularyError(f"{code}: {error}") from None
