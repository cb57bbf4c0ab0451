"""What an officer types to find somebody."""

import pytest

from services.gateway.office.finding_routes import asked_by
from services.gateway.refusals import RefusedError


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("张小明", ("name", "张小明")),
        (" 张 小明　", ("name", "张小明")),
        ("阿依古丽•买买提", ("name", "阿依古丽买买提")),
        ("zxm", ("initials", "zxm")),
        ("ＺＸＭ", ("initials", "zxm")),
        ("138 0013 8000", ("phone", "13800138000")),
        ("+86-13800138000", ("phone", "13800138000")),
    ],
)
def test_what_is_typed_is_a_name_initials_or_a_phone(written: str, asked: tuple[str, str]) -> None:
    """Blanks, full width and another dot change nothing."""
    assert asked_by(written) == asked


@pytest.mark.parametrize("written", ["", "张", "z", "0558-1234567", "张3", "34160"])
def test_too_little_finds_nobody_and_says_so(written: str) -> None:
    """One character would list a whole village."""
    with pytest.raises(RefusedError) as refused:
        asked_by(written)

    assert refused.value.reason == "not_a_word"
