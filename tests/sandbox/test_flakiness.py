from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalita_ingest.contract import FINDINGS, OUTCOMES, ResultStatus
from qalita_ingest.sandbox.scoring import FEWEST_CHANGES, LATEST_OUTCOMES, is_flaky

WORDS = {"p": "passed", "w": "warning", "f": "failed", "e": "error", "s": "skipped"}


def nights(letters: str) -> list[str]:
    """One letter for each night, the oldest first."""
    return [WORDS[letter] for letter in letters]


@pytest.mark.parametrize(
    ("letters", "flaky"),
    [
        ("pfpf", True),
        ("fpfp", True),
        ("pwpe", True),
        ("pppffffppp", False),  # one fault that was mended
        ("fffp", False),
        ("ffwfewff", False),  # never passed
        ("pppppppppp", False),
        ("", False),
        ("pfspf", True),
        ("pfpf" + "p" * 7, True),
        ("pfpf" + "p" * 8, False),
    ],
)
def test_a_check_that_goes_to_and_fro_within_its_latest_outcomes_is_flaky(letters: str, flaky: bool) -> None:  # noqa: FBT001
    assert is_flaky(nights(letters)) is flaky


STATUSES = st.lists(st.sampled_from(ResultStatus), max_size=30)
NO_OUTCOMES = st.sampled_from(sorted(set(ResultStatus) - OUTCOMES))


@given(STATUSES)
def test_what_is_no_outcome_changes_nothing(statuses: list[ResultStatus]) -> None:
    assert is_flaky(statuses) is is_flaky([one for one in statuses if one.is_outcome])


@given(STATUSES, STATUSES)
def test_what_lies_before_the_latest_outcomes_changes_nothing(
    earlier: list[ResultStatus], later: list[ResultStatus]
) -> None:
    later += [ResultStatus.FAILED] * LATEST_OUTCOMES

    assert is_flaky([*earlier, *later]) is is_flaky(later) is False


@given(STATUSES)
def test_the_kind_of_finding_makes_no_difference(statuses: list[ResultStatus]) -> None:
    assert is_flaky(statuses) is is_flaky([ResultStatus.FAILED if one in FINDINGS else one for one in statuses])


@given(STATUSES)
def test_a_check_that_never_passed_is_not_flaky(statuses: list[ResultStatus]) -> None:
    assert not is_flaky([one for one in statuses if one is not ResultStatus.PASSED])


@given(st.integers(0, LATEST_OUTCOMES), st.integers(0, LATEST_OUTCOMES), st.integers(0, LATEST_OUTCOMES))
def test_a_single_fault_however_long_is_not_flaky(before: int, fault: int, after: int) -> None:
    assert not is_flaky(nights("p" * before + "f" * fault + "p" * after))


def test_a_check_that_tosses_a_coin_is_found_out_as_often_as_is_said() -> None:
    def share_found(fewest: int) -> float:
        pairs = LATEST_OUTCOMES - 1
        return sum(comb(pairs, changes) for changes in range(fewest, pairs + 1)) / 2**pairs

    assert share_found(FEWEST_CHANGES) > 0.9 > share_found(FEWEST_CHANGES + 1) > 0.74
