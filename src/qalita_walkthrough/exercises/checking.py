"""An answer → one line: right, or a hint, or that it is still to come."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from math import isclose
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from qalita_walkthrough.languages import Words
from qalita_walkthrough.plain_errors import WalkthroughError
from qalita_walkthrough.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOT_ANSWERED = Words(
    "Not answered yet: put your answer in place of the three dots, then run both cells.",
    "Pas encore de réponse : remplacez les trois points par la vôtre, puis exécutez les deux cellules.",
)
RIGHT = Words("Right.", "C’est juste.")
NOT_YET = Words("Not yet.", "Pas encore.")
OTHER_KIND = Words(
    "The answer is of another kind than what was asked for; read the question once more.",
    "La réponse n’est pas du type attendu ; relisez la question.",
)


@dataclass(frozen=True)
class Exercise:
    """`find_hint` takes an answer and returns None when it is right; what it raises means an answer of another kind.

    `remember` is said with "Right.": what the exercise was for.
    """

    find_hint: Callable[[Any], Words | None]
    remember: Words


@dataclass(frozen=True)
class Verdict:
    is_right: bool
    words: tuple[Words, ...]

    def __str__(self) -> str:
        return " ".join(map(str, self.words))


def exercises_of(stage: str) -> Mapping[str, Exercise]:
    """Number ("01.2") → exercise, of the stage "01"."""
    exercises: Mapping[str, Exercise] = import_module(f"qalita_walkthrough.exercises.stage_{stage}").EXERCISES
    return exercises


def check(number: str, answer: object) -> None:
    """Print what is to be said to the answer of exercise `number`, such as "01.2"."""
    print(judge(number, answer))


def judge(number: str, answer: object) -> Verdict:
    """A table with a single value is taken as that value."""
    exercise = _find(number)
    if isinstance(answer, EllipsisType):
        return Verdict(is_right=False, words=(NOT_ANSWERED,))
    try:
        hint = exercise.find_hint(_plain(answer))
    except (TypeError, ValueError, AttributeError, LookupError):
        hint = OTHER_KIND
    if hint is None:
        return Verdict(is_right=True, words=(RIGHT, exercise.remember))
    return Verdict(is_right=False, words=(NOT_YET, hint))


def _find(number: str) -> Exercise:
    try:
        return exercises_of(number.partition(".")[0])[number]
    except (ImportError, KeyError):
        raise WalkthroughError(f"there is no exercise {number}") from None


def _plain(answer: object) -> object:
    is_one_value = isinstance(answer, Table) and len(answer.rows) == len(answer.columns) == 1
    return answer.value if is_one_value and isinstance(answer, Table) else answer


def expect(right: object, otherwise: Words, near: Mapping[Any, Words] | None = None) -> Callable[[Any], Words | None]:
    """A judge for one value: text without regard to blanks and case, numbers to six digits, sets of texts.

    `near` has a hint of its own for each wrong answer that can be foreseen.
    """

    def find_hint(answer: Any) -> Words | None:
        if _same(answer, right):
            return None
        return next((hint for wrong, hint in (near or {}).items() if _same(answer, wrong)), otherwise)

    return find_hint


def _same(answer: Any, other: Any) -> bool:
    if isinstance(other, bool) or isinstance(answer, bool):
        return answer is other
    if isinstance(other, int | float):
        # A text that is not a number is another kind of answer; the caller says so.
        return isclose(float(answer), other, rel_tol=1e-6)
    if isinstance(other, str):
        return " ".join(str(answer).split()).casefold() == " ".join(other.split()).casefold()
    if isinstance(other, set | frozenset):
        return {str(one).strip().casefold() for one in answer} == {str(one).strip().casefold() for one in other}
    return bool(answer == other)
