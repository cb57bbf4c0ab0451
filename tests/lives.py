"""Random lives: statuses, payments, refunds, deaths, employment, insurance elsewhere, reasons, newborns.

Each life comes twice: as what is true of a person (``plain_rules.Life``) and as the facts that tell it.
"""

import random
from datetime import date, datetime, timedelta

from chassis.clock import CHINA
from contracts.events.base import Event
from contracts.events.partner import (
    CoverageElsewhereReported,
    DeathReported,
    JustificationReported,
    PremiumPaid,
    PremiumRefunded,
    StatusReported,
)
from contracts.vocabulary import Category, Justification, Source
from tests.builders import PERSON
from tests.plain_rules import EMPLOYED, Life, Rules, three_months_after

OWNERS = (Source.CIVIL_AFFAIRS, Source.RURAL_REVITALISATION)
WORDS = ("LOCAL_EMPLOYEE", "OTHER_AREA_EMPLOYEE", "OTHER_AREA_RESIDENT")
REASONS = (*WORDS, "ARMY", "PRISON", "WAIVED", "MISSING", "MARRIED_OUT")
PLACE = {"township": "城关镇", "village": "东村"}


class Teller:
    """Makes a life up and writes down what departments say of it."""

    def __init__(self, rng: random.Random, rules: Rules) -> None:
        self.rng = rng
        self.rules = rules
        self.life = Life()
        self.facts: list[Event] = []
        self.said: list[date] = []
        self._minute = 0

    def minute(self) -> int:
        """Return the next minute; every saying has one of its own."""
        self._minute += 1
        return self._minute

    def at(self, minute: int) -> datetime:
        """Return the moment of a saying: in December of the year, so that no proof has expired."""
        return datetime(self.rules.year, 12, 15, 8, 0, tzinfo=CHINA) + timedelta(minutes=minute)

    def day(self, first: int = -400, last: int = 420) -> date:
        """Return a day around the year, often a first of a month, or one on which something turns."""
        start = date(self.rules.year, 1, 1)
        day = start + timedelta(days=self.rng.randint(first, last))
        if self.rng.random() < 0.3:
            day = day.replace(day=1)
        elif self.rng.random() < 0.45:
            day = self.rng.choice(self.edges()) + timedelta(days=self.rng.choice([-1, 0, 0, 1]))
            day = min(max(day, start + timedelta(days=first)), start + timedelta(days=last))
        self.said.append(day)
        return day

    def edges(self) -> list[date]:
        """Return days on which something turns: the year, its collection period, what was said so far."""
        year = self.rules.year
        found = [date(year, 1, 1), date(year, 12, 31), date(year, 2, 28), *self.said, *self.said]
        return found + [
            three_months_after(last) for _, _, why, _, last, _ in self.life.away
            if last is not None and why in EMPLOYED
        ]  # fmt: skip

    def tell(self) -> tuple[Life, list[Event]]:
        """Return a life and its facts, some told twice."""
        if self.rng.random() < 0.15:
            self.life.born = self.day(0, 330)
        for _ in range(self.rng.choice([0, 1, 1, 2, 3, 4])):
            self.status()
        first, then = self.rng.choice([0, 0, 0, 1, 2, 3]), self.rng.choice([0, 0, 1, 1, 2])
        moves = [self.away] * first + [self.payment] * then
        for move in self.rng.sample(moves, k=len(moves)):
            move()
        for _ in range(self.rng.choice([0, 0, 1]) if self.life.payments else 0):
            self.refund()
        for _ in range(self.rng.choice([0, 0, 0, 1, 2, 3])):
            self.death()
        self.facts += self.rng.sample(self.facts, k=len(self.facts) // 3)
        return self.life, self.facts

    def status(self) -> None:
        """Somebody is granted an identity, or loses one."""
        source, minute = self.rng.choice(OWNERS), self.minute()
        category = self.rng.choice(list(self.rules.rank))
        day = self.day(-1_000, 420) if self.rng.random() < 0.3 else self.day()
        granted = self.rng.random() < 0.7
        if self.life.born is not None:
            day = max(day, self.life.born)
        self.life.moves.append((source.value, category, day, granted, minute))
        self.facts.append(
            StatusReported(
                source=source, received=self.at(minute), person=PERSON, category=Category(category),
                action="granted" if granted else "removed", effective=day,
                infant_born=self.infant(day), **PLACE,
            )
        )  # fmt: skip

    def payment(self) -> None:
        """The tax office collects; of a newborn around the ninetieth day."""
        born = self.life.born
        day = self.day(-40, 340)
        if born is not None:
            day = born + timedelta(days=self.rng.choice([0, 5, 89, 90, 91, 92, 200, 366, 367]))
        fen = self.rng.choice([self.rules.full, self.rules.full, 3_500, 17_500])
        self.life.payments.append((day, fen))
        self.facts.append(
            PremiumPaid(
                source=Source.TAX, received=self.at(self.minute()), person=PERSON, paid_on=day,
                coverage_year=self.rules.year, amount=fen, infant_born=self.infant(day), **PLACE,
            )
        )  # fmt: skip

    def refund(self) -> None:
        """A payment goes back, whole or in part; or the other area gives its own back."""
        there = self.rng.random() < 0.25
        fen = self.rng.choice([self.life.payments[0][1], 10_000])
        if there:
            self.life.refunded_there = True
        else:
            self.life.refunds.append((fen, "r1"))
        self.facts.append(
            PremiumRefunded(
                source=Source.OTHER_AREA if there else Source.BUREAU, received=self.at(self.minute()),
                person=PERSON, coverage_year=self.rules.year, amount=fen, receipt="r1",
                refunded_on=date(self.rules.year, 7, 3),
            )
        )  # fmt: skip

    def away(self) -> None:
        """Insured elsewhere, in army or prison, waived: told by the insurer or as a reason."""
        insurer, minute, first = self.rng.random() < 0.5, self.minute(), self.day(-500, 360)
        if self.life.away and self.rng.random() < 0.4:
            first = self.life.away[-1][3]
        last = None if self.rng.random() < 0.4 else first + timedelta(days=self.rng.randint(0, 500))
        if last is not None and self.rng.random() < 0.5:
            last = max(first, self.day(-500, 360))
        why = self.rng.choice(WORDS if insurer else REASONS)
        proved = self.rng.random() < 0.8
        self.life.away.append((minute, insurer, why, first, last, proved))
        if insurer:
            told: Event = CoverageElsewhereReported(
                source=Source.OTHER_AREA, received=self.at(minute), person=PERSON, reason=why,
                valid_from=first, valid_to=last,
            )  # fmt: skip
        else:
            told = JustificationReported(
                source=Source.BUREAU, received=self.at(minute), person=PERSON,
                reason=Justification(why), evidence_type="证明" if proved else "", valid_from=first,
                valid_to=last,
            )  # fmt: skip
        self.facts.append(told)

    def death(self) -> None:
        """One of those who may say so says that the person died, or takes it back."""
        source = self.rng.choice([*OWNERS, Source.FUNERAL_HOME, Source.POLICE])
        day, minute = self.day(-60, 400), self.minute()
        if self.life.born is not None:
            day = max(day, self.life.born)
        reported = self.rng.random() < 0.8
        self.life.deaths.append((source.value, day, reported, minute))
        self.facts.append(
            DeathReported(
                source=source, received=self.at(minute), person=PERSON, died=day,
                action="reported" if reported else "revoked",
            )
        )  # fmt: skip

    def infant(self, day: date) -> date | None:
        """Return the day of birth, as the door says it of infants."""
        return self.life.born if self.life.born and (day - self.life.born).days < 730 else None
