"""How often somebody may try to sign in, and that a code of the second factor counts once."""

import asyncio
import unicodedata

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from chassis.clock import system_clock
from services.console.accounts import Account, Opened, open_with, seal

OF_ONE: RateLimitItem = parse("5 per 15 minutes")
"""Of a login from one address: a stranger's guesses keep nobody out who sits elsewhere."""
OF_ALL: RateLimitItem = parse("40 per 15 minutes")
"""Of a login from all addresses together."""
AT_ONCE = 2
"""So many passwords are tried at the same time: each takes 64 MiB."""


class Tries:
    """The tries of this process."""

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._room = asyncio.Semaphore(AT_ONCE)
        self._used: dict[str, int] = {}
        nobody = Opened(key="")
        self._nobody = seal("", "", "", nobody, "nobody's password", system_clock())

    def allows(self, login: str, address: str) -> bool:
        """Count a try; False if there were too many."""
        own = self._limiter.hit(OF_ONE, login, address)
        return self._limiter.hit(OF_ALL, login) and own

    def forget(self, login: str, address: str) -> None:
        """Count from nothing again: it was the right person."""
        self._limiter.clear(OF_ONE, login, address)
        self._limiter.clear(OF_ALL, login)

    async def opened(self, account: Account | None, password: str, code: str) -> Opened | None:
        """Return what a password opens, if the code fits as well; an unknown login takes as long."""
        async with self._room:
            tried = account or self._nobody
            found = await asyncio.to_thread(open_with, tried, password)
        if account is None or found is None or not found.secret:
            return None if account is None else found
        step = found.step_of(unicodedata.normalize("NFKC", code), system_clock())
        if step is None or step <= self._used.get(account.login, 0):
            return None
        self._used[account.login] = step
        return found
