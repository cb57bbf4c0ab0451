"""Which language a browser asks for, whatever else lies in it; and a session that nobody uses ends."""

import pytest

from services.console import sessions
from services.console.guarding import _chosen
from services.console.sessions import Sessions


@pytest.mark.parametrize(
    ("cookies", "wanted"),
    [
        ("yingbao-language=en", "en"), ('a={"x":1}; yingbao-language=en', "en"), ("foo; yingbao-language=en", "en"),
        ("token=a,b c; yingbao-language=zh", "zh"), ("", "zh"), ("yingbao-session=en", "zh"),
    ],
)  # fmt: skip
def test_other_cookies_of_the_machine_do_not_matter(cookies: str, wanted: str) -> None:
    """Another program on the same host writes them as it likes."""
    assert _chosen(cookies) == wanted


def test_a_page_that_fetches_itself_again_keeps_nobody_signed_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An unattended desk is signed out after its half hour, also before a page that follows something."""
    now = [0.0]
    monkeypatch.setattr(sessions, "monotonic", lambda: now[0])
    known = Sessions(idle_seconds=1_800, day_seconds=36_000)
    id_ = known.enter("clerk", "甲", "bureau/clerk", "key")

    for _ in range(8):
        now[0] += 200
        assert known.of(id_, used=False)
    now[0] += 201

    assert known.of(id_, used=False) is None
