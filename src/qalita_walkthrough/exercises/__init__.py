"""The exercises of each stage, and what is said to an answer.

`check("01.2", answer)` looks at exercise 2 of stage 01, which stands in `stage_01.py`.
"""

from qalita_walkthrough.exercises.checking import check, exercises_of, judge

__all__ = ["check", "exercises_of", "judge"]
