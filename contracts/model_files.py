"""Reads a folder of small files, one model each: adding one adds a file and touches no Python."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)


def read_models(folder: Path, model: type[Model]) -> dict[str, Model]:
    """Return the models of a folder by the files' names. Raises ValueError naming the file."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            found[path.stem] = model.model_validate(yaml.safe_load(path.read_text("utf-8")))
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from None
    return found
