"""When a run has its last word: from records alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from qalita_ingest.mapping.dagster import has_last_word
from qalita_ingest.mapping.dagster.plan import progress_of
from qalita_ingest.readers.dagster import OutputHandle, PlannedStep, Run, StepInput, StepOutcome

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _step(key: str, *upstream: str | OutputHandle, is_fan_in: bool = False, is_dynamic: bool = False) -> PlannedStep:
    handles = [OutputHandle(one, "result") if isinstance(one, str) else one for one in upstream]
    groups = [tuple(handles)] if is_fan_in else [(one,) for one in handles]
    inputs = tuple(StepInput(outputs=group, is_fan_in=is_fan_in) for group in groups)
    return PlannedStep(key=key, kind="op", inputs=inputs, has_dynamic_output=is_dynamic)


def _outcome(key: str, status: Any, *outputs: tuple[str, str | None]) -> StepOutcome:
    found = outputs or ((("result", None),) if status == "success" else ())
    return StepOutcome(key=key, status=status, at=NOON, outputs=frozenset(found))


def _run(plan: list[PlannedStep], *outcomes: StepOutcome, status: str = "STARTED") -> Run:
    return Run(
        id="r",
        job="nightly",
        status=status,
        location="defs.py",
        dagster_version="1.13",
        plan=tuple(plan),
        steps={one.key: one for one in outcomes},
    )


def test_a_run_with_a_step_that_has_not_begun_goes_on() -> None:
    assert not has_last_word(_run([_step("a"), _step("b")], _outcome("a", "success")))


@pytest.mark.parametrize("status", ["success", "failure", "skipped"])
def test_a_run_whose_steps_all_ended_has_its_last_word(status: str) -> None:
    assert has_last_word(_run([_step("a")], _outcome("a", status)))


def test_a_step_that_waits_for_its_next_attempt_goes_on() -> None:
    assert not has_last_word(_run([_step("a")], _outcome("a", "started")))


def test_what_follows_a_failed_step_never_runs_however_far_behind_it() -> None:
    run = _run([_step("a"), _step("b", "a"), _step("c", "b")], _outcome("a", "failure"))
    assert has_last_word(run)
    assert progress_of(run).never_run == ("b", "c")  # type: ignore[union-attr]


def test_a_step_beside_the_failed_one_still_runs() -> None:
    run = _run([_step("a"), _step("b")], _outcome("a", "failure"))
    assert progress_of(run).unfinished == ("b",)  # type: ignore[union-attr]


def test_a_step_never_runs_without_the_output_that_it_waits_for() -> None:
    plan = [_step("a"), _step("b", OutputHandle("a", "left")), _step("c", OutputHandle("a", "right"))]
    run = _run(plan, _outcome("a", "success", ("left", None)))
    assert (progress_of(run).unfinished, progress_of(run).never_run) == (("b",), ("c",))  # type: ignore[union-attr]


def test_one_of_several_outputs_is_enough_for_a_step_that_collects() -> None:
    plan = [_step("a"), _step("b"), _step("c", "a", "b", is_fan_in=True)]
    assert not has_last_word(_run(plan, _outcome("a", "success"), _outcome("b", "skipped")))
    assert has_last_word(_run(plan, _outcome("a", "skipped"), _outcome("b", "skipped")))


def test_a_blocking_check_without_a_result_holds_nobody_up() -> None:
    plan = [_step("a"), _step("b", OutputHandle("a", "check", is_check=True))]
    assert not has_last_word(_run(plan, _outcome("a", "success")))


DYNAMIC = [
    _step("split", is_dynamic=True),
    _step("double[?]", "split"),
    _step("again[?]", "double[?]"),
    _step("add", "again[?]"),
]
SPLIT = _outcome("split", "success", ("result", "x"), ("result", "y"))


def test_a_multiplied_step_is_as_many_steps_as_there_are_keys() -> None:
    run = _run(DYNAMIC, SPLIT, _outcome("double[x]", "success"))
    assert progress_of(run).unfinished == ("add", "again[x]", "again[y]", "double[y]")  # type: ignore[union-attr]


def test_one_failed_of_the_multiplied_ends_what_collects_them() -> None:
    done = [_outcome("double[x]", "failure"), _outcome("double[y]", "success"), _outcome("again[y]", "success")]
    run = _run(DYNAMIC, SPLIT, *done)
    assert has_last_word(run)
    assert progress_of(run).never_run == ("add", "again[x]")  # type: ignore[union-attr]


def test_multiplied_by_zero_what_collects_still_runs() -> None:
    run = _run(DYNAMIC, _outcome("split", "success", ("other", None)))
    assert progress_of(run).unfinished == ("add",)  # type: ignore[union-attr]


def test_before_the_keys_are_known_the_run_goes_on() -> None:
    assert not has_last_word(_run(DYNAMIC, _outcome("split", "started")))


def test_steps_of_the_run_that_is_taken_up_again_have_ended_well() -> None:
    assert not has_last_word(_run([_step("b", "a")]))


def test_a_run_that_ended_has_its_last_word_whatever_its_steps_say() -> None:
    assert has_last_word(_run([_step("a")], _outcome("a", "started"), status="FAILURE"))


def test_a_run_without_a_plan_goes_on_until_it_ends() -> None:
    assert not has_last_word(_run([]))
    assert has_last_word(_run([], status="SUCCESS"))
