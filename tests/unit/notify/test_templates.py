"""The texts of messages: what may stand in one, and what is refused when the files are read."""

from pathlib import Path

import pytest
import yaml

from contracts.diseases import chronic_names
from contracts.model_files import read_models
from contracts.vocabulary import KIND_ZH
from services.notify.rules import parts_of
from services.notify.settings import SIGNATURE
from services.notify.templates import TEMPLATES, Template
from tests.builders import an_id_number

GOOD = {
    "title": "结算",
    "audience": "family",
    "text": "您好：{what}。",
    "example": {"what": "费用已结算"},
    "english": "x",
}


def test_every_text_fits_into_three_parts_and_names_no_illness() -> None:
    """S4: a text on a phone that a neighbour sees says what was paid, and not for what."""
    for name, template in TEMPLATES.items():
        shown = template.render(template.example)
        assert parts_of(shown, SIGNATURE) <= 3, name
        assert SIGNATURE not in shown, name
        for illness in chronic_names():
            assert illness not in template.text, name
    assert not set(KIND_ZH.values()) & chronic_names()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "您好：{what}，{who}。"}, "not those of the example"),
        ({"text": "【县医保局】{what}"}, "providers refuse"),
        ({"example": {"what": "¥12.00"}}, "providers refuse"),
        ({"text": "🏥{what}"}, "emoji"),
        ({"example": {"what": an_id_number()}}, "identity number"),
        ({"text": "{what}" + "字" * 500}, "longer than 500"),
        ({"audience": "neighbour"}, "audience"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_text_that_may_not_be_sent_is_refused_by_its_file(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    """When the files are read, not when the provider refuses it at night."""
    (tmp_path / "good.yaml").write_text(yaml.safe_dump(GOOD, allow_unicode=True))
    assert list(read_models(tmp_path, Template)) == ["good"]
    (tmp_path / "bad.yaml").write_text(yaml.safe_dump(GOOD | change, allow_unicode=True))

    with pytest.raises(ValueError, match=r"bad\.yaml") as refused:
        read_models(tmp_path, Template)

    assert said in str(refused.value)
