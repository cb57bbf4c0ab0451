"""The files of a county's own folder, read to the letter: a mistake is one line that names file and place."""

import os
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

COUNTY_DIR = "YINGBAO_COUNTY_DIR"
"""Names the folder; in it are the files of ``KNOWN``, and nothing else."""
FORMER = "YINGBAO_WORDS_DIR"
KNOWN = (
    "categories.yaml", "diseases.yaml", "hospitals.yaml", "words.yaml", "partners/*.yaml", "sheets/*.yaml",
)  # fmt: skip


class VocabularyError(ValueError):
    """A file of the vocabulary that cannot be used: which, where, and what is wrong in it."""


class _Loader(yaml.SafeLoader):
    """Reads YAML, but a key that stands twice is a mistake and not the last word."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key, _ in node.value:
        name = loader.construct_object(key, deep=True)
        if name in seen:
            raise yaml.constructor.ConstructorError(
                problem=f"{name!r} stands twice", problem_mark=key.start_mark
            )
        seen.add(name)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def county_folder() -> Path | None:
    """Return the county's own folder; None if it has none. Raises VocabularyError for one that is unusable.

    A file that is none of the known ones would be ignored in silence, so it is refused.
    """
    if os.environ.get(FORMER):
        raise VocabularyError(
            f"{FORMER} is not read any more: set {COUNTY_DIR}; common.yaml is words.yaml there,"
            " <source>.yaml is partners/<source>.yaml with its words under 'words:'"
        )
    said = os.environ.get(COUNTY_DIR, "").strip()
    return Path(said).resolve() if said else None


def check_folder(folder: Path) -> None:
    """Raise VocabularyError for a folder that is not there, or that has a file which nobody reads."""
    if not folder.is_dir():
        raise VocabularyError(f"{folder}: no such folder")
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith((".", "~")) for part in inside.parts)
        if path.is_file() and not hidden and not any(inside.match(known) for known in KNOWN):
            raise VocabularyError(f"{path}: nobody reads this file; known are {', '.join(KNOWN)}")


def read_file(path: Path) -> dict[str, Any]:
    """Return what a file says by name. Raises VocabularyError."""
    try:
        found = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader) or {}  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f":{error.problem_mark.line + 1}"
        raise VocabularyError(f"{path}{line}: {error.problem or error.context}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise VocabularyError(f"{path}: {_short(error)}") from None
    if not isinstance(found, dict):
        raise VocabularyError(f"{path}: names and what they mean are expected")
    return found


def refused(path: Path | str, error: ValidationError) -> VocabularyError:
    """Say the first thing that is wrong in one line."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return VocabularyError(f"{path}: {f'{where}: ' if where else ''}{first['msg']}")


def _short(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8: save it as UTF-8"
    return getattr(error, "strerror", None) or str(error).splitlines()[0]
