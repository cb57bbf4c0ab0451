"""Answers what is known about a person, and what was known on a day: the same fold over fewer facts."""

from datetime import date

from chassis.asking import answers
from chassis.factset import read_events
from chassis.runtime import Runtime
from contracts.events.enrollment import CoveredSpan
from contracts.money import format_yuan
from contracts.questions import (
    ENROLLMENT_PERSON,
    AboutPerson,
    FlagAnswer,
    PersonAnswer,
    PremiumAnswer,
)
from policy.loader import load_packs
from services.enrollment.access import READ
from services.enrollment.person.fold import Person, fold_person
from services.enrollment.person.history import history_lines
from services.enrollment.person.links import history_of
from services.enrollment.person.premiums import PremiumStanding
from services.enrollment.person.timelines import known_on


async def about_person(runtime: Runtime, asked: AboutPerson) -> PersonAnswer:
    """Return the three timelines of a person."""
    async with runtime.turn() as turn:
        events = (await read_events(turn.tx, [asked.person]))[asked.person]
        if asked.holder:
            await turn.tx.execute(READ, reading(asked))
    facts = known_on(events, asked.known_on or date.max)
    now = fold_person(load_packs(runtime.settings.packs), asked.person, facts)
    told = history_of(facts)
    answer = said(asked.person, now, found=bool(facts))
    return answer.model_copy(update={"history": history_lines([*told.own, *told.carried])})


def reading(asked: AboutPerson) -> dict[str, object]:
    """Return what is written down about a reading of one person."""
    return {
        "holder": asked.holder, "what": asked.what, "area": asked.person, "why": asked.why, "people": 1,
    }  # fmt: skip


def said(person: str, now: Person, *, found: bool) -> PersonAnswer:
    """Put a person into words; no number, no name."""
    return PersonAnswer(
        person=person,
        found=found,
        township=now.township,
        village=now.village,
        died=now.died,
        identities=list(now.identities),
        sub_levels=dict(now.sub_levels),
        premiums=[_premium(one) for one in now.premiums],
        covered_years=list(now.covered_years),
        covered=[CoveredSpan(first=first, last=last) for first, last in now.covered_spans],
        reasons=[one.reason.value for one in now.justified],
        applications=[
            FlagAnswer(category=one.category, flag_year=one.flag_year, state=one.state)
            for one in now.applications
        ],
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


ANSWERS = (answers(ENROLLMENT_PERSON, about_person),)
