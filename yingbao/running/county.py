"""Which county this installation is for: said, kept from before, or asked for at the first start."""

import sys
from pathlib import Path

import typer

from chassis.language import tr
from policy.loader import load_pack
from services.gateway.regions import RegionError, known_counties, read_region

KEPT = "county"
"""The file in the data directory that keeps the choice."""


def chosen_county(said: str, directory: Path, packs: str) -> str:
    """Return the county's code, or the path of its table; keep it with the data.

    What is said now goes before what was kept, and that before the pack's own county; a person at a
    terminal is asked at the first start. Raises RegionError where no table fits.
    """
    kept = directory / KEPT
    county = said or (kept.read_text(encoding="utf-8").strip() if kept.exists() else "")
    if not county:
        county = _asked(_of_packs(packs))
    if county.endswith(".yaml"):
        county = str(Path(county).resolve())
    read_region(county)
    directory.mkdir(parents=True, exist_ok=True)
    kept.write_text(f"{county}\n", encoding="utf-8")
    return county


def shown(county: str) -> str:
    """Return a county as a person knows it: its code and name, and how many townships it has."""
    region = read_region(county)
    townships = tr("{count} townships", count=len(region.townships))
    return f"{region.county} {region.name} ({townships})"


def _of_packs(packs: str) -> str:
    """Return the first pack's county, if it has a table."""
    codes = [load_pack(name.strip()).area_code for name in packs.split(",")]
    return next((code for code in codes if code in known_counties()), "")


def _asked(usual: str) -> str:
    if not sys.stdin.isatty():
        return usual
    for code in known_counties():
        typer.echo(f"  {shown(code)}")
    question = tr("County (区划代码，或自备区划表 .yaml 的路径)")
    for _ in range(3):
        answer: str = typer.prompt(question, default=usual or None)
        try:
            read_region(answer.strip())
        except RegionError as error:
            typer.echo(str(error), err=True)
            continue
        return answer.strip()
    raise RegionError(tr("no county was chosen"))
