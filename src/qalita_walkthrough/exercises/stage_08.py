"""Your own data: a query for a test, where a dimension comes from, and what a run can't know."""

from typing import Any

from qalita_walkthrough.exercises.checking import Exercise, expect
from qalita_walkthrough.languages import Words

TWICE = {"2017-05-06", "garden"}


def _find_hint_of_twice(answer: Any) -> Words | None:
    rows = [{str(cell) for cell in row} for row in answer.rows]
    if len(rows) == 1 and rows[0] >= TWICE:
        return None
    if not rows:
        return Words(
            "No row, so this test would pass. Group by `day` and `gauge`, and keep the groups with `count(*) > 1`.",
            "Aucune ligne : ce test réussirait. Groupez par `day` et `gauge`, et gardez les groupes où `count(*) > 1`.",
        )
    if len(rows) > 1:
        return Words(
            f"{len(rows)} rows, and only one pair comes twice. Group by both, `day` and `gauge`.",
            f"{len(rows)} lignes, et un seul couple apparaît deux fois. Groupez par les deux, `day` et `gauge`.",
        )
    return Words(
        "One row, and not the one with `day` and `gauge` of the measurement that is there twice.",
        "Une ligne, mais pas celle qui donne le `day` et le `gauge` de la mesure présente deux fois.",
    )


EXERCISES = {
    "08.1": Exercise(
        _find_hint_of_twice,
        Words(
            "Put it into a file in `tests/`, with `ref('rain')` for the table, and it is a check.",
            "Mettez-la dans un fichier de `tests/`, avec `ref('rain')` pour la table, et c’est une vérification.",
        ),
    ),
    "08.2": Exercise(
        expect(
            "reasonability",
            Words(
                "Look at the table of dimensions in docs/scoring.md: its last row is about any other test.",
                "Voyez le tableau des dimensions dans docs/scoring.md : sa dernière ligne parle de tout autre test.",
            ),
            near={
                "consistency": Words(
                    "It has this one because `meta` says so. QALITA can't guess it from a query.",
                    "Il a celle-ci parce que `meta` le dit. QALITA ne peut pas la deviner d’après une requête.",
                ),
                "validity": Words(
                    "Validity is for kinds of tests that QALITA knows, such as `accepted_values`.",
                    "La validité est pour les types de tests que QALITA connaît, comme `accepted_values`.",
                ),
            },
        ),
        Words(
            "Any test that QALITA doesn't know by its kind. A word in `meta` says it better.",
            "Tout test dont QALITA ne connaît pas le type. Un mot dans `meta` le dit mieux.",
        ),
    ),
    "08.3": Exercise(
        expect(
            1,
            Words(
                'Ask for them: `ask("/api/v2/issues", project="my_rain", status="open")`.',
                'Demandez-les : `ask("/api/v2/issues", project="my_rain", status="open")`.',
            ),
            near={
                0: Words(
                    "dbt's three are resolved. But who has run the check without dbt again?",
                    "Les trois de dbt sont résolus. Mais qui a relancé la vérification sans dbt ?",
                ),
                4: Words(
                    "Four is how many there are in all, with the resolved ones.",
                    "Quatre, c’est le total, avec ceux qui sont résolus.",
                ),
                3: Words(
                    "Three is how many dbt's run has resolved.",
                    "Trois, c’est le nombre de tickets résolus par l’exécution de dbt.",
                ),
            },
        ),
        Words(
            "The check without dbt: the roof was not read on 6 May, and no run has looked since.",
            "La vérification sans dbt : le toit n’a pas été relevé le 6 mai, et aucune exécution n’a regardé depuis.",
        ),
    ),
}
