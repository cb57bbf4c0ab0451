"""What is counted and kept of messages: three a day to a phone, and nobody's phone for longer than it is of use."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from chassis.runtime import Runtime
from services.notify.gateways import Outcome, Sms
from services.notify.sending import jobs
from services.notify.store import save
from tests.integration.test_sms_storm import (
    Clock,
    database,  # noqa: F401  a fixture
    lay_ready,
    states,
)
from tests.integration.test_sms_waits import (
    EVENING,
    MORNING,
    Provider,
    evening,  # noqa: F401  a fixture
    send_all,
)


async def three_wait_since_noon(sender: Runtime, clock: Clock) -> None:
    """Lay three messages of one family ready at noon of the day before."""
    clock.now = EVENING.replace(hour=12)
    async with sender.engine.begin() as tx:
        await tx.execute(text("DELETE FROM sms"))
        await tx.execute(text("DELETE FROM contact"))
    await lay_ready(sender, 3, 1)
    await jobs.address_open(sender)


async def a_fourth_comes(sender: Runtime, clock: Clock) -> None:
    """Have one more message for the family, now."""
    async with sender.engine.begin() as tx:
        await tx.execute(
            text(
                "INSERT INTO sms (key, person, audience, template, township, words, created)"
                " SELECT repeat('f', 32), person, audience, template, township, words, :now FROM sms LIMIT 1"
            ),
            {"now": clock.now},
        )
    await jobs.address_open(sender)


async def test_what_was_not_sent_yesterday_is_one_of_today_s_three(
    evening: Any,  # noqa: F811  the fixture of that name
) -> None:
    """Three wait since yesterday at noon; a fourth that comes today waits for tomorrow."""
    sender, clock = evening
    await three_wait_since_noon(sender, clock)
    clock.now = MORNING
    await a_fourth_comes(sender, clock)
    provider = Provider(clock)
    await send_all(sender, one=provider)
    today = provider.calls
    clock.now = MORNING + timedelta(days=1)
    await send_all(sender, one=provider)

    assert (today, provider.calls) == (3, 4)


async def test_what_was_sent_this_morning_counts_for_today(
    evening: Any,  # noqa: F811  the fixture of that name
) -> None:
    """Three of yesterday go out at half past eight; a fourth that comes at nine waits for tomorrow."""
    sender, clock = evening
    await three_wait_since_noon(sender, clock)
    clock.now = MORNING
    provider = Provider(clock)
    await send_all(sender, one=provider)
    clock.now = MORNING + timedelta(minutes=30)
    await a_fourth_comes(sender, clock)
    await send_all(sender, one=provider)

    assert provider.calls == 3


async def test_what_was_corrected_while_it_was_being_tried_is_not_tried_again(
    evening: Any,  # noqa: F811  the fixture of that name
) -> None:
    """The provider takes nothing, and meanwhile the bill is another: its old figures are not said."""
    sender, clock = evening
    await jobs.address_open(sender)
    clock.now = MORNING

    class Refusing(Provider):
        async def send(self, messages: Sequence[Sms]) -> list[Outcome]:
            async with sender.turn() as turn:
                await save(turn.tx, [], [], [f"{0:032x}"], clock())
            return await super().send(messages)

    await send_all(sender, one=Refusing(clock, "unreachable"))

    assert await states(sender.engine) == {"withdrawn": 1}


async def test_phones_and_texts_are_cleared_a_month_after_the_end(
    evening: Any,  # noqa: F811  the fixture of that name
) -> None:
    """What was said is known by template and words; whose phone it was, nobody needs any more."""
    sender, clock = evening
    clock.now = MORNING
    await jobs.address_open(sender)
    await send_all(sender, one=Provider(clock))

    async def sealed() -> int:
        async with sender.engine.connect() as look:
            count = text("SELECT count(*) FROM delivery WHERE sealed <> ''")
            return int((await look.execute(count)).scalar_one())

    clock.now = MORNING + timedelta(days=29)
    await jobs.forget(sender)
    kept = await sealed()
    clock.now = MORNING + timedelta(days=31)
    await jobs.forget(sender)

    assert (kept, await sealed()) == (1, 0)
