"""Marts: read a row, count what is left out, and a mean that is not the mean."""

from __future__ import annotations

from typing import Any

from qalita_walkthrough.exercises.checking import Exercise, expect
from qalita_walkthrough.languages import Words

MEAN_OF_DAYS, MEAN_IN_MART = 3.51, 3.77


def judge_mean_of_days(answer: Any) -> Words | None:
    """To two digits after the point, because that is what was asked for."""
    given = round(float(answer), 2)
    if given == MEAN_OF_DAYS:
        return None
    if given == MEAN_IN_MART:
        return Words(
            "That is the mean of all values, as in the mart. Take the mean of each day first, then the mean of these.",
            "C’est la moyenne de toutes les valeurs, celle du mart. Prenez d’abord la moyenne de chaque jour, puis la "
            "moyenne de celles-ci.",
        )
    return Words(
        "Group the rows of `stg_airquality` by `cast(measured_at as date)`, and take the mean of those means.",
        "Groupez les lignes de `stg_airquality` par `cast(measured_at as date)`, et prenez la moyenne de ces moyennes.",
    )


EXERCISES = {
    "03.1": Exercise(
        expect(
            "Paris",
            Words(
                "Take the rows with `parameter = 'no2'`, the highest `p95_value` first.",
                "Prenez les lignes où `parameter = 'no2'`, le `p95_value` le plus élevé d’abord.",
            ),
            near={
                "Chatelet": Words(
                    "That is the station. In which city is it?",
                    "C’est la station. Dans quelle ville est-elle ?",
                ),
                "Ostrava": Words(
                    "Ostrava has the highest one in June 2017. One city of another season is above it.",
                    "Ostrava a le plus élevé de juin 2017. Une ville d’une autre saison la dépasse.",
                ),
                "Zürich": Words(
                    "Zürich is the third. Sort from the highest to the lowest: `order by p95_value desc`.",
                    "Zürich est la troisième. Triez du plus élevé au plus bas : `order by p95_value desc`.",
                ),
            },
        ),
        Words(
            "Paris, with 56 µg/m³: a metro platform in autumn. Don't compare it with a street in June.",
            "Paris, avec 56 µg/m³ : un quai de métro en automne. Ne le comparez pas à une rue en juin.",
        ),
    ),
    "03.2": Exercise(
        expect(
            804,
            Words(
                "For each row it is `measurement_count - usable_count`. Add them up with `sum`.",
                "Pour chaque ligne, c’est `measurement_count - usable_count`. Additionnez-les avec `sum`.",
            ),
            near={
                15151: Words(
                    "These are the usable ones. How many were left out?",
                    "Ce sont celles qui sont utilisables. Combien ont été écartées ?",
                ),
                15955: Words(
                    "These are all measurements. How many were left out?",
                    "Ce sont toutes les mesures. Combien ont été écartées ?",
                ),
                150: Words(
                    "150 is Albuquerque alone. Add up all rows.",
                    "150, c’est Albuquerque seule. Additionnez toutes les lignes.",
                ),
            },
        ),
        Words(
            "804, as in the files and in staging: the same number at each step is a good sign.",
            "804, comme dans les fichiers et dans le staging : le même nombre à chaque étape est bon signe.",
        ),
    ),
    "03.3": Exercise(
        judge_mean_of_days,
        Words(
            "3.51, and the mart says 3.77. A day with one value counts here as much as a whole day: two different "
            "questions, so say which mean you mean.",
            "3,51, et le mart dit 3,77. Ici, un jour d’une seule valeur compte autant qu’un jour entier : ce sont deux "
            "questions différentes ; dites donc de quelle moyenne vous parlez.",
        ),
    ),
}
