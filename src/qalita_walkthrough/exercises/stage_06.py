"""Issues and scores over time: what is open, what failed twice, what comes back."""

from qalita_walkthrough.exercises.checking import Exercise, expect
from qalita_walkthrough.languages import Words

EXERCISES = {
    "06.1": Exercise(
        expect(
            6,
            Words(
                'Count them: `len(ask("/api/v2/issues", status="open"))`.',
                'Comptez-les : `len(ask("/api/v2/issues", status="open"))`.',
            ),
            near={
                7: Words(
                    "Seven findings are still there, but one of them is muted, and a muted issue is not open.",
                    "Sept constats sont toujours là, mais l’un est en sourdine : ce ticket n’est pas ouvert.",
                ),
                9: Words(
                    "Nine is how many there are in all: open, muted and resolved. Ask for the open ones.",
                    "Neuf, c’est le total : ouverts, en sourdine et résolus. Demandez ceux qui sont ouverts.",
                ),
            },
        ),
        Words(
            "Six open, one muted, two resolved: nine issues, and none was lost.",
            "Six ouverts, un en sourdine, deux résolus : neuf tickets, et aucun n’est perdu.",
        ),
    ),
    "06.2": Exercise(
        expect(
            "unit_is_micrograms",
            Words(
                "Its issue was opened by the second delivery and resolved by the fourth. Look at what `tell` printed.",
                "Ticket ouvert par la deuxième livraison, résolu par la quatrième : voyez ce que `tell` a affiché.",
            ),
            near={
                "value_is_not_negative": Words(
                    "It failed in one delivery only; the third had mended it.",
                    "Elle n’a échoué que dans une livraison ; la troisième l’avait réparée.",
                ),
                "clock_is_certain": Words(
                    "It warned in all four deliveries, and never failed.",
                    "Elle a donné un avertissement dans les quatre livraisons, et n’a jamais échoué.",
                ),
                "[QALITA] stg_airquality: unit_is_micrograms": Words(
                    "This is the title of the issue. The check's name is its last part.",
                    "C’est le titre du ticket. Le nom de la vérification en est la dernière partie.",
                ),
            },
        ),
        Words(
            "Two deliveries, one issue: it was counted, not doubled.",
            "Deux livraisons, un seul ticket : il a été compté, pas doublé.",
        ),
    ),
    "06.3": Exercise(
        expect(
            "reopen",
            Words(
                "One of three words: `open`, `reopen` or `ignore`. An issue belongs to a check.",
                "Un mot parmi trois : `open`, `reopen` ou `ignore`. Un ticket appartient à une vérification.",
            ),
            near={
                "open": Words(
                    "There is an issue of this check already, with its story and its comments.",
                    "Cette vérification a déjà un ticket, avec son histoire et ses commentaires.",
                ),
                "ignore": Words(
                    "This issue was never muted: the next finding counts.",
                    "Ce ticket n’a jamais été mis en sourdine : le prochain constat compte.",
                ),
            },
        ),
        Words(
            "The same issue comes back, with its number and its story. That a fault returns is worth knowing.",
            "Le même ticket revient, avec son numéro et son histoire. Qu’un défaut revienne, il est bon de le savoir.",
        ),
    ),
}
