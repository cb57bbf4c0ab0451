"""Which category ranks first, by the pack of a year. Pure."""

from collections.abc import Sequence

from policy.pack import Pack


def rank_of(packs: Sequence[Pack], year: int) -> tuple[str, ...]:
    """Return the categories in the order of the year's pack; nothing without one."""
    pack = next((one for one in packs if one.valid_from.year <= year <= one.valid_to.year), None)
    return () if pack is None else pack.priority
