"""Start here: one query, and who does what."""

from qalita_walkthrough.exercises.checking import Exercise, expect
from qalita_walkthrough.languages import Words

EXERCISES = {
    "00.1": Exercise(
        expect(
            5,
            Words(
                "Count each country once: `count(distinct country)` on `seeds/stations.csv`.",
                "Comptez chaque pays une seule fois : `count(distinct country)` sur `seeds/stations.csv`.",
            ),
            near={
                15: Words(
                    "15 is the number of stations; several of them stand in the same country.",
                    "15 est le nombre de stations ; plusieurs se trouvent dans le même pays.",
                ),
                2: Words(
                    "The measurements name few of their countries. Ask `seeds/stations.csv`.",
                    "Les mesures ne nomment que peu de pays. Interrogez `seeds/stations.csv`.",
                ),
            },
        ),
        Words(
            "15 stations in 5 countries: now you can ask any file of this project.",
            "15 stations dans 5 pays : vous savez maintenant interroger tous les fichiers de ce projet.",
        ),
    ),
    "00.2": Exercise(
        expect(
            "dbt",
            Words(
                "Look at the picture once more: which step comes just before QALITA?",
                "Regardez encore le schéma : quelle étape vient juste avant QALITA ?",
            ),
            near={
                "QALITA": Words(
                    "QALITA keeps, scores and follows what was found. Somebody else has found it.",
                    "QALITA conserve, note et suit ce qui a été trouvé. C’est un autre outil qui l’a trouvé.",
                ),
                "DuckDB": Words(
                    "DuckDB holds the tables and answers queries. It doesn't know what is expected of them.",
                    "DuckDB contient les tables et répond aux requêtes. Il ne sait pas ce que l’on attend d’elles.",
                ),
                "Dagster": Words(
                    "Dagster says when a step runs. It is not needed to test the data.",
                    "Dagster décide quand une étape s’exécute. On peut tester les données sans lui.",
                ),
            },
        ),
        Words(
            "dbt tests, QALITA remembers.",
            "dbt teste, QALITA s’en souvient.",
        ),
    ),
}
