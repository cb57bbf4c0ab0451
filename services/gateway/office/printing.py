"""Pages as PDF from a template of typst, the fonts embedded: nothing is loaded from elsewhere."""

import json
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent
HERE = Path(__file__).parent


def pdf(template: str, given: Any) -> bytes:
    """Return the printed template (``household.typ``) with what it is given."""
    return bytes(typst.compile(str(HERE / template), **_inputs(given)))


def pictures(template: str, given: Any) -> list[bytes]:
    """Return the same as pictures (PNG), one a page: to be looked at."""
    found = typst.compile(str(HERE / template), format="png", ppi=80, **_inputs(given))
    return [bytes(found)] if isinstance(found, bytes) else [bytes(page) for page in found]


def clipped(text: str, most: int) -> str:
    """Shorten a text so that it keeps its place on the page."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _inputs(given: Any) -> dict[str, Any]:
    return {
        "sys_inputs": {"given": json.dumps(given, ensure_ascii=False)},
        "font_paths": [str(FONTS)],
        "ignore_system_fonts": True,
    }
