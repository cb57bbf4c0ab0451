"""Codes that an officer would meet have words, all of them."""

from typing import get_args

from contracts.questions import ApplicationAnswer, IssueAnswer
from contracts.vocabulary import (
    APPLICATION_STATE_ZH,
    ISSUE_STATE_ZH,
    LIST_STATE_ZH,
    PROBLEM_ZH,
    ProblemKind,
)


def test_every_state_and_kind_of_problem_has_its_word() -> None:
    """A new code without a word is found here, and not on a clerk's screen."""
    assert PROBLEM_ZH.keys() == {one.value for one in ProblemKind}
    assert ISSUE_STATE_ZH.keys() >= set(get_args(IssueAnswer.model_fields["state"].annotation))
    found = set(get_args(ApplicationAnswer.model_fields["state"].annotation))
    assert APPLICATION_STATE_ZH.keys() >= found
    words = (*PROBLEM_ZH.values(), *ISSUE_STATE_ZH.values(), *LIST_STATE_ZH.values())
    assert not any(one.isascii() for one in words)
