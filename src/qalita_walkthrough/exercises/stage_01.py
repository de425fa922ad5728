"""The open data: what is missing, what is written differently, what is large."""

from qalita_walkthrough.exercises.checking import Exercise, expect
from qalita_walkthrough.languages import Words

EXERCISES = {
    "01.1": Exercise(
        expect(
            804,
            Words(
                "Count the rows of `hours` in which `number` is null: `count(*) - count(number)`.",
                "Comptez les lignes de `hours` où `number` est nul : `count(*) - count(number)`.",
            ),
            near={
                150: Words(
                    "150 is only what was left empty. `NA` and `nan` are no values either.",
                    "150, ce ne sont que les valeurs laissées vides. `NA` et `nan` ne sont pas non plus des valeurs.",
                ),
                571: Words(
                    "`NA` and the empty ones make 571. `nan` looks like a number to DuckDB, and is none.",
                    "`NA` et les valeurs vides font 571. `nan` ressemble à un nombre pour DuckDB, sans en être un.",
                ),
                15151: Words(
                    "These are the rows with a value. How many are there without one?",
                    "Ce sont les lignes qui ont une valeur. Combien n’en ont pas ?",
                ),
            },
        ),
        Words(
            "421 `NA`, 233 `nan` and 150 empty make 804: about one row in twenty.",
            "421 `NA`, 233 `nan` et 150 vides font 804 : environ une ligne sur vingt.",
        ),
    ),
    "01.2": Exercise(
        expect(
            {"µg/m3", "µg/m³"},
            Words(
                "Two of the three are micrograms; they differ in the last character only.",
                "Deux des trois sont des microgrammes ; seul le dernier caractère diffère.",
            ),
            near={
                frozenset({"kg/m3", "µg/m3"}): Words(
                    "A kilogram is a thousand million micrograms: these two are far from the same.",
                    "Un kilogramme vaut un milliard de microgrammes : ces deux-là sont loin d’être la même unité.",
                ),
                frozenset({"kg/m3", "µg/m3", "µg/m³"}): Words(
                    "Two of them, not all three: one is a thousand million times as large.",
                    "Deux d’entre elles, pas les trois : l’une est un milliard de fois plus grande.",
                ),
            },
        ),
        Words(
            "A person sees one unit, a `group by` sees two. Staging gives all of them one spelling.",
            "Un humain voit une seule unité, un `group by` en voit deux. Le staging leur donne une même écriture.",
        ),
    ),
    "01.3": Exercise(
        expect(
            891,
            Words(
                "Take the `max` of `number` in `hours`, where the location is `Chatelet` and the parameter `pm10`.",
                "Prenez le `max` de `number` dans `hours`, là où `location` vaut `Chatelet` et `parameter` `pm10`.",
            ),
            near={
                691: Words(
                    "This is the largest value of NO. Ask for `pm10`.",
                    "C’est la plus grande valeur de NO. Demandez `pm10`.",
                ),
                99: Words(
                    'As texts, "99" comes after "891". Take the column `number`.',
                    "Comparé comme du texte, « 99 » vient après « 891 ». Prenez la colonne `number`.",
                ),
            },
        ),
        Words(
            "891 µg/m³ is a real measurement of underground air. A check on such values should warn, not fail.",
            "891 µg/m³ est une vraie mesure d’air souterrain. Ici, une vérification doit avertir, pas échouer.",
        ),
    ),
}
