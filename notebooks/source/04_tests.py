# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # 04 · Tests
#
# **Goal.** You know every kind of test that dbt has, and what it is good for. You break something, see a test fail, find the rows, and
# mend it. About 20 minutes.

# %% [markdown] id="title" lang="fr"
# # 04 · Les tests
#
# **Objectif.** Vous connaissez toutes les sortes de tests de dbt, et vous savez à quoi chacune sert. Vous cassez quelque chose, vous voyez un
# test échouer, vous trouvez les lignes en cause, et vous réparez. Environ 20 minutes.

# %% [markdown] id="load"
# ## What a test is
#
# A test is a query that looks for what must not be. It finds nothing: the test passes. It finds rows: these rows are wrong, or at least
# worth a look.
#
# We build the tables, then run all tests. Of what dbt prints we keep the last line, with the totals.

# %% [markdown] id="load" lang="fr"
# ## Ce qu’est un test
#
# Un test est une requête qui cherche ce qui ne doit pas être. Elle ne trouve rien : le test passe. Elle trouve des lignes : ces lignes sont
# fausses, ou méritent au moins un coup d’œil.
#
# Construisons les tables, puis exécutons tous les tests. De ce qu’affiche dbt, nous gardons la dernière ligne, celle des totaux.

# %% id="open"
import json
from collections import Counter
from pathlib import Path

from qalita_ingest import charts
from qalita_walkthrough import Table, check, open_workspace, query, show

open_workspace("04_tests")

# %% id="dbt-build"
# !dbt build --quiet --resource-type seed --resource-type model

# %% id="dbt-test"
# !dbt test | tail -n 1

# %% [markdown] id="dbt-test-seen"
# **What we see.** 69 tests: 62 passed, 7 warn, none failed (`ERROR=0`). We sort them by kind, from two files that dbt has just written.
# `manifest.json` says what each test is, `run_results.json` what it found. (Of the tests on data, only a generic one has `test_metadata`.)

# %% [markdown] id="dbt-test-seen" lang="fr"
# **Ce que l’on voit.** 69 tests : 62 ont réussi, 7 avertissent, aucun n’a échoué (`ERROR=0`). Classons-les par sorte, à partir de deux
# fichiers que dbt vient d’écrire. `manifest.json` dit ce qu’est chaque test, `run_results.json` ce qu’il a trouvé. (Parmi les tests sur les
# données, seuls les tests génériques ont un `test_metadata`.)

# %% id="kinds"
manifest = json.loads(Path("target/manifest.json").read_text(encoding="utf-8"))
found = json.loads(Path("target/run_results.json").read_text(encoding="utf-8"))["results"]
tests = manifest["nodes"] | manifest["unit_tests"]
OF_DBT = ("not_null", "unique", "accepted_values", "relationships")


def kind_of(test):
    if test["resource_type"] == "unit_test":
        return "unit test"
    generic = test.get("test_metadata")
    if not generic:
        return "singular"
    return "generic, of dbt" if generic["name"] in OF_DBT else "generic, our own"


kinds = Counter(kind_of(tests[result["unique_id"]]) for result in found)
show(
    charts.bar_chart(
        [charts.Bar(kind, count) for kind, count in sorted(kinds.items())],
        name="Tests of this project, by kind",
        quantity="tests (count)",
        names="kind of test",
    )
)

# %% [markdown] id="kinds-seen"
# **What we see.** Over half are generic tests that dbt brings along: 35. There are 19 generic ones of our own, 9 unit tests and 6 singular
# tests. Now we look at each kind in turn.

# %% [markdown] id="kinds-seen" lang="fr"
# **Ce que l’on voit.** Plus de la moitié sont des tests génériques fournis par dbt (`generic, of dbt`) : 35. S’y ajoutent 19 tests génériques bien à
# nous (`generic, our own`), 9 tests unitaires (`unit test`) et 6 tests singuliers (`singular`). Voyons maintenant chaque sorte tour à tour.

# %% [markdown] id="generic"
# ## Generic tests
#
# A *generic* test has a name and is applied to a column, in a YAML file (settings, as text) beside the models. dbt brings four of them:
#
# | test | the column… |
# |---|---|
# | `not_null` | …is never empty |
# | `unique` | …has no value twice |
# | `accepted_values` | …holds only values of a list |
# | `relationships` | …holds only what another table has as well |

# %% [markdown] id="generic" lang="fr"
# ## Les tests génériques
#
# Un test *générique* porte un nom et s’applique à une colonne, dans un fichier YAML (des réglages, en texte) à côté des modèles. dbt en fournit quatre :
#
# | test | la colonne… |
# |---|---|
# | `not_null` | …n’est jamais vide |
# | `unique` | …n’a jamais deux fois la même valeur |
# | `accepted_values` | …ne contient que les valeurs d’une liste |
# | `relationships` | …ne contient que ce qu’une autre table contient aussi |

# %% id="generic-yaml"
# !sed -n '/name: stg_stations$/,/severity: warn/p' models/schema.yml

# %% id="generic-sql"
# !cat target/compiled/opendata/models/schema.yml/station_has_a_code.sql

# %% [markdown] id="generic-seen"
# **What we see.** The YAML gives each test a name and says what to do if it fails. The second output shows what dbt made of `not_null`: a
# plain query for the rows without a code. Each test becomes such a file, in `target/compiled`.

# %% [markdown] id="generic-seen" lang="fr"
# **Ce que l’on voit.** Le YAML donne un nom à chaque test et dit que faire s’il échoue. Le second résultat montre ce que dbt a fait de
# `not_null` : une simple requête qui cherche les lignes sans code. Chaque test devient un tel fichier, dans `target/compiled`.

# %% [markdown] id="own"
# ## Generic tests of your own
#
# dbt's four know nothing of gaps, or of values that are too large. So you write your own test once, with blanks to fill in, and use it
# wherever you like.

# %% [markdown] id="own" lang="fr"
# ## Vos propres tests génériques
#
# Les quatre de dbt ne savent rien des trous, ni des valeurs trop grandes. Vous écrivez donc votre propre test une fois, avec des blancs à
# remplir, et vous l’utilisez où vous voulez.

# %% id="own-sql"
# !cat tests/generic/in_range.sql

# %% id="own-yaml"
# !sed -n '/name: pm10_is_plausible/,/config:/p' models/schema.yml

# %% [markdown] id="own-seen"
# **What we see.** `in_range` fails for each row that is too small or too large. (`1 = 2` is never true: it stands there so that each limit can
# begin with `or`.) `pm10_is_plausible` fills in the blanks: at most 500, and only for `pm10`. With `<<: *plausible` it shares the settings of
# the other tests of this kind.

# %% [markdown] id="own-seen" lang="fr"
# **Ce que l’on voit.** `in_range` échoue pour chaque ligne trop petite ou trop grande. (`1 = 2` n’est jamais vrai : il n’est là que pour que chaque
# limite puisse commencer par `or`.) `pm10_is_plausible` remplit les blancs : 500 au plus, et seulement pour `pm10`. Par `<<: *plausible`, il
# partage les réglages des autres tests de ce genre.

# %% [markdown] id="singular"
# ## Singular tests
#
# Some rules fit one table only, or need two tables. A *singular* test is just a query in the folder `tests/`.

# %% [markdown] id="singular" lang="fr"
# ## Les tests singuliers
#
# Certaines règles ne conviennent qu’à une table, ou en demandent deux. Un test *singulier* est une simple requête dans le dossier `tests/`.

# %% id="singular-sql"
# !cat tests/clock_is_certain.sql

# %% [markdown] id="singular-seen"
# **What we see.** The query finds the stations whose clock is not certain, with the word `time_base` of staging. The first line holds the
# settings: findings only warn, and in QALITA they count under *interoperability*, one of its dimensions of quality.

# %% [markdown] id="singular-seen" lang="fr"
# **Ce que l’on voit.** La requête trouve les stations dont l’horloge n’est pas certaine, grâce au mot `time_base` du staging. La première ligne
# contient les réglages : un constat ne fait qu’avertir, et dans QALITA il compte sous *interoperability*, l’une de ses dimensions de la qualité.

# %% [markdown] id="unit"
# ## Unit tests
#
# The tests so far look at data. A *unit test* looks at the SQL: it gives a model a few made-up rows, and knows what must come out.

# %% [markdown] id="unit" lang="fr"
# ## Les tests unitaires
#
# Les tests vus jusqu’ici regardent les données. Un *test unitaire* regarde le SQL : il donne à un modèle quelques lignes inventées, et sait ce
# qui doit en sortir.

# %% id="unit-yaml"
# !sed -n '/name: city_comes_from_the_station/,/02:00", city/p' models/schema.yml

# %% [markdown] id="unit-seen"
# **What we see.** Three rows go in (`given`), three must come out (`expect`). The first has no city, and gets that of its station. No real data
# is needed, so such a test finds a wrong formula before the first row arrives.

# %% [markdown] id="unit-seen" lang="fr"
# **Ce que l’on voit.** Trois lignes entrent (`given`), trois doivent sortir (`expect`). La première n’a pas de ville et reçoit celle de sa station.
# Nul besoin de vraies données : un tel test trouve une formule fausse avant l’arrivée de la première ligne.

# %% [markdown] id="freshness"
# ## Freshness
#
# Data may be right and old. *Freshness* asks how long ago the last load was, and has a command of its own.

# %% [markdown] id="freshness" lang="fr"
# ## La fraîcheur
#
# Des données peuvent être justes et vieilles. La *fraîcheur* (*freshness*) demande de quand date le dernier chargement, et a sa propre commande.

# %% id="freshness-yaml"
# !sed -n '/loaded_at_field/,/error_after/p' models/schema.yml

# %% id="freshness-run"
# !dbt source freshness | grep '1 of 1'

# %% [markdown] id="freshness-seen"
# **What we see.** We have just loaded, so it passes. After one day it would warn, after seven it would fail.
#
# There is one kind more, which this project doesn't use: a *contract*. It fixes the names and types of a model's columns, and dbt refuses to
# build a table that breaks it. The [documentation of dbt](https://docs.getdbt.com/docs/mesh/govern/model-contracts) tells more.

# %% [markdown] id="freshness-seen" lang="fr"
# **Ce que l’on voit.** Nous venons de charger les données, le test passe donc. Après un jour, il avertirait ; après sept, il échouerait.
#
# Il existe encore une sorte, que ce projet n’utilise pas : le *contrat*. Il fixe les noms et les types des colonnes d’un modèle, et dbt refuse de
# construire une table qui ne le respecte pas. La [documentation de dbt](https://docs.getdbt.com/docs/mesh/govern/model-contracts) (en anglais)
# en dit plus.

# %% [markdown] id="severity"
# ## Warn or fail?
#
# Not every finding is an error. Each test says how bad it is: `severity`, and from how many rows on it warns or fails. Here are the seven
# that warn.

# %% [markdown] id="severity" lang="fr"
# ## Avertir ou échouer ?
#
# Tout constat n’est pas une erreur. Chaque test dit à quel point c’est grave : `severity`, et à partir de combien de lignes il avertit ou échoue.
# Voici les sept qui avertissent.

# %% id="severity-table"
rows = []
for result in found:
    if result["status"] == "warn":
        test = tests[result["unique_id"]]
        settings = test["config"]
        rows.append((test["name"], result["failures"], settings["severity"], settings["warn_if"], settings["error_if"]))
Table(["test", "rows found", "severity", "warn_if", "error_if"], sorted(rows))

# %% [markdown] id="severity-seen"
# **What we see.** With `severity: warn` a test never fails, whatever it finds. With `severity: error` and two limits it can do either:
# `pm10_is_plausible` warns from the first row on, and fails above 100. Most of these findings you know from the first notebooks: the gaps, the
# hour that is always missing, the clocks.

# %% [markdown] id="severity-seen" lang="fr"
# **Ce que l’on voit.** Avec `severity: warn`, un test n’échoue jamais, quoi qu’il trouve. Avec `severity: error` et deux limites, il peut faire l’un ou l’autre :
# `pm10_is_plausible` avertit dès la première ligne, et échoue au-delà de 100. Vous avez rencontré la plupart de ces constats dans les premiers
# notebooks : les trous, l’heure qui manque toujours, les horloges.

# %% [markdown] id="rows"
# ## Which rows?
#
# `pm10_is_plausible` has found 17 rows, but which? This project has `store_failures` switched on: dbt keeps what each test found in a table,
# in the schema (a group of tables) `main_dbt_test__audit`. The table is named like the test.

# %% [markdown] id="rows" lang="fr"
# ## Quelles lignes ?
#
# `pm10_is_plausible` a trouvé 17 lignes, mais lesquelles ? Ce projet a activé `store_failures` : dbt conserve ce que chaque test a trouvé
# dans une table, dans le schéma (un groupe de tables) `main_dbt_test__audit`. La table porte le nom du test.

# %% id="rows-table"
query("""
    select location, parameter, measured_at, value, original_value
    from main_dbt_test__audit.pm10_is_plausible
    order by value desc, measured_at
    limit 5
""")

# %% [markdown] id="rows-seen"
# **What we see.** All five at Châtelet, at night: work in the tunnels, perhaps. These are real measurements, so a warning is just right.

# %% [markdown] id="rows-seen" lang="fr"
# **Ce que l’on voit.** Les cinq sont à Châtelet, la nuit : des travaux dans les tunnels, peut-être. Ce sont de vraies mesures : un avertissement
# est exactement ce qu’il faut.

# %% [markdown] id="break"
# ## Break it
#
# Now a real fault. In notebook 02 a macro said that a kilogram is `1e9` micrograms. Somebody mistypes, and writes `1e6`. We make that
# mistake in your copy, build the tables again, and test staging.

# %% [markdown] id="break" lang="fr"
# ## Cassons quelque chose
#
# Et maintenant, un vrai défaut. Dans le notebook 02, une macro disait qu’un kilogramme vaut `1e9` microgrammes. Quelqu’un se trompe de touche et
# écrit `1e6`. Faisons cette erreur dans votre copie, reconstruisons les tables, et testons le staging.

# %% id="break-run"
macro = Path("macros/units.sql")
original = macro.read_text(encoding="utf-8")
macro.write_text(original.replace("then 1e9", "then 1e6"), encoding="utf-8")

# !dbt run --quiet; echo "exit status $?"

# %% id="break-test"
# !dbt test --quiet --select stg_airquality; echo "exit status $?"

# %% [markdown] id="break-seen"
# **What we see.** Building works: exit status 0, all is well for dbt. Testing does not: exit status 1. Two tests fail, and each has something to
# say:
#
# - `co_is_plausible` found 3,007 rows, and fails above 100. Something is very wrong with carbon monoxide.
# - `units_become_micrograms`, a unit test, names the place: for `kg/m3` it expected 500, and got 0.5.

# %% [markdown] id="break-seen" lang="fr"
# **Ce que l’on voit.** La construction réussit : code de sortie 0, pour dbt tout va bien. Les tests, non : code de sortie 1. Deux tests échouent, et
# chacun a quelque chose à dire :
#
# - `co_is_plausible` a trouvé 3 007 lignes, et échoue au-delà de 100. Quelque chose ne va pas du tout avec le monoxyde de carbone.
# - `units_become_micrograms`, un test unitaire, montre l’endroit : pour `kg/m3`, il attendait 500 et a reçu 0,5.

# %% [markdown] id="find"
# ## Find the rows
#
# Two ways lead to them. The first is the table of the test:

# %% [markdown] id="find" lang="fr"
# ## Trouver les lignes
#
# Deux chemins y mènent. Le premier est la table du test :

# %% id="find-table"
query("""
    select original_unit, count(*) as rows, min(value) as smallest, max(value) as largest
    from main_dbt_test__audit.co_is_plausible
    group by original_unit
""")

# %% [markdown] id="find-compiled"
# The second works without `store_failures`: the query itself, as dbt has sent it. You can copy it, and change it as you like.

# %% [markdown] id="find-compiled" lang="fr"
# Le second fonctionne sans `store_failures` : la requête elle-même, telle que dbt l’a envoyée. Vous pouvez la copier et la modifier à votre gré.

# %% id="find-sql"
# !cat target/compiled/opendata/models/schema.yml/co_is_plausible.sql

# %% [markdown] id="find-seen"
# **What we see.** All of these rows came in kilograms, and the largest value is about 1 µg/m³ where hundreds are usual. So the matter is not
# with some stations, but with a unit: the fault must be where units are converted. NO2 is wrong as well, but its test has no lower limit, so
# it is silent.

# %% [markdown] id="find-seen" lang="fr"
# **Ce que l’on voit.** Toutes ces lignes sont arrivées en kilogrammes, et la plus grande valeur est d’environ 1 µg/m³, là où des centaines
# sont habituelles. Ce ne sont donc pas quelques stations qui sont en cause, mais une unité : le défaut doit être là où l’on convertit les
# unités. NO2 est faux aussi, mais son test n’a pas de limite basse : il se tait.

# %% [markdown] id="mend"
# ## Mend it
#
# We write `1e9` again. `dbt build` makes each table and tests it at once, in the right order; unit tests even come before their table is
# made. The `+` adds all that reads from `stg_airquality`.

# %% [markdown] id="mend" lang="fr"
# ## Réparer
#
# Nous écrivons de nouveau `1e9`. `dbt build` produit chaque table et la teste aussitôt, dans le bon ordre ; les tests unitaires s’exécutent
# même avant que leur table soit produite. Le `+` ajoute tout ce qui lit `stg_airquality`.

# %% id="mend-run"
macro.write_text(original, encoding="utf-8")

# !dbt build --quiet --select stg_airquality+; echo "exit status $?"

# %% id="mend-rows"
query("select count(*) as rows from main_dbt_test__audit.co_is_plausible")

# %% [markdown] id="mend-seen"
# **What we see.** Exit status 0, and two rows are left. They were there before: two odd values of Eisenstadt, a warning and no failure.

# %% [markdown] id="mend-seen" lang="fr"
# **Ce que l’on voit.** Code de sortie 0, et il reste deux lignes. Elles étaient là avant : deux valeurs étranges d’Eisenstadt, un avertissement et
# non un échec.

# %% [markdown] id="artifacts"
# ## What dbt leaves behind
#
# Everything dbt knows is in files, its *artifacts*. The next notebook takes them into QALITA.

# %% [markdown] id="artifacts" lang="fr"
# ## Ce que dbt laisse derrière lui
#
# Tout ce que dbt sait se trouve dans des fichiers, ses *artefacts*. Le prochain notebook les transmet à QALITA.

# %% id="artifacts-list"
# !ls target

# %% id="artifacts-result"
results = json.loads(Path("target/run_results.json").read_text(encoding="utf-8"))["results"]
one = next(result for result in results if ".co_is_plausible." in result["unique_id"])
print({key: one[key] for key in ("unique_id", "status", "failures", "message")})

# %% [markdown] id="artifacts-seen"
# **What we see.**
#
# | file | what it says |
# |---|---|
# | `manifest.json` | what there is: tables, columns, tests, who reads whom |
# | `run_results.json` | what the last command did: each test with its status and how many rows it found |
# | `sources.json` | how fresh the sources are |
# | `compiled/`, `run/` | the SQL as it was sent |
#
# The last output is one result: `co_is_plausible` warns, and `failures` counts the rows it found, the two of Eisenstadt.
#
# The other files are dbt's own notes. Mind the word *last*: each command writes a new `run_results.json` over the old one.

# %% [markdown] id="artifacts-seen" lang="fr"
# **Ce que l’on voit.**
#
# | fichier | ce qu’il dit |
# |---|---|
# | `manifest.json` | ce qui existe : tables, colonnes, tests, qui lit qui |
# | `run_results.json` | ce qu’a fait la dernière commande : chaque test avec son statut et le nombre de lignes trouvées |
# | `sources.json` | la fraîcheur des sources |
# | `compiled/`, `run/` | le SQL tel qu’il a été envoyé |
#
# Le dernier résultat affiché est celui d’un seul test : `co_is_plausible` avertit, et `failures` compte les lignes qu’il a trouvées, les
# deux d’Eisenstadt.
#
# Les autres fichiers sont des notes que dbt garde pour lui-même. Attention au mot *dernière* : chaque commande écrit un nouveau
# `run_results.json` par-dessus l’ancien.

# %% [markdown] id="recap"
# ## What to remember
#
# - A test is a query for what must not be. Generic tests are for columns, singular ones for anything, unit tests for formulas, freshness for age.
# - Choose the severity: a warning for what deserves a look, an error for what must stop.
# - A failing test leads to its rows: through its table, or through its compiled SQL.
# - A wrong formula builds without a complaint. Only tests notice.

# %% [markdown] id="recap" lang="fr"
# ## À retenir
#
# - Un test est une requête qui cherche ce qui ne doit pas être. Les tests génériques sont pour les colonnes, les singuliers pour tout le reste, les
#   unitaires pour les formules, la fraîcheur pour l’âge.
# - Choisissez la sévérité : un avertissement pour ce qui mérite un coup d’œil, une erreur pour ce qui doit tout arrêter.
# - Un test qui échoue mène à ses lignes : par sa table, ou par son SQL compilé.
# - Une formule fausse se construit sans une plainte. Seuls les tests s’en aperçoivent.

# %% [markdown] id="exercises"
# ## Exercises
#
# **1.** How many hours does the longest gap of the station `Del Norte` last? The test `no_gap_longer_than_24_hours` has kept its rows.

# %% [markdown] id="exercises" lang="fr"
# ## Exercices
#
# **1.** Combien d’heures dure le plus long trou de la station `Del Norte` ? Le test `no_gap_longer_than_24_hours` a conservé ses lignes.

# %% id="answer-1" tags=["exercise"]
# solution: begin
answer = query("""
    select max(gap_hours)
    from main_dbt_test__audit.no_gap_longer_than_24_hours
    where location = 'Del Norte'
""")
# solution: end

# %% id="check-1" tags=["check"]
check("04.1", answer)

# %% [markdown] id="question-2"
# **2.** Tomorrow `pm10_is_plausible` finds 60 rows. What will its status be: `"pass"`, `"warn"` or `"fail"`?

# %% [markdown] id="question-2" lang="fr"
# **2.** Demain, `pm10_is_plausible` trouve 60 lignes. Quel sera son statut : `"pass"`, `"warn"` ou `"fail"` ?

# %% id="answer-2" tags=["exercise"]
# solution: begin
answer = "warn"
# solution: end

# %% id="check-2" tags=["check"]
check("04.2", answer)

# %% [markdown] id="question-3"
# **3.** Write the query of a singular test: *no station has a mean of `no2` above 20 µg/m³*. How many rows does it find? Answer with that
# number.

# %% [markdown] id="question-3" lang="fr"
# **3.** Écrivez la requête d’un test singulier : *aucune station n’a une moyenne de `no2` supérieure à 20 µg/m³*. Combien de lignes
# trouve-t-elle ? Répondez par ce nombre.

# %% id="answer-3" tags=["exercise"]
# solution: begin
wrong_rows = query("""
    select location, avg(value) as mean_value
    from stg_airquality
    where parameter = 'no2'
    group by location
    having avg(value) > 20
""")
answer = len(wrong_rows)
# solution: end

# %% id="check-3" tags=["check"]
check("04.3", answer)

# %% [markdown] id="next"
# **Next:** [05 · Ingest into QALITA](05_ingest.ipynb). The solutions of this notebook are in
# [solutions/](solutions/04_tests.ipynb).

# %% [markdown] id="next" lang="fr"
# **La suite :** [05 · Verser dans QALITA](05_ingest.ipynb). Les solutions de ce notebook sont dans
# [solutions/](solutions/04_tests.ipynb).
