"""The roster equation (S0), pure: 系统内参保 + 合理化未参保 = 名册, on sets of people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RosterMember:
    """A person on a roster, as the equation sees one."""

    person: str
    township: str
    enrolled: bool
    justified_reason: str = ""


@dataclass(slots=True)
class Balance:
    """One township's sides of the equation. Equal counts of different people do not balance."""

    roster: set[str] = field(default_factory=set)
    enrolled: set[str] = field(default_factory=set)
    justified: dict[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> set[str]:
        """On the roster, neither enrolled nor justified: somebody has to visit them."""
        return self.roster - self.enrolled - self.justified.keys()

    @property
    def overlap(self) -> set[str]:
        """Enrolled and justified at once: one of the two is wrong."""
        return self.enrolled & self.justified.keys()

    @property
    def balanced(self) -> bool:
        """Tell whether both sides are the same people."""
        return not self.missing and not self.overlap

    @property
    def completion_bp(self) -> int:
        """(roster - missing) ÷ roster in basis points, rounded half up; an empty roster is whole."""
        if not self.roster:
            return 10_000
        whole = len(self.roster)
        return (2 * (whole - len(self.missing)) * 10_000 + whole) // (2 * whole)


def equation(members: Iterable[RosterMember]) -> Mapping[str, Balance]:
    """Return the equation of each township."""
    balances: defaultdict[str, Balance] = defaultdict(Balance)
    for member in members:
        balance = balances[member.township]
        balance.roster.add(member.person)
        if member.enrolled:
            balance.enrolled.add(member.person)
        if member.justified_reason:
            balance.justified[member.person] = member.justified_reason
    return dict(sorted(balances.items()))
