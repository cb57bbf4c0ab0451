"""Where a person lives and lived: which township office's word about the person counts. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.events.partner import PremiumPaid, StatusReported


@dataclass(frozen=True, slots=True)
class Residence:
    """The township in which a person lives, and all in which lists ever saw the person."""

    township: str = ""
    ever: frozenset[str] = frozenset()

    def answers_to(self, office: str) -> bool:
        """Tell whether a township office may speak of the person; empty: the county, always.

        Who has moved away is still the person of whom the office spoke. Of whom no list says where
        the person lives, whoever speaks first is believed until one does.
        """
        return not office or not self.ever or office in self.ever


def residence(township: str, listed: Iterable[StatusReported | PremiumPaid]) -> Residence:
    """Return where somebody lives; ``listed``: what lists and payments said."""
    return Residence(township, frozenset(one.township for one in listed if one.township))
