"""Prints whose software is in the images, and under which licence, from the wheels that go into them."""

import sys
import zipfile
from email.parser import Parser
from pathlib import Path


def notice(wheel: Path) -> str:
    """Return a line of a wheel: its name, version and licence as its own metadata says."""
    with zipfile.ZipFile(wheel) as opened:
        (name,) = [one for one in opened.namelist() if one.endswith(".dist-info/METADATA")]
        said = Parser().parsestr(opened.read(name).decode("utf-8"))
    named = [
        one.removeprefix("License :: ")
        for one in said.get_all("Classifier", [])
        if one.startswith("License ::")
    ]
    licence = (
        said["License-Expression"] or "; ".join(named) or (said["License"] or "").split("\n")[0]
    )
    return f"{said['Name']} {said['Version']}: {licence or 'see its own files'}"


if __name__ == "__main__":
    wheels = {wheel.name: wheel for folder in sys.argv[1:] for wheel in Path(folder).glob("*.whl")}
    print("\n".join(sorted({notice(wheel) for wheel in wheels.values()}, key=str.lower)))
