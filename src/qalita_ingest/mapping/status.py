"""dbt's words for an outcome → QALITA's. Every value that dbt can emit has a row; an unknown one is an error.

Enum: dbt-core `core/dbt/artifacts/schemas/results.py`. Fusion writes freshness in capitals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qalita_ingest.contract import ResultStatus

if TYPE_CHECKING:
    from qalita_ingest.readers.dbt import Arguments, ResultRow

# These commands write every node as `success` and execute none: no test, and no model as it is built.
COMMANDS_THAT_EXECUTE_NOTHING = frozenset({"compile", "generate", "docs", "show", "clone", "list", "ls", "parse"})
# The name in the artifact → what people type.
TYPED = {"generate": "docs generate"}
SKIPPED = frozenset({"skipped", "no-op", "noop", "reused"})

# What dbt before 0.19 did not say in `status`, it said in keys of the row.
NOTHING_SAID = "no status"

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


# Under a command that executes nothing; an error is one under any command, and so is an unknown word.
WORDS_OF_COMPILED = frozenset({"success", NOTHING_SAID, "pass", "warn", "fail"})

# dbt-core `core/dbt/exceptions.py`, ContractError.
CONTRACT_FAILED = "enforced contract that failed"


@dataclass(frozen=True)
class Conditions:
    """How the command was run, as far as it decides what a status means."""

    command: str | None = None
    is_empty: bool = False
    is_sample: bool = False

    @classmethod
    def of(cls, args: Arguments) -> Conditions:
        return cls(args.which, is_empty=bool(args.empty), is_sample=bool(args.sample))

    @property
    def executes_nothing(self) -> bool:
        return self.command in COMMANDS_THAT_EXECUTE_NOTHING

    @property
    def is_partial(self) -> bool:
        """Whether the data was not the whole data."""
        return self.is_empty or self.is_sample


Outcome = tuple[ResultStatus, str | None]


def old_status(row: ResultRow) -> tuple[str, int | None]:
    """A row's status as newer versions would write it, and the number of failures where the status held it.

    Before dbt 0.19 `status` is null, a number of failing rows or SQL text; `error`, `fail`, `warn` and `skip` decide.
    """
    status = row.status
    if type(status) is str and not row.node:
        return status, None
    failures = status if type(status) is int else None
    for word, is_said in (("skipped", row.skip), ("error", row.error), ("fail", row.fail), ("warn", row.warn)):
        if is_said:
            return word, failures
    if status is None:
        return NOTHING_SAID, None
    if not row.node:
        return str(status), failures
    return (_old_test if row.unique_id.startswith("test.") else _old_step)(status), failures


def _old_test(status: str | int) -> str:
    if type(status) is int:
        return "fail" if status else "pass"
    return str(status)


def _old_step(status: str | int) -> str:
    """SQL text is what the database answered when all went well."""
    word = str(status)
    return word if word.strip().lower() in _STEPS.keys() | SKIPPED else "success"


def test_outcome(status: str, conditions: Conditions) -> Outcome:
    """Status, and the reason where there is one, of a data test or unit test."""
    word = status.strip().lower()
    if word in SKIPPED:
        return ResultStatus.SKIPPED, _why_skipped(word)
    if reason := _why_not_executed(word, conditions):
        return ResultStatus.NOT_EXECUTED, reason
    return _known(word, status, OF_TESTS)


def _why_skipped(word: str) -> str:
    if word == "skipped":
        return "skipped by dbt: something that it builds on failed, or was not selected"
    return f"dbt says {word}: there was nothing to do"


def _why_not_executed(word: str, conditions: Conditions) -> str | None:
    if conditions.executes_nothing and word in WORDS_OF_COMPILED:
        return f"`dbt {TYPED.get(conditions.command or '', conditions.command)}` executes no tests"
    if word == "success":
        # Only commands that run nothing write a test as `success`; no pass was ever measured.
        return "dbt wrote `success`, not `pass`: the test was compiled, not run"
    if word == NOTHING_SAID:
        return "dbt wrote no status: the test was compiled, not run"
    if conditions.is_partial:
        return f"run with --{'empty' if conditions.is_empty else 'sample'}: not the whole data"
    return None


_BADNESS = {"pass": 1, "success": 1, "warn": 2, "partial success": 2, "fail": 3}


def badness(status: str) -> int:
    """Of two outcomes of one node, which tells more: unknown words are errors, no outcome tells least."""
    word = status.strip().lower()
    return 0 if word in SKIPPED or word == NOTHING_SAID else _BADNESS.get(word, 4)


def contract_outcome(step: str, message: str | None) -> Outcome:
    """Of the contract of a model that was run: dbt compares the columns before it builds the model."""
    if step == "success":
        return ResultStatus.PASSED, None
    if CONTRACT_FAILED in (message or "").lower():
        return ResultStatus.FAILED, None
    return ResultStatus.NOT_EXECUTED, f"the model's step ended as {step}: its contract was not judged"


def freshness_outcome(status: str) -> Outcome:
    word = status.strip().lower()
    if word in SKIPPED:
        return ResultStatus.SKIPPED, _why_skipped(word)
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
    if word == NOTHING_SAID or (conditions.executes_nothing and word == "success"):
        return "not_executed", None
    return _STEPS.get(word, ("error", "high"))
