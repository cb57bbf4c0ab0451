"""A resident's file: read by name, as it is kept and as the version before kept it."""

import json
from datetime import date
from pathlib import Path

from contracts.vocabulary import Source
from policy.loader import load_pack
from services.enrollment.desk.cases import AsOf, case_on
from services.enrollment.person.file import FILE_VERSION, NO_FILE, ResidentFile, file_of
from services.enrollment.person.fold import fold_person
from tests.builders import a_death, a_grant, a_premium, a_reason, a_refund

GOLDEN = Path(__file__).parents[3] / "golden" / "resident_file.v5.json"
PACKS = [load_pack("lixin-2023")]


def a_life() -> ResidentFile:
    """Return the file of a person of whom everything that a file keeps was said."""
    told = [
        a_grant(), a_premium(), a_refund(), a_reason("WAIVED"),
        a_death(Source.FUNERAL_HOME, "2023-05-20"),
    ]  # fmt: skip
    return file_of(fold_person(PACKS, a_grant().person, told))


def test_a_file_is_kept_as_the_golden_one() -> None:
    """Whoever changes what is kept sees it here, raises the version, and everybody is folded again."""
    kept = json.loads(a_life().model_dump_json(exclude_defaults=True))

    assert FILE_VERSION == 5
    assert kept == json.loads(GOLDEN.read_text())


def test_what_is_kept_is_read_back_the_same() -> None:
    """What a check sees tomorrow is what the fold said today."""
    file = a_life()

    assert ResidentFile.model_validate_json(file.model_dump_json(exclude_defaults=True)) == file


def test_nothing_is_kept_by_position() -> None:
    """A field that is added between two others changes nobody's premium."""
    kept = json.loads(a_life().model_dump_json())
    rows = [row for value in kept.values() if isinstance(value, list) for row in value]

    assert rows
    assert not [row for row in rows if isinstance(row, list)]


def test_a_field_that_a_later_version_added_is_ignored() -> None:
    """Two versions of the service may run side by side during an update."""
    later = json.loads(a_life().model_dump_json()) | {"added_later": 1}

    assert ResidentFile.model_validate(later) == a_life()


def test_somebody_without_a_file_is_nobody_s_problem() -> None:
    """Who was only registered stands in no roster and is owed nothing."""
    case = case_on(NO_FILE, None, AsOf(2023, date(2023, 6, 30)), enrolled=True)

    assert (case.listed, case.premium.owed, case.deaths) == ((), 0, ())


def test_a_file_that_a_process_of_the_version_before_wrote_meanwhile_is_folded_again() -> None:
    """By position it says nothing here, and its version says so; what was sent to a right number stays."""
    meanwhile = {
        "version": 3, "rosters": [["civil_affairs", "SUBSISTENCE", "2023-01-01", None, None]],
        "numbers": ["right"], "forwarded": {"right": 2}, "name_tag": "0123456789abcdef",
    }  # fmt: skip

    file = ResidentFile.model_validate(meanwhile)

    assert (file.version, file.rosters, file.forwarded) == (0, (), {"right": 2})
