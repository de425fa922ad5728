"""Every exercise takes its solution, and answers wrong ones with a hint, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from notebook_runs import NOTEBOOKS, SOURCES, STAGES, read
from notebooks.wrong_answers import WRONG_ANSWERS
from qalita_walkthrough.exercises import exercises_of, judge
from qalita_walkthrough.exercises.checking import NOT_ANSWERED, NOT_YET, OTHER_KIND, RIGHT

if TYPE_CHECKING:
    from pathlib import Path

ASKED = re.compile(r'^check\("(\d\d\.\d+)", answer\)$', re.MULTILINE)
NUMBERS = [number for stage in STAGES for number in exercises_of(stage[:2])]
WRONG = [(number, answer) for number, answers in WRONG_ANSWERS.items() for answer in answers]


def said(stage: str, folder: str) -> dict[str, str]:
    """Number → what the check cell printed."""
    cells = [cell for cell in read(NOTEBOOKS / folder / f"{stage}.ipynb").cells if cell.cell_type == "code"]
    found = [(ASKED.search(cell.source), cell) for cell in cells]
    return {match[1]: "".join(one.text for one in cell.outputs) for match, cell in found if match}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_stage_asks_at_least_two_exercises_and_all_that_it_has(source: Path) -> None:
    asked = ASKED.findall(source.read_text(encoding="utf-8"))
    assert len(asked) >= 2
    assert asked == list(exercises_of(source.stem[:2]))


@pytest.mark.parametrize("stage", STAGES)
def test_the_solution_is_right(stage: str) -> None:
    assert {number: text.startswith(f"{RIGHT.english} ") for number, text in said(stage, "solutions").items()} == (
        dict.fromkeys(exercises_of(stage[:2]), True)
    )


@pytest.mark.parametrize("stage", STAGES)
def test_a_learner_s_notebook_is_not_answered_yet(stage: str) -> None:
    assert set(said(stage, "").values()) == {f"{NOT_ANSWERED.english}\n"}


@pytest.mark.parametrize("number", NUMBERS)
def test_at_least_two_wrong_answers_are_tried(number: str) -> None:
    assert len(WRONG_ANSWERS.get(number, [])) >= 2


@pytest.mark.parametrize(("number", "answer"), WRONG)
def test_a_wrong_answer_gets_a_hint_of_its_own(number: str, answer: object) -> None:
    verdict = judge(number, answer)
    assert not verdict.is_right
    first, hint = verdict.words
    assert first == NOT_YET
    assert hint != OTHER_KIND
    assert hint.english != hint.french
    assert min(map(len, hint)) > 20


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("answer", [None, object(), [], "", float("nan")])
def test_an_answer_of_another_kind_is_no_error(number: str, answer: object) -> None:
    assert not judge(number, answer).is_right


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_to_be_remembered_is_said_in_both_languages(number: str) -> None:
    remember = exercises_of(number[:2])[number].remember
    assert remember.english != remember.french
    assert min(map(len, remember)) > 10
