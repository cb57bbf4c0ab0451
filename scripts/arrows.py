"""Counts the arrows between the rooms of a service: which module imports which of another room.

``python scripts/arrows.py`` prints them; more than are allowed is an error.
"""

import sys
from collections import Counter

import grimp

ALLOWED = {"enrollment": 20, "gateway": 25}


def arrows(service: str) -> Counter[tuple[str, str]]:
    """Return (room, room that it imports) → how many imports of one module by another."""
    graph = grimp.build_graph("services")
    inside = f"services.{service}"
    rooms = {child for child in graph.find_children(inside) if graph.find_children(child)}

    def room_of(module: str) -> str:
        return next((one for one in rooms if module == one or module.startswith(f"{one}.")), "")

    found: Counter[tuple[str, str]] = Counter()
    for module in graph.find_descendants(inside):
        for imported in graph.find_modules_directly_imported_by(module):
            here, there = room_of(module), room_of(imported)
            if here and there and here != there:
                found[here.removeprefix(f"{inside}."), there.removeprefix(f"{inside}.")] += 1
    return found


def main() -> int:
    """Print the arrows of each service that has rooms; 1 if one has too many."""
    wrong = 0
    for service, most in ALLOWED.items():
        found = arrows(service)
        lines = ", ".join(f"{a} → {b} {count}" for (a, b), count in sorted(found.items()))
        print(f"{service}: {found.total()} arrows between rooms (at most {most}): {lines}")
        wrong |= found.total() > most
    return wrong


if __name__ == "__main__":
    sys.exit(main())
