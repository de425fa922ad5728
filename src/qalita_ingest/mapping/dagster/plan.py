"""What a run has still before it: which steps can run, and which never will.

A step waits for the outputs of others. It never runs once one of those steps has failed, or ended without the output
that it waits for; Dagster says so in its log later, or not at all, so it is worked out here. What has no step left that
can run has its last word, and is the same run a second before its end as a year after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qalita_ingest.readers.dagster import OutputHandle, PlannedStep, Run, StepInput, StepOutcome

PLACEHOLDER = "[?]"
FINAL = frozenset({"success", "failure", "skipped"})


@dataclass(frozen=True)
class Progress:
    """Keys of steps: those that can still run, or are running, and those that never will."""

    unfinished: tuple[str, ...]
    never_run: tuple[str, ...]


def progress_of(run: Run) -> Progress | None:
    """None where the plan is not known."""
    if run.plan is None:
        return None
    steps = _Steps(run)
    return Progress(tuple(sorted(steps.in_state("waiting"))), tuple(sorted(steps.in_state("never"))))


def has_last_word(run: Run) -> bool:
    """Whether nothing more can come of it: it ended, or no step is left that can run."""
    progress = progress_of(run)
    return run.is_ended or (progress is not None and bool(run.plan) and not progress.unfinished)


@dataclass
class _Steps:
    run: Run
    planned: dict[str, PlannedStep] = field(init=False)
    _states: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plan = {one.key: one for one in self.run.plan or ()}
        self.planned = {one.key: one for step in plan.values() for one in _resolved(step, plan, self.run.steps)}

    def in_state(self, wanted: str) -> Iterable[str]:
        return (key for key in self.planned if self._state(key) == wanted)

    def _state(self, key: str) -> str:
        """As logged, or `never` or `waiting`. Steps of other runs have ended well."""
        outcome = self.run.steps.get(key)
        if outcome and outcome.status in FINAL:
            return outcome.status
        if key not in self.planned:
            return "success"
        if key not in self._states:
            # Against a plan that goes in circles, which Dagster never makes.
            self._states[key] = "waiting"
            self._states[key] = "never" if self._is_blocked(self.planned[key]) else "waiting"
        return self._states[key]

    def _is_blocked(self, step: PlannedStep) -> bool:
        handles = [handle for given in step.inputs for handle in given.outputs]
        if any(self._state(handle.step) in {"failure", "never"} for handle in handles):
            return True
        return any(self._is_missing(given) for given in step.inputs)

    def _is_missing(self, given: StepInput) -> bool:
        gating = [handle for handle in given.outputs if not handle.is_check]
        missing = [self._is_output_missing(handle) for handle in gating]
        return bool(missing) and (all(missing) if given.is_fan_in else any(missing))

    def _is_output_missing(self, handle: OutputHandle) -> bool:
        state, outcome = self._state(handle.step), self.run.steps.get(handle.step)
        if state == "skipped":
            return True
        if state != "success" or outcome is None or outcome.outputs is None:
            return False
        return all(name != handle.output for name, _ in outcome.outputs)


def _resolved(
    step: PlannedStep, plan: dict[str, PlannedStep], outcomes: dict[str, StepOutcome]
) -> Sequence[PlannedStep]:
    """A step that another multiplies, once for each of its keys; itself as long as they are not known."""
    if PLACEHOLDER not in step.key:
        return [msgspec.structs.replace(step, inputs=_collected(step, plan, outcomes))]
    keys = _mapping_keys(step, plan, outcomes)
    if keys is None:
        return [step]
    return [
        msgspec.structs.replace(
            step,
            key=_with(step.key, key),
            inputs=tuple(
                msgspec.structs.replace(
                    given, outputs=tuple(one._replace(step=_with(one.step, key)) for one in given.outputs)
                )
                for given in step.inputs
            ),
        )
        for key in keys
    ]


def _collected(
    step: PlannedStep, plan: dict[str, PlannedStep], outcomes: dict[str, StepOutcome]
) -> tuple[StepInput, ...]:
    """A collecting step waits for all that was multiplied, or for nothing where it was multiplied by zero."""
    return tuple(
        msgspec.structs.replace(given, outputs=tuple(_handles(given, plan, outcomes)))
        if any(PLACEHOLDER in one.step for one in given.outputs)
        else given
        for given in step.inputs
    )


def _handles(
    given: StepInput, plan: dict[str, PlannedStep], outcomes: dict[str, StepOutcome]
) -> Iterable[OutputHandle]:
    for handle in given.outputs:
        source = plan.get(handle.step)
        keys = _mapping_keys(source, plan, outcomes) if source and PLACEHOLDER in source.key else None
        yield from [handle] if keys is None else [handle._replace(step=_with(handle.step, key)) for key in keys]


def _with(text: str, key: str) -> str:
    return text.replace(PLACEHOLDER, f"[{key}]")


def _mapping_keys(
    step: PlannedStep, plan: dict[str, PlannedStep], outcomes: dict[str, StepOutcome]
) -> list[str] | None:
    """Of the step that multiplies this one; None before it has succeeded."""
    source = _multiplier(step, plan)
    outcome = outcomes.get(source.key) if source else None
    if outcome is None or outcome.status != "success":
        return None
    return sorted({key for _, key in outcome.outputs or () if key is not None})


def _multiplier(step: PlannedStep, plan: dict[str, PlannedStep]) -> PlannedStep | None:
    upstream = [plan[handle.step] for given in step.inputs for handle in given.outputs if handle.step in plan]
    for one in upstream:
        if one.has_dynamic_output:
            return one
    further = (_multiplier(one, plan) for one in upstream if PLACEHOLDER in one.key)
    return next((one for one in further if one), None)
