"""Answers what is known about a person, and what was known on a day: the same fold over fewer facts."""

from datetime import date

from chassis.factset import read
from chassis.service import Runtime
from contracts import questions
from contracts.events.enrollment import CoveredSpan
from contracts.money import format_yuan
from contracts.questions import AboutPerson, PersonAnswer, PremiumAnswer
from services.enrollment.domain import Person, fold_person
from services.enrollment.premiums import PremiumStanding
from services.enrollment.settings import packs_of
from services.enrollment.timelines import known_on

QUEUE = "enrollment"


def answer_person(runtime: Runtime) -> None:
    """Register the question."""
    packs = packs_of(runtime.settings)

    @runtime.broker.subscriber(questions.ENROLLMENT_PERSON, queue=QUEUE)
    async def about_person(asked: AboutPerson) -> PersonAnswer:
        """Return the three timelines of a person."""
        async with runtime.engine.connect() as connection:
            events = (await read(connection, [asked.person]))[asked.person]
        facts = known_on(events, asked.known_on or date.max)
        return said(asked.person, fold_person(packs, asked.person, facts), found=bool(facts))


def said(person: str, now: Person, *, found: bool) -> PersonAnswer:
    """Put a person into words; no number, no name."""
    return PersonAnswer(
        person=person,
        found=found,
        township=now.township,
        village=now.village,
        died=now.died,
        identities=list(now.identities),
        premiums=[_premium(one) for one in now.premiums],
        covered_years=list(now.covered_years),
        covered=[CoveredSpan(first=first, last=last) for first, last in now.covered_spans],
        reasons=[one.reason.value for one in now.justified],
        merged_into=now.merged_into,
        formerly=list(now.formerly),
    )


def _premium(one: PremiumStanding) -> PremiumAnswer:
    return PremiumAnswer(
        year=one.year,
        full=format_yuan(one.full),
        subsidy=format_yuan(one.subsidy),
        category=one.category,
        paid=format_yuan(one.paid),
        refunded=format_yuan(one.refunded),
        refund_due=format_yuan(one.refund_due),
        exempt=one.exempt,
        enrolled=one.enrolled,
    )
