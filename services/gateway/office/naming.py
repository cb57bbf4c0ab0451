"""What codes are called on a sheet, by the county's own list and its packs; and whose sheet it is."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from chassis.settings import Settings
from contracts.county_files import VocabularyError, read_file
from policy.loader import load_packs
from services.gateway.caller import COUNTY
from services.gateway.office.workbooks import Office
from services.gateway.regions import read_region

HOSPITALS = "hospitals.yaml"
PROVIDER, LEVEL = "医疗机构", "级别"


def names_of(settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """Return column → code → what it is called. Raises VocabularyError for a list that cannot be used."""
    levels = {
        code: name for pack in load_packs(settings.packs) for code, name in pack.levels.items()
    }
    return {PROVIDER: hospitals_in(settings.county_dir), LEVEL: levels}


@lru_cache(maxsize=4)
def hospitals_in(folder: Path | None) -> Mapping[str, str]:
    """Return number → name of hospitals, from the county's folder; {} where it has none."""
    path = None if folder is None else folder / HOSPITALS
    if path is None or not path.is_file():
        return {}
    found = read_file(path)
    for number, name in found.items():
        if not (isinstance(name, str) and name):
            raise VocabularyError(
                f"{path}: {number}: a hospital's number and its name are expected"
            )
    return {str(number): name for number, name in found.items()}


def office_of(settings: Settings, area: str) -> Office:
    """Return whose sheet it is: the township's office, or the county's bureau."""
    region = read_region(settings.region)
    unit = f"{region.name}医疗保障局" if area == COUNTY else f"{area}医保办"
    return Office(unit, tuple(one.name for one in region.townships))
