"""What a password opens, what a second factor accepts, and how long somebody is signed in."""

from datetime import timedelta

import pyotp
import pytest

from chassis.clock import system_clock
from services.console.accounts import Opened, open_with, seal
from services.console.sessions import Sessions

SECRET = pyotp.random_base32()
ZHANG = seal(
    "zhang", "张", "bureau/zhang", Opened(key="ab" * 16, secret=SECRET), "a long password",
    system_clock(),
)  # fmt: skip


def test_an_account_is_opened_by_its_password_and_by_no_other() -> None:
    """Whoever has the file has no key: what it holds is sealed."""
    opened = open_with(ZHANG, "a long password")

    assert opened == Opened(key="ab" * 16, secret=SECRET)
    assert open_with(ZHANG, "a long passworD") is None
    assert "ab" * 16 not in ZHANG.model_dump_json()
    assert SECRET not in ZHANG.model_dump_json()


def test_what_is_sealed_for_one_login_does_not_open_under_another() -> None:
    """Nobody puts a colleague's key behind their own name by editing the file."""
    assert open_with(ZHANG.model_copy(update={"login": "li"}), "a long password") is None


@pytest.mark.parametrize(("away", "right"), [(0, True), (30, True), (-30, True), (90, False)])
def test_a_code_counts_half_a_minute_more_or_less(away: int, right: bool) -> None:
    """A phone's clock is never quite the server's."""
    now = system_clock()
    code = pyotp.TOTP(SECRET).at(now + timedelta(seconds=away))

    step = Opened(key="k", secret=SECRET).step_of(code, now)
    assert (step is not None) is right
    assert step is None or step == int(now.timestamp()) // 30 + away // 30


def test_a_session_ends_unused_after_a_day_and_when_it_is_left() -> None:
    """A machine that somebody walked away from shows nobody's page."""
    lasting, short = Sessions(60, 3_600), Sessions(0, 3_600)
    id_ = lasting.enter("zhang", "张", "township_office/张村镇/zhang", "k")
    found = lasting.of(id_)

    assert found is not None
    assert (found.office, found.area) == ("township_office", "张村镇")
    assert short.of(short.enter("zhang", "张", "bureau/zhang", "k")) is None
    over = Sessions(60, 0)
    assert over.of(over.enter("zhang", "张", "bureau/zhang", "k")) is None
    lasting.end(id_)
    assert lasting.of(id_) is None
    assert lasting.of("guessed") is None
