"""Answers with figures over everybody: the equation of a year, and counts to compare with the city's.

What takes a blink is worked out anew each time. In a county of a million it takes seconds: then a page gets
the figure as it was worked out last, with the time, and a newer one is worked out behind it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter

from chassis.asking import answers
from chassis.clock import monotonic
from chassis.runtime import Runtime
from contracts.money import format_yuan
from contracts.questions import (
    ENROLLMENT_COUNTS,
    ENROLLMENT_EQUATION,
    AboutFigure,
    AboutYear,
    CountLine,
    TownshipAnswer,
)
from policy.loader import load_packs
from services.enrollment.desk import case_store, figures_store
from services.enrollment.desk.cases import Case, justified_on
from services.enrollment.desk.count_answers import count_lines
from services.enrollment.desk.equation import Area, Balance, RosterMember, equation
from services.enrollment.desk.figures_store import Figure, Key
from services.enrollment.desk.ranks import rank_of

NO_PACK = "该年度没有已发布的待遇政策，资助应资助人数和资助兑现率无法计算"
EQUATION, COUNTS = "equation", "counts"
QUICK_MS = 200
RESTS = 10
"""A figure is worked out again, if somebody looked, once it is so many times as old as it took."""
OLDEST = timedelta(days=1)
"""Nobody is shown an older one; whatever was looked at lately is worked out again before."""


async def equation_of(runtime: Runtime, asked: AboutFigure) -> list[TownshipAnswer]:
    """Return the equation of a coverage year, a line per area, the county last."""
    return await _figure(runtime, EQUATION, asked)


async def counts(runtime: Runtime, asked: AboutFigure) -> list[CountLine]:
    """Return the counts of a year by township and category."""
    return await _figure(runtime, COUNTS, asked)


async def worked_out_equation(runtime: Runtime, about: AboutYear) -> list[TownshipAnswer]:
    """Work the equation out of everybody."""
    packs = load_packs(runtime.settings.packs)
    seen = case_store.as_of(runtime, about.year)
    async with runtime.look() as connection:
        members = [
            _member(row, case, seen.day)
            async for row, case in case_store.cases(connection, seen)
            if case.listed or case.off_roster
        ]
    priced = any(one.valid_from.year <= about.year <= one.valid_to.year for one in packs)
    balances = {**equation(members, about.level), **equation(members, "county")}
    return [_line(*area, balance, priced=priced) for area, balance in _county_last(balances)]


async def worked_out_counts(runtime: Runtime, about: AboutYear) -> list[CountLine]:
    """Count everybody."""
    packs = load_packs(runtime.settings.packs)
    seen = case_store.as_of(runtime, about.year)
    async with runtime.look() as connection:
        checked = [one async for one in case_store.cases(connection, seen)]
    return count_lines(checked, rank_of(packs, about.year), seen.day)


async def _figure(runtime: Runtime, name: str, asked: AboutFigure) -> list[Any]:
    """Return a figure: just worked out, or as it is kept where that was asked for and takes its time."""
    key = Key(name, asked.year, asked.level)
    if asked.kept:
        async with runtime.look() as connection:
            found = await figures_store.read(connection, key)
        if found is not None and found.took_ms > QUICK_MS and _age(runtime, found) < OLDEST:
            await _ask_if_old(runtime, key, found)
            lines = LINES[name].validate_json(found.lines)
            return [one.model_copy(update={"as_of": found.worked_out}) for one in lines]
    lines, figure = await worked_out(runtime, key)
    if figure.took_ms > QUICK_MS:
        await keep(runtime, key, figure)
    return lines


async def worked_out(runtime: Runtime, key: Key) -> tuple[list[Any], Figure]:
    """Return a figure as it is now: its lines, and as it may be kept."""
    now, begun = runtime.clock(), monotonic()
    about = AboutYear.model_validate({"year": key.year, "level": key.level})
    lines = await WORKED_OUT[key.name](runtime, about)
    took = round((monotonic() - begun) * 1_000)
    return lines, Figure(now, took, now, LINES[key.name].dump_json(lines).decode())


async def keep(runtime: Runtime, key: Key, figure: Figure) -> None:
    """Keep a figure that was just worked out."""
    async with runtime.turn() as turn:
        await figures_store.keep(turn.tx, key, figure)


def _age(runtime: Runtime, found: Figure) -> timedelta:
    return runtime.clock() - found.worked_out


async def _ask_if_old(runtime: Runtime, key: Key, found: Figure) -> None:
    rest = RESTS * timedelta(milliseconds=found.took_ms)
    if found.asked > found.worked_out or _age(runtime, found) < rest:
        return
    async with runtime.turn() as turn:
        await figures_store.ask(turn.tx, key, runtime.clock())


def _county_last(balances: Mapping[Area, Balance]) -> list[tuple[Area, Balance]]:
    return sorted(balances.items(), key=lambda one: (one[0] == ("", ""), one[0]))


def _line(township: str, village: str, balance: Balance, *, priced: bool) -> TownshipAnswer:
    return TownshipAnswer(
        township=township,
        village=village,
        roster=len(balance.roster),
        enrolled=len(balance.enrolled),
        justified=len(balance.justified),
        missing=len(balance.missing),
        overlap=len(balance.overlap),
        holds=balance.balanced,
        duplicates=len(balance.duplicates),
        not_on_roster=len(balance.not_on_roster),
        others=len(balance.others),
        completion=f"{format_yuan(balance.completion_bp)}%",
        causes=dict(sorted(Counter(balance.justified.values()).items())),
        subsidised=len(balance.owed),
        fulfilled=len(balance.fulfilled),
        fulfilment=f"{format_yuan(balance.fulfilment_bp)}%" if priced else "—",
        note="" if priced else NO_PACK,
    )


def _member(row: Any, case: Case, day: date) -> RosterMember:
    return RosterMember(
        row.person, row.township, case.enrolled, justified_on(case, day), row.village,
        owed=case.owed_on(day), subsidised=case.subsidised, duplicate=len(case.sources) > 1,
        on_roster=bool(case.listed), must_enrol=case.must_enrol,
    )  # fmt: skip


LINES: Mapping[str, TypeAdapter[Any]] = {
    EQUATION: TypeAdapter(list[TownshipAnswer]), COUNTS: TypeAdapter(list[CountLine]),
}  # fmt: skip
WORKED_OUT: Mapping[str, Callable[[Runtime, AboutYear], Awaitable[list[Any]]]] = {
    EQUATION: worked_out_equation, COUNTS: worked_out_counts,
}  # fmt: skip
ANSWERS = (answers(ENROLLMENT_EQUATION, equation_of), answers(ENROLLMENT_COUNTS, counts))
