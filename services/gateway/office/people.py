"""Who somebody on a list is: names and phones for an office, for a purpose, and written down."""

from collections.abc import Iterable, Mapping

from chassis.clock import today
from services.gateway.caller import Caller, purpose
from services.gateway.door import Door
from services.gateway.office.sheet_reader import Asked, SheetReader

AT_ONCE = 500
NUMBER, NAME, HEAD, PHONE = "身份证号", "姓名", "户主", "联系电话"
TOWNSHIP, VILLAGE, CATEGORIES = "乡镇", "村（社区）", "人员类别"


async def people_of(
    who: Caller, door: Door, what: str, persons: Iterable[str], area: str, why: str
) -> dict[str, dict[str, str]]:
    """Return person → common columns by name, of those who live in the area; it is written down."""
    asked = Asked(what, today(door.clock).year, area, "", who.holder, purpose(why))
    reader, found = SheetReader(who, door.nc, door.operators), dict[str, dict[str, str]]()
    every = sorted(set(persons) - {""})
    for start in range(0, len(every), AT_ONCE):
        columns, people = await reader.common(asked, every[start : start + AT_ONCE])
        found |= {
            person: dict(zip(columns, row, strict=True)) for person, row in people.items()
        }  # fmt: skip
    return found


def placed(person: Mapping[str, str]) -> dict[str, str]:
    """Return how somebody stands on a list of people: also where, and as what."""
    return shown(person) | {
        "township": person.get(TOWNSHIP, ""), "village": person.get(VILLAGE, ""),
        "categories": person.get(CATEGORIES, ""),
    }  # fmt: skip


def shown(person: Mapping[str, str]) -> dict[str, str]:
    """Return how somebody is named on a list; whoever lives elsewhere by now has no name there."""
    return {
        "name": person.get(NAME, ""), "last4": person.get(NUMBER, "")[-4:],
        "head": person.get(HEAD, ""), "phone": person.get(PHONE, ""),
    }  # fmt: skip
