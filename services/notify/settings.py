"""What notify is told: the registered signature, and where the embedded phone log lies."""

from pathlib import Path

from chassis.settings import Settings

SIGNATURE = "县医保局"


def phone_log_of(settings: Settings) -> Path:
    """Return the file that stands in for phones when no gateway is configured."""
    return settings.sms_log or Path("var/phones.jsonl")
