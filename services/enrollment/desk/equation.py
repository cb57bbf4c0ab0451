"""The roster equation (S0), pure: 系统内参保 + 合理化未参保 = 名册, on sets of people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RosterMember:
    """A person on a roster, as the equation sees one.

    ``owed``: a subsidy is owed for the person; ``subsidised``: it was paid. ``duplicate``: on the rosters
    of several departments. ``on_roster``: False for somebody whose year is paid for from a subsidy and
    whom no roster names; ``must_enrol``: False for whom a roster names only with a category that the
    equation does not count.
    """

    person: str
    township: str
    enrolled: bool
    justified_reason: str = ""
    village: str = ""
    owed: bool = False
    subsidised: bool = False
    duplicate: bool = False
    on_roster: bool = True
    must_enrol: bool = True


@dataclass(slots=True)
class Balance:
    """One township's sides of the equation. Equal counts of different people do not balance."""

    roster: set[str] = field(default_factory=set)
    enrolled: set[str] = field(default_factory=set)
    reasons: dict[str, str] = field(default_factory=dict)
    owed: set[str] = field(default_factory=set)
    fulfilled: set[str] = field(default_factory=set)
    duplicates: set[str] = field(default_factory=set)
    not_on_roster: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)

    @property
    def justified(self) -> dict[str, str]:
        """Not enrolled, and rightly so: person → reason."""
        return {who: why for who, why in self.reasons.items() if who not in self.enrolled}

    @property
    def missing(self) -> set[str]:
        """On the roster, neither enrolled nor justified: somebody has to visit them."""
        return self.roster - self.enrolled - self.reasons.keys()

    @property
    def overlap(self) -> set[str]:
        """Enrolled and justified at once: one of the two is wrong."""
        return self.enrolled & self.reasons.keys()

    @property
    def balanced(self) -> bool:
        """Tell whether both sides are the same people."""
        return not self.missing and not self.overlap

    @property
    def completion_bp(self) -> int:
        """(roster - missing) ÷ roster in basis points, rounded half up; an empty roster is whole."""
        return share_bp(len(self.roster) - len(self.missing), len(self.roster))

    @property
    def fulfilment_bp(self) -> int:
        """资助兑现率 in basis points: those whose subsidy was paid, of those to whom one is owed (S0)."""
        return share_bp(len(self.fulfilled), len(self.owed))


def share_bp(part: int, whole: int) -> int:
    """Return a share in basis points, rounded half up; of nothing everything is there."""
    return 10_000 if not whole else (2 * part * 10_000 + whole) // (2 * whole)


Area = tuple[str, str]
"""Township and village; both empty for the county."""


def area_of(member: RosterMember, level: str) -> Area:
    """Return the area in which a member is counted."""
    if level == "county":
        return "", ""
    return member.township, member.village if level == "village" else ""


def equation(members: Iterable[RosterMember], level: str = "township") -> Mapping[Area, Balance]:
    """Return the equation of each area: ``county``, ``township`` or ``village``."""
    balances: defaultdict[Area, Balance] = defaultdict(Balance)
    for member in members:
        balance = balances[area_of(member, level)]
        if not member.on_roster:
            balance.not_on_roster.add(member.person)
            continue
        if not member.must_enrol:
            balance.others.add(member.person)
            continue
        balance.roster.add(member.person)
        if member.duplicate:
            balance.duplicates.add(member.person)
        if member.enrolled:
            balance.enrolled.add(member.person)
        if member.owed:
            balance.owed.add(member.person)
        if member.owed and member.subsidised:
            balance.fulfilled.add(member.person)
        if member.justified_reason:
            balance.reasons[member.person] = member.justified_reason
    return dict(sorted(balances.items()))
