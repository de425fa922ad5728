"""CI and larger data: an exit status, one month of many, and what doesn't grow."""

from qalita_walkthrough.exercises.checking import Exercise, expect
from qalita_walkthrough.languages import Words

EXERCISES = {
    "09.1": Exercise(
        expect(
            3,
            Words(
                "Look at the table of exit statuses: in which case is the run kept, to go with the next one?",
                "Regardez le tableau des codes de sortie : dans quel cas l’exécution partira-t-elle avec la suivante ?",
            ),
            near={
                5: Words(
                    "5 means that the data is not good enough. That should stop the change, not only warn.",
                    "5 : les données ne sont pas assez bonnes. Cela doit arrêter la modification, et non avertir.",
                ),
                4: Words(
                    "4 means that QALITA refused the run: sending it again won't help, somebody has to look.",
                    "4 signifie que QALITA a refusé l’exécution : la renvoyer ne sert à rien, quelqu’un doit regarder.",
                ),
                0: Words(
                    "With 0 all is well; there is nothing to warn of.",
                    "Avec 0, tout va bien ; il n’y a pas de quoi avertir.",
                ),
            },
        ),
        Words(
            "A server that is away for an hour should not keep anybody from working: the run waits in the outbox.",
            "Un serveur absent pendant une heure ne doit bloquer personne : l’exécution attend dans la boîte d’envoi.",
        ),
    ),
    "09.2": Exercise(
        expect(
            12000,
            Words(
                "Count the rows of 'months/month=2016-09/*.parquet' in which `value` is below 0.",
                "Comptez les lignes de « months/month=2016-09/*.parquet » dont `value` est inférieure à 0.",
            ),
            near={
                60: Words(
                    "60 is the count in the small data. Read the folder of the month instead.",
                    "60 est le compte des petites données. Lisez plutôt le dossier du mois.",
                ),
                432000: Words(
                    "These are all rows of the month. Add `where value < 0`.",
                    "Ce sont toutes les lignes du mois. Ajoutez `where value < 0`.",
                ),
                0: Words(
                    "There are none in the other months. The folder is called `month=2016-09`.",
                    "Il n’y en a pas dans les autres mois. Le dossier s’appelle `month=2016-09`.",
                ),
            },
        ),
        Words(
            "60 in each of 200 networks make 12,000, and DuckDB has opened no other month to find them.",
            "60 dans chacun des 200 réseaux font 12 000, et DuckDB n’a ouvert aucun autre mois pour les trouver.",
        ),
    ),
    "09.3": Exercise(
        expect(
            26,
            Words(
                "How many results were sent for 200 networks? Is there a reason to have more tests?",
                "Combien de résultats ont été envoyés pour 200 réseaux ? Y a-t-il une raison d’avoir plus de tests ?",
            ),
            near={
                52: Words(
                    "The rows double, not the tests: there is one result for each test.",
                    "Ce sont les lignes qui doublent, pas les tests : il y a un résultat par test.",
                ),
                6382000: Words(
                    "That is how many rows would be tested. Rows stay where they are.",
                    "C’est le nombre de lignes qui seraient testées. Les lignes restent où elles sont.",
                ),
                400: Words(
                    "A network is not a result. There is one for each test.",
                    "Un réseau n’est pas un résultat. Il y en a un par test.",
                ),
            },
        ),
        Words(
            "One result for each test, whatever the size of the table.",
            "Un résultat par test, quelle que soit la taille de la table.",
        ),
    ),
}
