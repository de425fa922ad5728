"""dbt's words for an outcome → QALITA's. Every value that dbt can emit has a row; an unknown one is an error.

Enum: dbt-core `core/dbt/artifacts/schemas/results.py`. Fusion writes freshness in capitals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qalita_ingest.contract import ResultStatus

# These commands write every node as `success` and execute none.
COMMANDS_THAT_EXECUTE_NOTHING = frozenset({"compile", "generate", "docs", "list", "ls", "parse"})
# The name in the artifact → what people type.
TYPED = {"generate": "docs generate"}
SKIPPED = frozenset({"skipped", "no-op", "noop", "reused"})

OF_TESTS = {
    "pass": ResultStatus.PASSED,
    "warn": ResultStatus.WARNING,
    "fail": ResultStatus.FAILED,
    "error": ResultStatus.ERROR,
    "runtime error": ResultStatus.ERROR,
}
OF_FRESHNESS = {
    "pass": ResultStatus.PASSED,
    "warn": ResultStatus.WARNING,
    "error": ResultStatus.FAILED,
    "runtime error": ResultStatus.ERROR,
}


@dataclass(frozen=True)
class Conditions:
    """How the command was run, as far as it decides what a status means."""

    command: str | None = None
    is_empty: bool = False
    is_sample: bool = False

    @property
    def executes_nothing(self) -> bool:
        return self.command in COMMANDS_THAT_EXECUTE_NOTHING


Outcome = tuple[ResultStatus, str | None]


def test_outcome(status: str, conditions: Conditions) -> Outcome:
    """Status, and the reason where there is one, of a data test or unit test."""
    word = status.strip().lower()
    if word in SKIPPED:
        return ResultStatus.SKIPPED, f"dbt says {status}"
    if conditions.executes_nothing:
        return (
            ResultStatus.NOT_EXECUTED,
            f"`dbt {TYPED.get(conditions.command or '', conditions.command)}` executes no tests",
        )
    if word == "success":
        # Only commands that run nothing write a test as `success`; no pass was ever measured.
        return ResultStatus.NOT_EXECUTED, "dbt wrote `success`, not `pass`: the test was compiled, not run"
    if conditions.is_empty or conditions.is_sample:
        return (
            ResultStatus.NOT_EXECUTED,
            f"run with --{'empty' if conditions.is_empty else 'sample'}: not the whole data",
        )
    return _known(word, status, OF_TESTS)


def freshness_outcome(status: str) -> Outcome:
    word = status.strip().lower()
    if word in SKIPPED:
        return ResultStatus.SKIPPED, f"dbt says {status}"
    return _known(word, status, OF_FRESHNESS)


def _known(word: str, status: str, table: dict[str, ResultStatus]) -> Outcome:
    if word in table:
        return table[word], None
    return ResultStatus.ERROR, f"unknown dbt status {status!r}: counted as an error"


StepOutcome = tuple[Literal["success", "error", "skipped", "not_executed"], Literal["high", "medium"] | None]
_STEPS: dict[str, StepOutcome] = {
    "success": ("success", None),
    "pass": ("success", None),
    "partial success": ("error", "medium"),
    "warn": ("success", "medium"),
    "error": ("error", "high"),
    "fail": ("error", "high"),
    "runtime error": ("error", "high"),
}


def step_outcome(status: str, conditions: Conditions) -> StepOutcome:
    """Status of a model, seed, snapshot, function or hook, and the severity of the issue that it opens."""
    word = status.strip().lower()
    if word in SKIPPED:
        return "skipped", None
    if conditions.executes_nothing and word == "success":
        return "not_executed", None
    return _STEPS.get(word, ("error", "high"))
