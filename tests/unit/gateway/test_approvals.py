"""When two persons are needed, who may look at what another one did, and what is said of it."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from chassis.clock import system_clock
from contracts.events.partner import ManualAssistancePaid
from contracts.lists import ListAnswer
from services.gateway.approvals import Proposal, person_of, refuse_own
from services.gateway.intake import confirming
from services.gateway.intake.reporting import payment_in_words
from services.gateway.partner_keys import KeyFile, PartnerKey, PartnerKeys
from services.gateway.refusals import RefusedError

NOW = system_clock()


def keys_of(path: Path, *holders: str, ended: str = "") -> PartnerKeys:
    """Return the keys of a county; that of ``ended`` counts no longer."""
    kept = [
        PartnerKey(
            id=holder, holder=holder, hash=holder, created=NOW - timedelta(days=9),
            revoked=NOW - timedelta(days=1) if holder == ended else None,
        )
        for holder in holders
    ]  # fmt: skip
    (path / "keys.json").write_text(KeyFile(keys=kept).model_dump_json())
    return PartnerKeys(path / "keys.json")


@pytest.mark.parametrize(
    ("holders", "ended", "persons"),
    [
        (("bureau",), "", 0),
        (("bureau", "bureau/zhang"), "", 1),
        (("bureau", "bureau/zhang", "bureau/li"), "", 2),
        (("bureau/zhang", "bureau/li"), "bureau/li", 1),
        (("bureau/zhang", "bureau/zhang"), "", 1),
        (("bureau/zhang", "township_office/城关镇/li", "hospital/H34169901"), "", 1),
    ],
)
def test_two_persons_are_two_people_of_the_bureau_with_keys_that_count(
    tmp_path: Path, holders: tuple[str, ...], ended: str, persons: int
) -> None:
    """The bureau's own key is nobody, and a township's officer cannot look at what the bureau pays."""
    keys = keys_of(tmp_path, *holders, ended=ended)

    assert len(keys.holding(person_of)) == persons


@pytest.mark.parametrize(
    ("holder", "may"),
    [("bureau/li", True), ("bureau/zhang", False), ("bureau", False)],
)
def test_nobody_approves_what_they_proposed(holder: str, may: bool) -> None:
    """Nor does a key that is no person's: behind it could be the same one."""
    proposed = Proposal("x", "payment", "H34169901:1", "", b"", "bureau/zhang", NOW)

    if may:
        refuse_own(proposed, holder)
        return
    with pytest.raises(RefusedError) as refused:
        refuse_own(proposed, holder)
    assert refused.value.reason == "not_another_person"


def test_a_proposal_says_what_it_does_and_names_nobody() -> None:
    """Who looks at it reads amount, day, bill and card; of a list who would leave."""
    paid = ManualAssistancePaid(
        person="p" + "a" * 26, claim="H34169901:7", amount=123_456, paid_on=date(2023, 9, 1),
        card_last4="0021", signed=True, action="paid", source="bureau", received=NOW,
    )  # fmt: skip
    shrank = ListAnswer(
        batch="b", source="civil_affairs", month=date(2023, 5, 1), received=NOW, state="question",
        accepted=10, rejected=0, waiting=0, standing=30, absent=20, usual=0, asked="share",
    )  # fmt: skip

    assert (
        payment_in_words(paid)
        == "发放1,234.56元（2023-09-01），结算单H34169901:7，社保卡尾号0021，本人已签字"
    )
    assert payment_in_words(
        paid.model_copy(update={"action": "revoked", "card_last4": "", "signed": False})
    ) == ("冲回发放1,234.56元（2023-09-01），结算单H34169901:7，本人未签字")
    assert confirming.in_words("list", shrank) == (
        "确认民政局2023年5月全量名册：上期在册30人，未列入20人将移出"
    )
