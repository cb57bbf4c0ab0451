"""The forms: each reports what its offices may report, in the fields that the door reads."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from contracts.model_files import read_models
from contracts.vocabulary import PARTNERS
from services.console.form_files import FORMS, Form, body_of
from services.gateway.intake.reports import REPORTS


def words_in(schema: dict[str, Any]) -> set[str]:
    """Return the words that a field of the door may have."""
    return {str(one) for one in schema.get("enum", [schema.get("const")])}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_has_the_fields_of_its_report_and_is_for_who_may_report_it(name: str) -> None:
    """A field that the door does not know would be refused by every clerk's first try."""
    form = FORMS[name]
    body = REPORTS[form.event][0]
    known = body.model_fields

    assert {field.name for field in form.fields} <= known.keys()
    needed = {one for one, field in known.items() if field.is_required()}
    assert needed <= {field.name for field in form.fields if not field.optional}
    for field in form.fields:
        if field.kind == "choice":
            allowed = TypeAdapter(known[field.name].annotation).json_schema()
            assert set(field.words) - {""} <= words_in(allowed), field.name
    for office in form.offices:
        assert form.event in PARTNERS[office].reports


def test_what_an_office_may_report_has_a_form() -> None:
    """Nobody has to write JSON by hand."""
    for office in ("bureau", "township_office"):
        offered = {form.event for form in FORMS.values() if office in form.offices}
        assert offered == set(PARTNERS[office].reports)


def test_what_was_left_empty_is_not_said_and_a_year_is_a_number() -> None:
    """An empty day would be a wrong one."""
    said = {"certno": "1", "amount": "350.00", "coverage_year": "2023", "receipt": "", "other": "x"}
    paid = {"claim": "H1:1", "signed": "yes"}

    assert body_of(FORMS["refund"], said) == {
        "certno": "1", "amount": "350.00", "coverage_year": 2023,
    }  # fmt: skip
    assert body_of(FORMS["payment"], paid)["signed"] is True
    assert body_of(FORMS["payment"], {})["signed"] is False


def test_a_form_that_cannot_be_read_names_its_file(tmp_path: Path) -> None:
    """Adding a form is adding a file; a mistake in it is found at the start."""
    (tmp_path / "odd.yaml").write_text("event: X\ntitle: 题\n", "utf-8")

    with pytest.raises(ValueError, match=r"odd\.yaml"):
        read_models(tmp_path, Form)
    assert isinstance(FORMS["identity"], Form)
