"""W3C Trace Context: the id by which one bill is found again, whoever handled it. Pure.

``00-<32 hex: the trace>-<16 hex: who passed it on>-<2 hex: recorded or not>``. Hexadecimal digits are a free
field as any other: an id in which somebody's number could be read is no id.
"""

import re
import secrets

from contracts.personal import redact

HEADER = "traceparent"
_KNOWN = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_DIGITS = re.compile(r"[\d-]{11}")
"""Shorter runs hold nobody's number."""
RECORDED, NOT_RECORDED = "01", "00"


def heard(said: str | None) -> str:
    """Return what a sender said if it can be gone on with, else an empty text: then a trace begins here."""
    return said if said and _KNOWN.fullmatch(said) and is_clean(said) else ""


def begun() -> str:
    """Return the beginning of a new trace, which nobody records span by span."""
    while True:
        found = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{NOT_RECORDED}"
        if heard(found):
            return found


def is_clean(hexadecimal: str) -> bool:
    """Tell whether no identity or mobile number can be read in it; a log line would lose it."""
    return not _DIGITS.search(hexadecimal) or redact(hexadecimal) == hexadecimal


def trace_of(traceparent: str) -> str:
    """Return the trace's id alone, 32 hexadecimal digits; an empty text if there is none."""
    return traceparent[3:35]
