"""Where a person lives and lived: which township office's word about the person counts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.events.partner import FlagApplied, PremiumPaid, StatusReported


@dataclass(frozen=True, slots=True)
class Residence:
    """The township in which a person lives, and all in which lists ever saw the person."""

    township: str = ""
    ever: frozenset[str] = frozenset()

    def answers_to(self, office: str) -> bool:
        """Tell whether a township office may speak of the person; empty: the county, always.

        Who has moved away is still the person of whom the office spoke. Of whom no list says where
        the person lives, the office is believed that applied first, until a list does.
        """
        if not office:
            return True
        return office in self.ever if self.ever else self.township in {"", office}


def residence(
    listed: Sequence[StatusReported | PremiumPaid], filed: Sequence[FlagApplied]
) -> Residence:
    """Return where somebody lives: what lists and payments said last, else who applied first.

    Both are in known order.
    """
    said = listed[-1:] or filed[:1]
    township = said[0].township if said else ""
    return Residence(township, frozenset(one.township for one in listed if one.township))
