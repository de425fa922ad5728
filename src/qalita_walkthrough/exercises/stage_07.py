"""Dagster: what a gate stops, what it goes by, and where a count is kept."""

from qalita_walkthrough.exercises.checking import Exercise, expect
from qalita_walkthrough.languages import Words

EXERCISES = {
    "07.1": Exercise(
        expect(
            {"airquality_report"},
            Words(
                "Take the names of the good run, and leave out those of the bad one: `made(good) - made(bad)`.",
                "Prenez les noms de la bonne exécution, et retirez ceux de la mauvaise : `made(good) - made(bad)`.",
            ),
            near={
                frozenset(): Words(
                    "Nothing is left when the good run is taken off the bad one. Turn it round.",
                    "Il ne reste rien quand on retire la bonne exécution de la mauvaise. Inversez les deux.",
                ),
                frozenset({"airquality_metrics", "airquality_report"}): Words(
                    "The metrics were made; the gate looks at them, and stops what comes after.",
                    "Les métriques ont été produites ; le seuil les examine, et arrête ce qui vient après.",
                ),
            },
        ),
        Words(
            "The gate stops what is behind it; what is in front of it is there to be looked into.",
            "Le seuil arrête ce qui le suit ; ce qui le précède reste là pour que l’on cherche la cause.",
        ),
    ),
    "07.2": Exercise(
        expect(
            "issues_stop",
            Words(
                "Read the descriptions once more: which setting speaks of failed checks and their issues?",
                "Relisez les descriptions : quel réglage parle des vérifications en échec et de leurs tickets ?",
            ),
            near={
                "minimum_score": Words(
                    "That is a number, the least score. It was reached; something else has stopped the data.",
                    "C’est un nombre, le score minimal. Il était atteint ; autre chose a arrêté les données.",
                ),
                "stops_without_qalita": Words(
                    "That one is about a QALITA that can't be asked. Here QALITA has answered.",
                    "Celui-ci concerne le cas où QALITA ne répond pas. Ici, QALITA a répondu.",
                ),
            },
        ),
        Words(
            "A score is a mean and forgives much. Think twice before you let only the score decide.",
            "Un score est une moyenne, et pardonne beaucoup. Réfléchissez bien avant de le laisser seul décider.",
        ),
    ),
    "07.3": Exercise(
        expect(
            60,
            Words(
                "Find `value_is_not_negative` in `bad.get_asset_check_evaluations()`, then look into its `metadata`.",
                "Cherchez `value_is_not_negative` dans `bad.get_asset_check_evaluations()`, puis ses `metadata`.",
            ),
            near={
                1: Words(
                    "One check failed; it found more than one row. Take `dagster_dbt/failed_row_count`.",
                    "Une vérification a échoué, sur plus d’une ligne. Prenez `dagster_dbt/failed_row_count`.",
                ),
                4: Words(
                    "4 is what `pm10_is_plausible` found. Ask `value_is_not_negative`.",
                    "4 est ce qu’a trouvé `pm10_is_plausible`. Interrogez `value_is_not_negative`.",
                ),
                14: Words(
                    "14 is what `station_has_measurements` found. Ask `value_is_not_negative`.",
                    "14 est ce qu’a trouvé `station_has_measurements`. Interrogez `value_is_not_negative`.",
                ),
            },
        ),
        Words(
            "60, as many as we had turned: what dbt counts, Dagster keeps beside the asset.",
            "60, autant que nous en avions inversé : ce que dbt compte, Dagster le garde à côté de l’asset.",
        ),
    ),
}
