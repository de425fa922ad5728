"""`--fail-on`: when a run that was taken in still ends the command with an error.

error    a check failed or could not be executed, or a model, seed, snapshot, function or hook failed
warning  the same, or a warning
score<N  the project's score in this run is below N, a share (0.95) or a percentage (95%)
new      the run opened or reopened an issue
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Literal

import click

from qalita_ingest.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qalita_ingest.contract import IngestAnswer
    from qalita_ingest.mapping import Summary

TESTS = frozenset({"data_test", "unit_test"})
_SCORE = re.compile(r"score\s*<\s*(\d+(?:\.\d+)?|\.\d+)\s*(%?)")


@dataclass(frozen=True)
class Condition:
    """`text` is what was typed; `least` the score, 0–1, that a run must have."""

    kind: Literal["error", "warning", "score", "new"]
    text: str
    least: Decimal = Decimal(0)

    @property
    def needs_answer(self) -> bool:
        """Whether only QALITA's answer can tell."""
        return self.kind in {"score", "new"}


class FailOn(click.ParamType[Condition]):
    name = "condition"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 (click's signature)
        return "[error|warning|score<N|new]"

    def convert(self, value: str | Condition, param: click.Parameter | None, ctx: click.Context | None) -> Condition:
        if isinstance(value, Condition):
            return value
        text = value.strip().lower()
        if text in {"error", "warning", "new"}:
            return Condition(text, text)  # type: ignore[arg-type] # one of the three words
        if not (found := _SCORE.fullmatch(text)):
            self.fail(f"{value!r}: expected error, warning, score<N (such as score<0.95) or new", param, ctx)
        number, is_percentage = Decimal(found[1]), bool(found[2])
        least = number / 100 if is_percentage else number
        if least > 1:
            wanted = f"{number / 100} or {number}%" if number <= 100 and not is_percentage else "0.95 or 95%"  # noqa: PLR2004 (percent)
            self.fail(f"{value!r}: a score is a share from 0 to 1; write {wanted}", param, ctx)
        return Condition("score", text, least)


def refuse_in_dry_run(conditions: Iterable[Condition]) -> None:
    """Raises `SettingsError` for what only QALITA's answer can tell: a dry run has none."""
    if needing := [one.text for one in conditions if one.needs_answer]:
        raise SettingsError(
            f"--fail-on {needing[0]} needs QALITA's answer, and --dry-run sends nothing: "
            "leave --dry-run out, or use --fail-on error or warning"
        )


def reached(conditions: Sequence[Condition], summary: Summary, answer: IngestAnswer | None) -> list[str]:
    """Why the command must end with an error, in words; empty where no condition is reached."""
    reasons = [_reason(one, summary, answer) for one in dict.fromkeys(conditions)]
    return [reason for reason in reasons if reason]


def unjudged(conditions: Iterable[Condition], answer: IngestAnswer | None) -> list[str]:
    """What to tell the user of conditions that could not be judged, and so were not reached."""
    if answer is None:
        return []
    lacking = {}
    if _score(answer) is None:
        lacking["score"] = "the run has no score, nothing was measured"
    if answer.open_issues is None:
        lacking["new"] = "not judged: issues are the platform's own here, and it does not tell of them"
    return [f"--fail-on {one.text}: {lacking[one.kind]}" for one in dict.fromkeys(conditions) if one.kind in lacking]


def unexecuted(summary: Summary, commands: Iterable[str | None]) -> list[str]:
    """What to tell the user of results whose tests all lack an outcome: no condition can be reached by them.

    `commands`: dbt's, as its files name them. What dbt skipped was meant to be executed, and says why itself.
    """
    from qalita_ingest.mapping.status import COMMANDS_THAT_EXECUTE_NOTHING, TYPED  # noqa: PLC0415 (--help)

    tests = [one for one in summary.results if one.kind in TESTS]
    if not tests or any(one.status != "not_executed" for one in tests):
        return []
    typed = sorted({TYPED.get(one, one) for one in commands if one in COMMANDS_THAT_EXECUTE_NOTHING})
    if not typed:
        return [f"no test was executed: {tests[0].reason}"]
    named = " and ".join(f"`dbt {one}`" for one in typed)
    rest = "generate documentation" if typed == [TYPED["generate"]] else f"run {named}"
    overwrote = f"the results are of {named}, which overwrote those of your build"
    return [f"no test was executed: {overwrote}; ingest before you {rest}"]


def _reason(condition: Condition, summary: Summary, answer: IngestAnswer | None) -> str | None:
    if condition.kind in {"error", "warning"}:
        return _findings(condition, summary)
    if answer is None:
        return None
    return _below(condition, answer) if condition.kind == "score" else _new(condition, answer)


def _findings(condition: Condition, summary: Summary) -> str | None:
    from qalita_ingest.formats.findings import findings_of  # noqa: PLC0415 (not before it is needed: --help)

    levels = ["error"] if condition.kind == "error" else ["error", "warning"]
    found = [one for one in findings_of(summary) if one.level in levels]
    if not found:
        return None
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"--fail-on {condition.text}: {found[0].title} ({found[0].status}){more}"


def _below(condition: Condition, answer: IngestAnswer) -> str | None:
    score = _score(answer)
    if score is None or score >= condition.least:
        return None
    return f"--fail-on {condition.text}: the score is {_percent(score)}, below {_percent(condition.least)}"


def _score(answer: IngestAnswer) -> Decimal | None:
    # repr: 0.57 is meant, not the binary number next to it.
    return next((Decimal(repr(one.value)) for one in answer.scores if one.perimeter == "project"), None)


def _percent(share: Decimal) -> str:
    """Rounded down, so that a score just below what is wanted does not read as if it were equal."""
    return f"{(share * 100).quantize(Decimal('0.01'), ROUND_FLOOR).normalize():f} %"


def _new(condition: Condition, answer: IngestAnswer) -> str | None:
    new = [*answer.opened, *answer.reopened]
    if not new:
        return None
    more = f" and {len(new) - 1} more" if len(new) > 1 else ""
    return f"--fail-on {condition.text}: {new[0].title}{more}"
