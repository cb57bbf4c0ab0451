"""What enrollment can be told beyond the common settings."""

from collections.abc import Sequence

from chassis.settings import Settings
from policy.loader import load_pack
from policy.pack import Pack


def packs_of(settings: Settings) -> Sequence[Pack]:
    """Load the packs that this county decides by."""
    return [load_pack(name.strip()) for name in settings.packs.split(",") if name.strip()]
