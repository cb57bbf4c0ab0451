"""Ways to phones, one file a provider, found by its name in YINGBAO_SMS_PROVIDERS: adding one is one file.

A file ``<name>.py`` has ``make(settings) -> SmsGateway``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol

from chassis.routes import Call
from chassis.settings import Settings

Kind = Literal["sent", "refused", "not_here", "unreachable", "unsure"]
"""``refused``: this message, for good; ``not_here``: this message, by this provider or now;
``unreachable``: the provider, and surely nothing was taken;
``unsure``: the call broke off after it may have been taken, so it is never simply made again.
"""
PHONE_LOG = "phone_log"
PLAIN = (b"", "text/plain")
NO_LAG = timedelta(0)


@dataclass(frozen=True, slots=True)
class Sms:
    """A message on its way out: our id of it, phone, text with the signature, number of parts.

    ``template``, ``words``: the text's file and what went into it, for providers that know it by a number.
    """

    id: str
    phone: str
    text: str
    parts: int
    template: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tried:
    """A try of whose outcome nobody knows: our id of it, the phone, when it was made."""

    id: str
    phone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of handing a message over. ``reference``: the provider's own; ``reason``: a stable code."""

    kind: Kind
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider tells later of a message: ``sent``, ``delivered`` or ``failed`` with its code.

    By our ``id``, or where it does not say that by its own ``reference``.
    """

    id: str
    state: Literal["sent", "delivered", "failed"]
    reason: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """What somebody wrote to us; ``id``: the provider's own of it, the same when it hands it over again."""

    phone: str
    text: str
    id: str = ""


class GatewayError(OSError):
    """No provider takes messages; they stay open and are tried again, later each time."""


class CallbackRefusedError(Exception):
    """A call that says it is a provider's does not prove it."""


def plain_number(written: str) -> str:
    """Return a phone without the country's prefix, which operators write or not."""
    return written.strip().lstrip("+").removeprefix("86")


class SmsGateway(Protocol):
    """A provider. ``rate``: messages a second that one process hands it.

    ``thanks``: how it wants its calls answered, as (text, content type); empty: as anybody's. ``lag``: so
    long it may not know yet of what it took.
    """

    rate: float
    thanks: tuple[bytes, str]
    lag: timedelta

    async def send(self, messages: Sequence[Sms]) -> list[Outcome]:
        """Hand messages over; one outcome each, in their order. Raises nothing."""

    async def taken(self, tried: Sequence[Tried]) -> set[str] | None:
        """Return the ids that the provider has; None if it cannot be asked, and tells by receipts only."""

    def receipts(self, call: Call) -> list[Receipt]:
        """Read delivery receipts. Raises CallbackRefusedError, ValueError for a call that says nothing."""

    def received(self, call: Call) -> list[Received]:
        """Read messages to us. Raises CallbackRefusedError, ValueError."""


def known_gateways() -> list[str]:
    """Name the providers that there are files for."""
    return sorted(one.stem for one in Path(__file__).parent.glob("[a-z]*.py"))


def names_of(settings: Settings) -> tuple[str, ...]:
    """Return the providers in the order in which they are tried. Raises ValueError for an unknown one."""
    names = tuple(one.strip() for one in settings.sms_providers.split(",") if one.strip())
    for name in names:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not find_spec(f"{__name__}.{name}"):
            known = ", ".join(known_gateways())
            raise ValueError(f"YINGBAO_SMS_PROVIDERS: no provider {name!r}; there are: {known}")
    return names or (PHONE_LOG,)


def gateways_of(settings: Settings) -> dict[str, SmsGateway]:
    """Return name → provider, in order; made once a process. Raises ValueError: something is lacking."""
    return _made(
        names_of(settings), settings.sms_log, settings.sms_rates, synthetic=settings.synthetic
    )


@lru_cache(maxsize=8)
def _made(
    names: tuple[str, ...], log: Path | None, rates: str, *, synthetic: bool
) -> dict[str, SmsGateway]:
    settings = Settings(sms_log=log, synthetic=synthetic)
    found: dict[str, SmsGateway] = {}
    for name in names:
        found[name] = import_module(f"{__name__}.{name}").make(settings)
        found[name].rate = rate_of(rates, name) or found[name].rate
    return found


def rate_of(rates: str, name: str) -> float:
    """Return the rate that a setting like ``kannel=30,phone_log=500`` gives a provider; 0: it gives none.

    Raises ValueError.
    """
    found = 0.0
    for one in filter(None, map(str.strip, rates.split(","))):
        given, _, number = one.partition("=")
        if (
            given not in known_gateways()
            or not re.fullmatch(r"\d{1,5}(\.\d+)?", number)
            or not float(number)
        ):
            raise ValueError(f"YINGBAO_SMS_RATES: {one!r} is not like kannel=30")
        found = float(number) if given == name else found
    return found
