"""A flaky check: one that goes to and fro between passing and not passing, so that neither outcome says much.

A warning is an outcome that did not pass; from failed to warning and back nothing alternates.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING

from qalita_ingest.contract import OUTCOMES, ResultStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

# Two weeks of nights on which people work: what was mended before that says nothing of the check of today.
LATEST_OUTCOMES = 10
# A fault and its mending are two changes, and a check that tosses a coin is found out by three in nine of ten cases
# (by four in three of four).
FEWEST_CHANGES = 3


def is_flaky(statuses: Iterable[str]) -> bool:
    """Results of one check in one environment, the oldest first; those that are no outcome may be among them."""
    latest = deque((one for one in statuses if one in OUTCOMES), LATEST_OUTCOMES)
    passed = [status == ResultStatus.PASSED for status in latest]
    return sum(before != after for before, after in pairwise(passed)) >= FEWEST_CHANGES
