"""What officers and desks are answered: duties, tasks, calls, statements."""

from datetime import date, datetime
from typing import Literal

from contracts.officers import Post
from services.gateway.answers import Answer


class DutyTaken(Answer):
    """Somebody's duty stands; ``duty`` ends it, or is stood in for."""

    duty: str
    status: Literal["accepted"]


class ShownDuty(Answer):
    """A duty as it was set, with who has it; ``ended_by``: whose key ended it."""

    duty: str
    townships: list[str]
    village: str
    post: Post
    post_zh: str
    place_zh: str
    name: str
    phone: str
    group: str
    first: date
    last: date | None
    stands_in_for: str
    holder: str
    recorded: datetime
    ended_by: str


class Duties(Answer):
    """A page of duties; ``next`` empty: the last."""

    officers: list[ShownDuty]
    next: str


class Statement(Answer):
    """A hospital's month: bills with a booking in it, and what each fund paid; below zero: took back."""

    provider: str
    claims: int
    funds: dict[str, str]
    total: str


class Statements(Answer):
    """What was booked in a month, a line a hospital."""

    month: str
    statements: list[Statement]


class Call(Answer):
    """A message that reached nobody, and with a purpose whom to call; ``last4``: of the number."""

    message: str
    person: str
    township: str
    audience: str
    template: str
    title: str
    reason: str
    since: datetime
    name: str
    last4: str
    head: str
    phone: str


class Calls(Answer):
    """A page of calls; ``next`` empty: the last."""

    lines: list[Call]
    next: str


class Task(Answer):
    """Something that an officer has to do; ``code`` closes it by SMS; ``last4``: of the number."""

    task: str
    code: str
    name: str
    last4: str
    head: str
    township: str
    village: str
    phone: str
    title: str
    what: str
    told: bool
    since: datetime


class PrintedBill(Answer):
    """The one-page bill (一单清) in words, amounts in yuan; ``code`` verifies a printed copy.

    ``who`` and ``costs``: (name, what is said); ``layers``: (name, amount, how it came about); ``added``:
    what the person's category added; ``again``: what was decided again; ``basis``: the clauses.
    """

    title: str
    claim: str
    revision: int
    code: str
    unit: str
    day: date
    who: list[tuple[str, str]]
    costs: list[tuple[str, str]]
    layers: list[tuple[str, str, str]]
    covered: str
    burden: str
    counter: str
    added: list[str]
    again: list[str]
    basis: list[str]


class PersonBill(Answer):
    """A bill of somebody, whatever became of it; amounts in yuan; ``message``: why it is held or refused."""

    claim: str
    provider: str
    kind: str
    discharge: date
    outcome: str
    message: str
    total_fee: str
    covered: str
    personal_burden: str


class Verified(Answer):
    """Whether a code is that of the bill as it stands, and what that bill says: compare it with the paper.

    A code tells that a bill was issued so, and not that nobody altered the paper that bears it. ``status``:
    an earlier paper of a bill that is held, refused or taken back holds no longer.
    """

    claim: str
    verified: bool
    status: Literal["settled", "held", "refused", "reversed"]
    revision: int
    hospital: str
    discharge: date
    total_fee: str
    covered: str
    burden: str


class FoundPerson(Answer):
    """Somebody who was looked for; ``last4``: of the number, ``categories``: in words."""

    person: str
    name: str
    last4: str
    head: str
    phone: str
    township: str
    village: str
    categories: str


class Found(Answer):
    """A page of people; ``next`` empty: the last."""

    people: list[FoundPerson]
    next: str


class Tasks(Answer):
    """A page of tasks; ``next`` empty: the last."""

    tasks: list[Task]
    next: str
