"""Categories, departments and sheets as data: the files beside this one, and a county's own on top.

Read once, when a process starts: who speaks, and of whom, does not change while it runs.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from contracts.county_files import (
    VocabularyError,
    check_folder,
    county_folder,
    read_file,
    refused,
)

OURS = Path(__file__).parent
ROLES = frozenset({"hospital", "department", "township", "county", "none"})
"""What a key's holder may be besides a department: no department has such a name."""
REPORTABLE = frozenset({
    "StatusReported", "DeathReported", "PremiumPaid", "CoverageElsewhereReported", "FlagApplied",
    "FlagDecided", "ChronicAssessmentReported", "ManualAssistancePaid", "IdentityChanged",
    "PremiumRefunded", "JustificationReported", "OutOfAreaFiled",
})  # fmt: skip
"""Events that a department may be allowed to report."""
BUILT_IN = frozenset({
    "enrolment_change", "chronic", "inpatient_claim", "one_stop", "major_disease",
    "manual_assistance", "adjustment",
})  # fmt: skip
"""Sheets that are more than a choice of people and columns."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
ListKind = Literal["roster", "monitored", "premiums", "deaths", "elsewhere"]
"""What a department's list is about: a roster, monitored households, payments, deaths, other insurers."""


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

    @field_validator("reports")
    @classmethod
    def _known(cls, reports: frozenset[str]) -> frozenset[str]:
        """Refuse an event that nobody reports."""
        if unknown := sorted(reports - REPORTABLE):
            raise ValueError(f"no such event: {', '.join(unknown)}")
        return reports


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
    """Everything that is known, in the order of the files; ``added``: codes of the county's own."""

    categories: Mapping[str, CategoryEntry]
    partners: Mapping[str, PartnerEntry]
    sheets: Mapping[str, SheetEntry]
    added: frozenset[str] = frozenset()


_CODE: TypeAdapter[str] = TypeAdapter(Code)
_NAME: TypeAdapter[str] = TypeAdapter(Name)


@lru_cache(maxsize=8)
def read_vocabulary(county: Path | None = None) -> Vocabulary:
    """Read our files and those of a county's folder; by default the one that the environment names.

    Raises VocabularyError.
    """
    read = _Reader()
    read.folder(OURS, "people_sheets")
    ours = frozenset((*read.categories, *read.partners))
    sheets = frozenset(read.sheets) | BUILT_IN
    folder = county or county_folder()
    if folder is not None:
        check_folder(folder)
        read.folder(folder, "sheets", taken=sheets)
    return read.checked(ours)


class _Reader:
    """Merges what folders say, and knows which file said it last."""

    def __init__(self) -> None:
        self.categories: dict[str, Any] = {}
        self.partners: dict[str, Any] = {}
        self.sheets: dict[str, Any] = {}
        self._said: dict[str, Path] = {}

    def folder(self, folder: Path, sheets: str, taken: Collection[str] = ()) -> None:
        """Read a folder on top of what was read; ``taken``: names that no sheet of it may have."""
        path = folder / "categories.yaml"
        for code, entry in (read_file(path) if path.exists() else {}).items():
            _named(_CODE, code, path)
            if code == "NONE" or not isinstance(entry, dict):
                raise VocabularyError(f"{path}: {code}: a category has zh and words; NONE is none")
            self.categories[code] = _merged(self.categories.get(code, {}), entry)
            self._said[code] = path
        for path in sorted((folder / "partners").glob("*.yaml")):
            name = _named(_NAME, path.stem, path)
            if name in ROLES:
                raise VocabularyError(f"{path}: {name} is a role at the door and no department")
            self.partners[name] = _merged(self.partners.get(name, {}), read_file(path))
            self._said[name] = path
        for path in sorted((folder / sheets).glob("*.yaml")):
            name = _named(_NAME, path.stem, path)
            if name in taken:
                raise VocabularyError(f"{path}: there is a sheet {name} already; take another name")
            self.sheets[name] = read_file(path)
            self._said[f"{name}/"] = path

    def checked(self, ours: frozenset[str]) -> Vocabulary:
        """Return everything, each entry as its model has it."""
        return Vocabulary(
            {code: self._one(CategoryEntry, code, said) for code, said in self.categories.items()},
            {code: self._one(PartnerEntry, code, said) for code, said in self.partners.items()},
            {name: self._one(SheetEntry, f"{name}/", said) for name, said in self.sheets.items()},
            added=frozenset((*self.categories, *self.partners)) - ours,
        )

    def _one(self, model: type[Any], name: str, said: Any) -> Any:
        try:
            return model.model_validate(said)
        except ValidationError as error:
            raise refused(f"{self._said[name]}: {name}", error) from None


def _named(kind: TypeAdapter[str], name: object, path: Path) -> str:
    try:
        return kind.validate_python(name)
    except ValidationError:
        raise VocabularyError(f"{path}: {name!r} is no code: letters, digits, _") from None


def _merged(known: Any, added: Any) -> Any:
    """Return what is known with what a county adds: lists grow, a name is replaced."""
    if isinstance(known, dict) and isinstance(added, dict):
        return known | {key: _merged(known.get(key), value) for key, value in added.items()}
    if isinstance(known, list) and isinstance(added, list):
        return [*known, *(one for one in added if one not in known)]
    return added
