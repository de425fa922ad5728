"""Seed and staging: what was converted, what was filled in, and what is said of a value that can't be read."""

from qalita_walkthrough.exercises.checking import Exercise, expect
from qalita_walkthrough.languages import Words

EXERCISES = {
    "02.1": Exercise(
        expect(
            6007,
            Words(
                "Ask `stg_airquality`: `count(value)`, where `original_unit` is `'kg/m3'`.",
                "Interrogez `stg_airquality` : `count(value)`, là où `original_unit` vaut `'kg/m3'`.",
            ),
            near={
                6240: Words(
                    "6,240 came in kilograms, but 233 of them without a value. `count(value)` leaves those out.",
                    "6 240 sont arrivées en kilogrammes, dont 233 sans valeur. `count(value)` écarte ces dernières.",
                ),
                9144: Words(
                    "These were micrograms already. Ask for `'kg/m3'`.",
                    "Celles-ci étaient déjà en microgrammes. Demandez `'kg/m3'`.",
                ),
                0: Words(
                    "`unit` is what staging made of it. The unit of the source is in `original_unit`.",
                    "`unit` est ce que le staging en a fait. L’unité de la source est dans `original_unit`.",
                ),
            },
        ),
        Words(
            "6,007 values were multiplied by a thousand million. One factor, written in one place.",
            "6 007 valeurs ont été multipliées par un milliard. Un seul facteur, écrit à un seul endroit.",
        ),
    ),
    "02.2": Exercise(
        expect(
            6240,
            Words(
                "Count the rows of `opendata_airquality` in which `city` is null.",
                "Comptez les lignes de `opendata_airquality` où `city` est nulle.",
            ),
            near={
                9715: Words(
                    "These rows have a city of their own. How many have none?",
                    "Ces lignes ont leur propre ville. Combien n’en ont pas ?",
                ),
                0: Words(
                    "In staging every measurement has a city already. Ask the seed, `opendata_airquality`.",
                    "Dans le staging, chaque mesure a déjà une ville. Interrogez le seed, `opendata_airquality`.",
                ),
                15: Words(
                    "15 is the number of stations. Count measurements.",
                    "15 est le nombre de stations. Comptez les mesures.",
                ),
            },
        ),
        Words(
            "6,240 measurements would belong to no city. A table of 15 rows helps them all.",
            "Sans cela, 6 240 mesures n’appartiendraient à aucune ville. Une table de 15 lignes leur suffit.",
        ),
    ),
    "02.3": Exercise(
        expect(
            "unparsable",
            Words(
                "Go through the five lines from the top, with the value `7 to 8`. Which is the first that fits?",
                "Parcourez les cinq lignes depuis le haut, avec la valeur `7 to 8`. Laquelle convient la première ?",
            ),
            near={
                "missing": Words(
                    "Something was written there, so it is not missing. But is it a number?",
                    "Quelque chose est écrit, la valeur ne manque donc pas. Mais est-ce un nombre ?",
                ),
                "unknown_unit": Words(
                    "`kg/m3` can be converted. Look at the value.",
                    "`kg/m3` se convertit. Regardez la valeur.",
                ),
                "ok": Words(
                    "`ok` is left for what fits no other line, and `7 to 8` is no number.",
                    "`ok` reste à ce qui ne convient à aucune autre ligne, et `7 to 8` n’est pas un nombre.",
                ),
            },
        ),
        Words(
            "It can't be read, and staging says so instead of guessing. A test then tells you of it.",
            "On ne peut pas la lire, et le staging le dit au lieu de deviner. Un test vous en avertira.",
        ),
    ),
}
