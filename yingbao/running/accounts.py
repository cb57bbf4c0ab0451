"""Makes and ends accounts of the console: each with a key of its own at the door, sealed by its password."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyotp

from chassis.clock import system_clock
from chassis.language import tr
from chassis.settings import Settings
from services.console.accounts import (
    PASSWORD_MIN,
    Account,
    AccountFile,
    Opened,
    seal,
)
from services.gateway.approvals import person_of
from yingbao.running.holders import AUDITOR, LOGIN, KeyProblemError
from yingbao.running.keys import add_personal_key, alone, end_personal_key
from yingbao.running.private_files import write_private

ACCOUNTS = "console-accounts.json"
"""Beside the keys, in the data directory."""
OFFICES: Mapping[str, str] = {"bureau": "bureau", "township": "township_office"}


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What somebody is given, once: the password, and the secret of the second factor, if there is one."""

    account: Account
    password: str
    secret: str = ""

    @property
    def address(self) -> str:
        """Return what an authenticator reads as a picture or a link."""
        totp = pyotp.TOTP(self.secret)
        return (
            totp.provisioning_uri(name=self.account.login, issuer_name="应保")
            if self.secret
            else ""
        )


def add_account(
    directory: Path, county: str, login: str, name: str, township: str = "", password: str = "",
    *, second_factor: bool = True, auditor: bool = False,
) -> NewAccount:  # fmt: skip
    """Return a new account: of the bureau, a township's office, an auditor. Raises KeyProblemError."""
    if not LOGIN.fullmatch(login):
        raise KeyProblemError(
            tr("{login!r}: small letters, digits, dots, 2 to 31 of them", login=login)
        )
    chosen = password or secrets.token_urlsafe(12)
    if len(chosen) < PASSWORD_MIN:
        raise KeyProblemError(
            tr("a password has at least {password_min} characters", password_min=PASSWORD_MIN)
        )
    if township and auditor:
        raise KeyProblemError(tr("an auditor looks at the whole county: no --township"))
    office = f"township_office/{township}" if township else AUDITOR if auditor else "bureau"
    holder = f"{office}/{login}"
    secret = pyotp.random_base32() if second_factor else ""
    with alone(directory):
        every = _every(directory)
        if any(one.login == login and one.ended is None for one in every):
            raise KeyProblemError(tr("{login} has an account already: end it first", login=login))
        made = add_personal_key(directory, county, holder)
        opened = Opened(key=made.key, secret=secret)
        account = seal(login, name, holder, opened, chosen, system_clock())
        _write(directory, [*every, account])
    return NewAccount(account, chosen, secret)


def end_account(directory: Path, login: str) -> None:
    """End an account and take its key away: who is signed in sees nothing more. Raises KeyProblemError."""
    with alone(directory):
        every = _every(directory)
        standing = [one for one in every if one.login == login and one.ended is None]
        if not standing:
            raise KeyProblemError(tr("{login} has no account", login=login))
        now = system_clock()
        ended = [one.model_copy(update={"ended": now}) if one in standing else one for one in every]
        _write(directory, ended)
        end_personal_key(directory, standing[0].holder)


def persons_of_bureau(directory: Path) -> set[str]:
    """Return who of the bureau has an account; from two on, one looks at what the other does."""
    standing = [one for one in _every(directory) if one.ended is None]
    return {name for one in standing if (name := person_of(one.holder))}


def console_environment(directory: Path, door: str, port: int) -> dict[str, str]:
    """Return what the console is told: where the door is and who may sign in; no key, no bus, no database."""
    certificate = Settings().http_cert_file
    shown = {} if certificate is None else {"YINGBAO_DOOR_CERT_FILE": str(certificate)}
    return shown | {
        "YINGBAO_GATEWAY_URL": door,
        "YINGBAO_CONSOLE_ACCOUNTS_FILE": str(directory / ACCOUNTS),
        "YINGBAO_HTTP_PORT": str(port),
    }


def _every(directory: Path) -> list[Account]:
    path = directory / ACCOUNTS
    if not path.exists():
        return []
    return AccountFile.model_validate_json(path.read_text("utf-8")).accounts


def _write(directory: Path, accounts: list[Account]) -> None:
    said = AccountFile(accounts=accounts).model_dump(mode="json")
    write_private(directory / ACCOUNTS, said)
