"""Ingest: the score by hand, what counts once, and what an exit status says."""

from qalita_walkthrough.exercises.checking import Exercise, expect
from qalita_walkthrough.languages import Words

# Of 7 / 9, with and without rounding up, from two digits to five.
ROUNDED = (0.77, 0.777, 0.7777, 0.77777, 0.78, 0.778, 0.7778, 0.77778)
NOT_ROUNDED = Words(
    "Well computed, and then rounded. Give the division itself, `… / …`, and leave the digits to Python.",
    "Bien calculé, puis arrondi. Donnez la division elle-même, `… / …`, et laissez les décimales à Python.",
)
AS_PERCENTAGE = Words(
    "The number is right as a percentage. Give it from 0 to 1.",
    "Le nombre est juste en pour cent. Donnez-le de 0 à 1.",
)

EXERCISES = {
    "05.1": Exercise(
        expect(
            7 / 9,
            Words(
                "Add up weight × value, divide by the sum of the weights. A check of severity warn weighs one half.",
                "Additionnez poids × valeur, divisez par la somme des poids. Une vérification warn pèse ½.",
            ),
            near={
                0.75: Words(
                    "All ten weigh the same in your mean. The two of severity warn weigh one half each.",
                    "Dans votre moyenne, les dix pèsent autant. Les deux de sévérité warn pèsent chacune un demi.",
                ),
                0.7: Words(
                    "The weights of the two belong below the line as well: 8 + ½ + ½.",
                    "Les poids de ces deux-là comptent aussi au dénominateur : 8 + ½ + ½.",
                ),
                0.6: Words(
                    "You counted only what passed. A warning is worth one half.",
                    "Vous n’avez compté que les réussites. Un avertissement vaut un demi.",
                ),
                **dict.fromkeys(ROUNDED, NOT_ROUNDED),
                **dict.fromkeys((78, 77.8, 77.78, 700 / 9), AS_PERCENTAGE),
            },
        ),
        Words(
            "7 of 9, that is 77.8 %. Any score in QALITA can be checked like this.",
            "7 sur 9, soit 77,8 %. Tous les scores de QALITA se vérifient ainsi.",
        ),
    ),
    "05.2": Exercise(
        expect(
            138,
            Words(
                "Add up the `counts` of all runs that `ask` tells of.",
                "Additionnez les `counts` de toutes les exécutions que donne `ask`.",
            ),
            near={
                207: Words(
                    "That would be three times 69. The second delivery into `dev` was known already.",
                    "Ce serait trois fois 69. La deuxième livraison dans `dev` était déjà connue.",
                ),
                69: Words(
                    "69 are those of one environment. There are two.",
                    "69, ce sont ceux d’un seul environnement. Il y en a deux.",
                ),
                2: Words(
                    "2 is the number of runs. Each of them holds many results.",
                    "2 est le nombre d’exécutions. Chacune contient beaucoup de résultats.",
                ),
            },
        ),
        Words(
            "Two environments with 69 results each. The delivery that came twice was counted once.",
            "Deux environnements de 69 résultats chacun. La livraison arrivée deux fois n’a compté qu’une fois.",
        ),
    ),
    "05.3": Exercise(
        expect(
            "kept",
            Words(
                "One of three words: `delivered`, `kept` or `lost`. What did `status` say when the server was down?",
                "Un mot parmi trois : `delivered`, `kept` ou `lost`. Que disait `status`, le serveur arrêté ?",
            ),
            near={
                "lost": Words(
                    "Nothing is lost: a run is written to the disk before it is sent.",
                    "Rien n’est perdu : une exécution est écrite sur le disque avant d’être envoyée.",
                ),
                "delivered": Words(
                    "Delivered would be exit status 0.",
                    "« Livrés », ce serait le code de sortie 0.",
                ),
            },
        ),
        Words(
            "The run waits in the outbox, and the next ingest takes it along.",
            "L’exécution attend dans la boîte d’envoi, et la prochaine ingestion l’emporte.",
        ),
    ),
}
