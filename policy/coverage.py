"""Is a pack whole: every claim of its period finds exactly one rule and one value of each cap."""

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

from policy.dated import Dated
from policy.facts import NONE
from policy.pack import COMMON, Pack
from policy.refusals import KINDS
from policy.rules import Layer
from policy.terms import RuleError, compile_layer, the_rule

Context = dict[str, Any]


def check_whole(pack: Pack) -> None:
    """Walk every claim that the conditions can tell apart, on each day a value begins.

    Raises RuleError with the line of what is wrong.
    """
    known = dimensions(pack)
    for value in _all_values(pack):
        _check_conditions(value, known)
    for layer in pack.layers:
        if layer.measures != "input":
            for day, context in _walk(pack, layer, known):
                _check(layer, day, context)


def dimensions(pack: Pack) -> dict[str, list[Any]]:
    """Return what each condition can be in this pack."""
    return {
        "kind": sorted(KINDS),
        "level": [*pack.levels],
        "area": [*pack.areas],
        "category": [NONE, *pack.priority],
        "admission": ["first", "later"],
        "child": [False, True],
        "compliant": [True, False],
        "referred": [True, False],
        "disease": [COMMON, *sorted(set(pack.disease_classes.values()))],
    }


def days(pack: Pack) -> list[date]:
    """Return the days of the pack's period on which another value may hold."""
    return [pack.valid_from, *(day for day in pack.epochs if pack.covers(day))]


def _all_values(pack: Pack) -> Iterator[Dated]:
    for layer in pack.layers:
        yield from layer.values()
    yield from (*pack.premiums.full, *pack.premiums.subsidies, *pack.premiums.refunds)


def _check_conditions(value: Dated, known: dict[str, list[Any]]) -> None:
    for key, wanted in value.when.items():
        for unknown in sorted(map(str, wanted - set(known[key]))):
            hint = f"one of {', '.join(map(str, known[key]))}"
            raise RuleError(value.source.line, f"this pack has no {key} {unknown!r}", hint)


def _walk(pack: Pack, layer: Layer, known: dict[str, list[Any]]) -> Iterator[tuple[date, Context]]:
    """Yield contexts over the conditions that this layer asks about; the others make no difference."""
    asked = sorted({key for value in layer.values() for key in value.when})
    rest = {key: values[0] for key, values in known.items()}
    for day in days(pack):
        for values in product(*(known[key] for key in asked)):
            context = rest | dict(zip(asked, values, strict=True))
            if context["area"] in pack.areas_without_level:
                context["level"] = "*"
            if context["kind"] in layer.kinds or "kind" not in asked:
                yield day, context


def _check(layer: Layer, day: date, context: Context) -> None:
    if the_rule(layer, day, context).covered:
        for cap in layer.caps:
            found = [limit for limit in cap.limits if limit.applies(day, context)]
            if len(found) != 1:
                _refuse_cap(layer, cap.name, found, day, context)
    for amounts in (layer.floors, layer.guarantees):
        found = [one for one in amounts if one.applies(day, context)]
        if len(found) > 1:
            _refuse_cap(layer, "floor or guarantee", found, day, context)
    compile_layer(layer, day, context)


def _refuse_cap(layer: Layer, name: str, found: list[Any], day: date, context: Context) -> None:
    lines = " and ".join(str(one.source.line) for one in found)
    what = f"lines {lines} both hold" if found else "no value holds"
    line = found[1].source.line if found else layer.line
    problem = f"layer {layer.id}, {name}: on {day} for category {context['category']}: {what}"
    raise RuleError(line, problem, "one value at a time; 'amount: none' says that there is no cap")
