"""Tests: look into a failure table, read limits, and write a query for what must not be."""

from qalita_walkthrough.exercises.checking import Exercise, expect
from qalita_walkthrough.languages import Words

EXERCISES = {
    "04.1": Exercise(
        expect(
            64,
            Words(
                "Ask `main_dbt_test__audit.no_gap_longer_than_24_hours`: the largest `gap_hours` of `Del Norte`.",
                "Dans `main_dbt_test__audit.no_gap_longer_than_24_hours` : le plus grand `gap_hours` de `Del Norte`.",
            ),
            near={
                86: Words(
                    "86 hours is the longest gap of all, and it is at Châtelet. Keep the rows of `Del Norte` only.",
                    "86 heures, c’est le plus long trou de tous, et il est à Châtelet. Ne gardez que `Del Norte`.",
                ),
                24: Words(
                    "24 hours is the limit of the test. The rows are the gaps beyond it.",
                    "24 heures, c’est la limite du test. Les lignes sont les trous qui la dépassent.",
                ),
            },
        ),
        Words(
            "64 hours without a value: the table of a test tells where and when, not only how many.",
            "64 heures sans valeur : la table d’un test dit où et quand, pas seulement combien.",
        ),
    ),
    "04.2": Exercise(
        expect(
            "warn",
            Words(
                "Compare 60 with its two limits: `warn_if` is `>0`, `error_if` is `>100`.",
                "Comparez 60 à ses deux limites : `warn_if` vaut `>0`, `error_if` vaut `>100`.",
            ),
            near={
                "fail": Words(
                    "Its severity is `error`, but only from `error_if` on: above 100. Is 60 above 100?",
                    "Sa sévérité est `error`, mais seulement selon `error_if` : plus de 100. 60 dépasse-t-il 100 ?",
                ),
                "pass": Words(
                    "It passes only when it finds nothing: `warn_if` is `>0`.",
                    "Il ne passe que s’il ne trouve rien : `warn_if` vaut `>0`.",
                ),
            },
        ),
        Words(
            "60 is above 0 and not above 100: a warning. Two limits leave room between a look and an alarm.",
            "60 dépasse 0 mais pas 100 : un avertissement. Deux limites distinguent le coup d’œil de l’alarme.",
        ),
    ),
    "04.3": Exercise(
        expect(
            2,
            Words(
                "Take the rows of `no2`, `group by location`, and keep what has `avg(value) > 20`, with `having`.",
                "Prenez les lignes de `no2`, `group by location`, et gardez ce qui a `avg(value) > 20`, avec `having`.",
            ),
            near={
                10: Words(
                    "10 stations have a value above 20 at some time. The mean of a station is asked for.",
                    "10 stations ont dépassé 20 à un moment donné. C’est la moyenne de la station qui compte.",
                ),
                2929: Words(
                    "These are single hours. One row for each station: `group by location`.",
                    "Ce sont des heures isolées. Une ligne par station : `group by location`.",
                ),
                12: Words(
                    "These stations are fine. A test looks for those that are not.",
                    "Ces stations sont conformes. Un test cherche celles qui ne le sont pas.",
                ),
            },
        ),
        Words(
            "Châtelet and Ostrava. In a file of `tests/`, this query is a test: you have written your first one.",
            "Châtelet et Ostrava. Dans un fichier de `tests/`, cette requête est un test : votre premier.",
        ),
    ),
}
