# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # 09 · CI and larger data
#
# **Goal.** Two things that come when the example becomes work. First, CI (continuous integration): a machine that builds and tests whenever somebody
# proposes a change. Second, more data: what becomes slow, what does not, and what to do. About 20 minutes.

# %% [markdown] id="title" lang="fr"
# # 09 · La CI et des données plus volumineuses
#
# **Objectif.** Deux choses qui arrivent quand on passe de l’exemple au vrai travail. D’abord la CI (intégration continue) : une machine qui construit et teste
# chaque fois que quelqu’un propose une modification. Ensuite, plus de données : ce qui devient lent, ce qui ne le devient pas, et que faire.
# Environ 20 minutes.

# %% [markdown] id="load"
# ## A change that breaks something
#
# Imagine a colleague who proposes new data. In it, 60 values of one station have turned negative. We make that change here.

# %% [markdown] id="load" lang="fr"
# ## Une modification qui casse quelque chose
#
# Imaginez une collègue qui propose de nouvelles données. 60 valeurs d’une station y sont devenues négatives. Nous faisons cette modification ici.

# %% id="open"
import csv
import json
import os
from pathlib import Path

from qalita_ingest import charts
from qalita_walkthrough import Table, check, open_workspace, query, show

open_workspace("09_ci_and_larger_data")

# %% id="change"
seed = Path("seeds/opendata_airquality.csv")
with seed.open(encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
measured = [row for row in rows if row["location"] == "Chatelet" and row["value"] not in {"NA", "0"}]
for row in measured[:60]:
    row["value"] = "-" + row["value"]
with seed.open("w", encoding="utf-8", newline="") as file:
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)

query(f"select count(*) as negative_values from '{seed}' where try_cast(value as double) < 0")

# %% [markdown] id="ci"
# ## What a CI does
#
# `example_ci/` has complete files for GitHub, GitLab and others. This is the heart of the one for GitHub: dbt builds, then QALITA takes the
# results, **also when dbt failed**. The run in which something failed is the one that matters most.

# %% [markdown] id="ci" lang="fr"
# ## Ce que fait une CI
#
# `example_ci/` contient des fichiers complets pour GitHub, GitLab et d’autres. Voici le cœur de celui pour GitHub : dbt construit, puis QALITA reçoit
# les résultats, **même quand dbt a échoué**. L’exécution dans laquelle quelque chose a échoué est justement la plus importante.

# %% id="ci-file"
# !sed -n '/- name: Build/,/exit "$code"/p' ../../../../example_ci/github-actions.yml

# %% [markdown] id="variables"
# A CI tells its programs where they run, in variables. We set the same ones by hand, as GitHub does for a *pull request*: a change that somebody
# proposes, and that others review. The environment `ci` keeps proposals apart: what happens to them never touches the issues of production.

# %% [markdown] id="variables" lang="fr"
# Une CI indique à ses programmes où ils s’exécutent, au moyen de variables. Nous définissons les mêmes à la main, comme GitHub le fait pour une *pull
# request* : une modification que quelqu’un propose et que d’autres relisent. L’environnement `ci` met les propositions à part : ce qui leur arrive ne
# touche jamais aux tickets de la production.

# %% id="variables-set"
os.environ.update(
    GITHUB_ACTIONS="true",
    GITHUB_EVENT_NAME="pull_request",
    GITHUB_HEAD_REF="new-measurements",
    GITHUB_SHA="0123456789abcdef0123456789abcdef01234567",
    GITHUB_RUN_ID="42",
    QALITA_PROJECT="opendata_dbt",
    QALITA_ENV="ci",
)

# %% [markdown] id="build"
# ## The step "Build"
#
# `dbt build` loads, builds and tests in one go. (We leave out the unit tests: they test the code of the models, not the data.)

# %% [markdown] id="build" lang="fr"
# ## L’étape « Build »
#
# `dbt build` charge, construit et teste d’un coup. (Nous laissons de côté les tests unitaires : ils testent le code des modèles, pas les données.)

# %% id="build-run"
# !dbt build --exclude-resource-type unit_test > build.log; echo "exit status $?"
# !tail -n 1 build.log

# %% [markdown] id="build-seen"
# **What we see.** A program ends with a number, its *exit status*: 0 means fine. dbt ended with 1, because a test failed. It also skipped 14 things, one
# model and 13 tests: after the failure it built nothing more on that table.

# %% [markdown] id="build-seen" lang="fr"
# **Ce que l’on voit.** Un programme se termine par un nombre, son *code de sortie* : 0 signifie que tout va bien. dbt s’est terminé par 1, car un test a
# échoué. Il a aussi sauté 14 éléments, un modèle et 13 tests : après l’échec, il n’a plus rien construit sur cette table.

# %% [markdown] id="annotations"
# ## What the reviewer sees: annotations
#
# `--format github` prints lines that GitHub shows beside the code of the pull request. `--dry-run` only reads: nothing is kept or sent.

# %% [markdown] id="annotations" lang="fr"
# ## Ce que voit la personne qui relit : les annotations
#
# `--format github` affiche des lignes que GitHub montre à côté du code de la *pull request*. `--dry-run` ne fait que lire : rien n’est conservé ni envoyé.

# %% id="annotations-print"
# !qalita ingest dbt --dry-run --format github | grep -e error -e notice

# %% [markdown] id="annotations-seen"
# **What we see.** GitHub shows the first line as an error in `models/schema.yml`, and the second as a note with the counts. The seven warnings have a line
# each as well; `grep` has left them out here.

# %% [markdown] id="annotations-seen" lang="fr"
# **Ce que l’on voit.** GitHub montre la première ligne comme une erreur dans `models/schema.yml`, et la seconde comme une note avec les totaux. Les sept
# avertissements ont aussi chacun leur ligne ; `grep` les a écartés ici.

# %% [markdown] id="summary"
# ## What the reviewer sees: a summary
#
# Now the run is taken into QALITA. `--format markdown` writes a page to read. `--fail-on` is the gate: it says what fails the job, here a score below
# 95 %. A run with such a score does not pass the gate.

# %% [markdown] id="summary" lang="fr"
# ## Ce que voit la personne qui relit : un résumé
#
# Maintenant, QALITA reçoit l’exécution. `--format markdown` écrit une page à lire. `--fail-on` est le seuil de qualité : il dit ce qui fait échouer
# le job, ici un score inférieur à 95 %. Une exécution qui a un tel score ne respecte pas le seuil.

# %% id="summary-write"
# !qalita ingest dbt --format markdown --fail-on "score<0.95" > summary.md; echo "exit status $?"

# %% id="summary-page"
from IPython.display import Markdown

Markdown(filename="summary.md")

# %% [markdown] id="summary-seen"
# **What we see.** The page says what was tested, what was found, and which issues were opened. The score is 90.8 %, below the 95 % that we asked for: the
# run did not pass the gate. So the exit status is 5, and CI shows a red cross. The run is kept in QALITA all the same.

# %% [markdown] id="summary-seen" lang="fr"
# **Ce que l’on voit.** La page dit ce qui a été testé, ce qui a été constaté, et quels tickets ont été ouverts. Le score est de 90,8 %, inférieur aux 95 %
# demandés : le seuil n’est pas respecté. Le code de sortie est donc 5, et la CI affiche une croix rouge. L’exécution est tout de même conservée dans QALITA.

# %% [markdown] id="gates"
# ## Which gate?
#
# A gate may look at errors, at warnings, at the score, or at issues that are new. Let us try them on the same run. Doing so is safe: a run that QALITA
# knows already is not counted twice.

# %% [markdown] id="gates" lang="fr"
# ## Quel seuil choisir ?
#
# Un seuil peut porter sur les erreurs, les avertissements, le score, ou les nouveaux tickets. Essayons-les sur la même exécution. C’est sans risque : une
# exécution que QALITA connaît déjà n’est pas comptée deux fois.

# %% id="gates-tried"
# !qalita ingest dbt --fail-on error > /dev/null; echo "exit status $?"
# !qalita ingest dbt --fail-on "score<0.80" > /dev/null; echo "exit status $?"
# !qalita ingest dbt --fail-on new > /dev/null; echo "exit status $?"

# %% [markdown] id="gates-seen"
# **What we see.** With `error` and with `new` the run does not pass: a check failed, and issues were opened. With `score<0.80` it passes, since 90.8 % is not
# below 80 %.
#
# The usual choice for a pull request is `new`: nobody has to mend old faults in order to get a change in. Here all eight issues are new, because this is the
# first run in the environment `ci`. From the second run on, only what a change brings along is new.
#
# | exit status | meaning | what a CI should do |
# |---|---|---|
# | 0 | all is well | go on |
# | 2 | bad input: a file is missing, or can't be read | stop: somebody has to look |
# | 3 | QALITA could not be reached; the run is kept and goes with the next one | warn, and go on |
# | 4 | QALITA refused the run | stop: somebody has to look |
# | 5 | the run was taken in, but did not pass the gate | stop: the data is not good enough |

# %% [markdown] id="gates-seen" lang="fr"
# **Ce que l’on voit.** Avec `error` et avec `new`, le seuil n’est pas respecté : une vérification a échoué, et des tickets ont été ouverts. Avec `score<0.80`, il
# l’est, car 90,8 % n’est pas inférieur à 80 %.
#
# Pour une *pull request*, on choisit d’ordinaire `new` : personne ne doit réparer d’anciens défauts pour faire accepter une modification. Ici, les huit tickets
# sont tous nouveaux, car c’est la première exécution dans l’environnement `ci`. À partir de la deuxième, seul ce qu’une modification apporte est nouveau.
#
# | code de sortie | signification | ce que la CI devrait faire |
# |---|---|---|
# | 0 | tout va bien | continuer |
# | 2 | mauvaise entrée : un fichier manque ou est illisible | s’arrêter : quelqu’un doit regarder |
# | 3 | QALITA est injoignable ; l’exécution est gardée et partira avec la suivante | avertir, et continuer |
# | 4 | QALITA a refusé l’exécution | s’arrêter : quelqu’un doit regarder |
# | 5 | l’exécution est prise en compte, mais ne respecte pas le seuil | s’arrêter : les données ne sont pas assez bonnes |

# %% [markdown] id="context"
# ## Where the run came from
#
# Nobody typed the commit: `qalita` has read GitHub's variables. It keeps the branch and the number of the job as well.

# %% [markdown] id="context" lang="fr"
# ## D’où vient l’exécution
#
# Personne n’a tapé le commit : `qalita` a lu les variables de GitHub. Il garde aussi la branche et le numéro du job.

# %% id="context-line"
# !qalita ingest dbt | grep -e ^QALITA -e ^Run

# %% [markdown] id="context-seen"
# **What we see.** The environment is `ci`, and the commit stands there with its first ten characters.

# %% [markdown] id="context-seen" lang="fr"
# **Ce que l’on voit.** L’environnement est `ci`, et le commit y figure avec ses dix premiers caractères.

# %% [markdown] id="formats"
# ## Other formats
#
# GitLab has a widget for code quality, and nearly every CI shows JUnit files as a list of tests. `sarif` is for tools that scan code, `json` for
# programs of your own. All of them are made from the same files of dbt.

# %% [markdown] id="formats" lang="fr"
# ## D’autres formats
#
# GitLab a un encart pour la qualité du code, et presque toutes les CI affichent les fichiers JUnit comme une liste de tests. `sarif` est destiné aux outils
# qui analysent le code, `json` à vos propres programmes. Tous sont produits à partir des mêmes fichiers de dbt.

# %% id="formats-write"
# !qalita ingest dbt --dry-run --format gitlab > gl-code-quality-report.json
# !qalita ingest dbt --dry-run --format junit > junit.xml
# !qalita ingest dbt --dry-run --format json > small.json

# %% id="formats-gitlab"
print(json.dumps(json.loads(Path("gl-code-quality-report.json").read_text())[0], indent=2))

# %% id="formats-junit"
# !grep -A 2 '<testcase[^>]*"value_is_not_negative"' junit.xml | sed 's/ time="[^"]*"//'

# %% [markdown] id="formats-seen"
# **What we see.** The same finding twice, each time in the words of another program. `fingerprint` is how GitLab knows it again in the next run.

# %% [markdown] id="formats-seen" lang="fr"
# **Ce que l’on voit.** Le même constat deux fois, chaque fois dans les mots d’un autre programme. C’est par `fingerprint` (empreinte) que GitLab le
# reconnaît à l’exécution suivante.

# %% [markdown] id="larger"
# ## Larger data
#
# 15,955 measurements are few. Let us have 200 times as many: as if there were 200 networks like this one. DuckDB makes them from the table that dbt
# has built, in a few seconds. `memory_limit` says how much memory it may take; what doesn't fit goes to the disk.

# %% [markdown] id="larger" lang="fr"
# ## Des données plus volumineuses
#
# 15 955 mesures, c’est peu. Prenons-en 200 fois plus : comme s’il y avait 200 réseaux semblables. DuckDB les produit à partir de la table que dbt a
# construite, en quelques secondes. `memory_limit` dit combien de mémoire il peut prendre ; ce qui n’y tient pas va sur le disque.

# %% id="larger-make"
import duckdb

with duckdb.connect("large.duckdb") as database:
    database.execute("set memory_limit = '1GB'; set threads = 2; set preserve_insertion_order = false")
    database.execute("attach 'opendata.duckdb' as small (read_only)")
    database.execute("""
        create table stg_airquality as
        select
            md5(measurement_id || network) as measurement_id,
            location || '-' || network as location,
            * exclude (measurement_id, location, network)
        from small.stg_airquality cross join range(200) as networks(network)
    """)

query("select count(*) as rows, count(distinct location) as stations from stg_airquality", database="large.duckdb")

# %% [markdown] id="larger-test"
# ## The same tests
#
# `opendata_duckdb` names another database for this command only. We take the tests of this table that read no other one, and leave out
# `value_is_not_stuck`: it is by far the slowest.

# %% [markdown] id="larger-test" lang="fr"
# ## Les mêmes tests
#
# `opendata_duckdb` nomme une autre base de données, pour cette seule commande. Nous prenons les tests de cette table qui n’en lisent pas d’autre,
# et laissons de côté `value_is_not_stuck` : c’est de loin le plus lent.

# %% id="larger-run"
# !dbt test --select stg_airquality --exclude value_is_not_stuck resource_type:unit_test --indirect-selection cautious --vars '{opendata_duckdb: large.duckdb}' > large.log; echo "exit status $?"
# !tail -n 1 large.log

# %% id="larger-compare"
# !qalita ingest dbt --env large --format json > large.json


def results_in(file):
    return {one["name"]: one for one in json.loads(Path(file).read_text(encoding="utf-8"))["results"]}


small, large = results_in("small.json"), results_in("large.json")
Table(
    ["test", "rows in small data", "status in small data", "rows in large data", "status in large data"],
    [
        (name, small[name]["failures"], small[name]["status"], result["failures"], result["status"])
        for name, result in sorted(large.items())
        if result["failures"]
    ],
)

# %% [markdown] id="larger-compare-seen"
# **What we see.** 200 times the data, 200 times the rows. And four of the six warnings have become failures: a limit such as "fails above 100 rows"
# (`pm10_is_plausible`) doesn't grow along. The other two tests are of severity warn, and never fail. **A limit in rows is for small data; for large
# data, test a share.**

# %% [markdown] id="larger-compare-seen" lang="fr"
# **Ce que l’on voit.** 200 fois plus de données, 200 fois plus de lignes. Et quatre des six avertissements sont devenus des échecs : une limite telle que
# « échec au-delà de 100 lignes » (`pm10_is_plausible`) ne grandit pas avec les données. Les deux autres tests sont de sévérité warn, et n’échouent jamais.
# **Une limite en lignes convient aux petites données ; pour les grandes, testez une proportion.**

# %% [markdown] id="same-size"
# ## What QALITA gets does not grow
#
# Let us count: the rows that were tested, and the results that go to QALITA.

# %% [markdown] id="same-size" lang="fr"
# ## Ce que reçoit QALITA ne grandit pas
#
# Comptons : les lignes testées, et les résultats qui partent vers QALITA.

# %% id="same-size-count"
tested = query("select count(*) from stg_airquality", database="large.duckdb").value
print(f"{tested:,} rows tested, {len(large)} results sent")

# %% [markdown] id="same-size-seen"
# **What we see.** 26 results, one for each test, whether the table has a thousand rows or a billion. The data stays where it is; only what was found
# goes to QALITA.

# %% [markdown] id="same-size-seen" lang="fr"
# **Ce que l’on voit.** 26 résultats, un par test, que la table ait mille lignes ou un milliard. Les données restent où elles sont ; seul ce qui a été
# constaté part vers QALITA.

# %% [markdown] id="slow"
# ## What becomes slow
#
# How many seconds a test takes depends on your machine and on what else it does, so we don't print them here; `large.log` has them. But which tests are the
# slow ones is always the same:
#
# - A test that looks at each row by itself (`not_null`, `accepted_values`) reads one column once. It stays quick.
# - A test that compares rows (`unique`, a gap, a stuck sensor) has to sort or to remember them. It is the first to become slow.
#
# Three ways help: test only what is new, test by month, or test a sample.

# %% [markdown] id="slow" lang="fr"
# ## Ce qui devient lent
#
# Le nombre de secondes que prend un test dépend de votre machine et de ce qu’elle fait par ailleurs ; nous ne les affichons donc pas ici, mais `large.log`
# les contient. Les tests lents, eux, sont toujours les mêmes :
#
# - Un test qui regarde chaque ligne séparément (`not_null`, `accepted_values`) lit une colonne une seule fois. Il reste rapide.
# - Un test qui compare des lignes (`unique`, un trou, un capteur bloqué) doit les trier ou les garder en mémoire. Il est le premier à devenir lent.
#
# Trois moyens aident : ne tester que ce qui est nouveau, tester mois par mois, ou tester un échantillon.

# %% [markdown] id="months"
# ## By month
#
# We write the large table as Parquet files, one folder for each month. To read one month, DuckDB then opens one folder only.

# %% [markdown] id="months" lang="fr"
# ## Mois par mois
#
# Nous écrivons la grande table en fichiers Parquet, un dossier par mois. Pour lire un mois, DuckDB n’ouvre alors qu’un seul dossier.

# %% id="months-write"
with duckdb.connect("large.duckdb", read_only=True) as database:
    database.execute("set memory_limit = '1GB'; set threads = 2")
    database.execute("""
        copy (select location, parameter, measured_at, value, strftime(measured_at, '%Y-%m') as month from stg_airquality)
        to 'months' (format parquet, partition_by (month))
    """)
# !ls months

# %% id="months-chart"
by_month = query("""
    select month, count(*) / 1000 as thousands
    from read_parquet('months/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)
    group by month
    order by month
""")
bars = [charts.Bar(month, thousands) for month, thousands in by_month.rows]
everything = charts.Bar("all months", sum(by_month.column("thousands")))
show(
    charts.bar_chart(
        [everything, *bars],
        name="Rows that a test has to read",
        quantity="rows to read (thousands)",
        names="month",
    )
)

# %% [markdown] id="months-seen"
# **What we see.** A test of September 2016 reads less than a seventh of what a test of everything reads (432 of 3,191), and finds the same faults of that month. Months that
# are over don't change: they need no second test. In dbt this is one line of the test's settings, and Dagster (stage 07) gives the month:
# `where: "strftime(measured_at, '%Y-%m') = '{{ var('month') }}'"`

# %% [markdown] id="months-seen" lang="fr"
# **Ce que l’on voit.** (L’axe compte les lignes à lire, en milliers ; `all months` : tous les mois.) Un test de septembre 2016 lit moins du septième
# de ce que lit un test de l’ensemble (432 sur 3 191), et trouve les mêmes défauts de ce mois. Les mois
# terminés ne changent plus : inutile de les tester à nouveau. Dans dbt, c’est une ligne dans les réglages du test, et Dagster (étape 07) donne le mois :
# `where: "strftime(measured_at, '%Y-%m') = '{{ var('month') }}'"`

# %% [markdown] id="sample"
# ## A sample
#
# `measurement_id` is a *hash*: a code computed from the row, whose characters look as if they had been thrown with dice. There are 16 of
# these characters, `0` to `f`. So the ids that begin with `00` are about one row in 256, and the same rows every time.

# %% [markdown] id="sample" lang="fr"
# ## Un échantillon
#
# `measurement_id` est une empreinte (`hash`) : un code calculé à partir de la ligne, dont les caractères semblent tirés aux dés. Ces
# caractères sont au nombre de 16, de `0` à `f`. Les identifiants qui commencent par `00` font donc environ une ligne sur 256, et toujours les mêmes.

# %% id="sample-query"
query(
    """
    select
        if(measurement_id like '00%', 'in the sample', 'not in it') as part,
        count(*) as rows,
        count(*) filter (value < 0) as negative,
        round(100 * count(*) filter (value < 0) / count(*), 2) as negative_percent
    from stg_airquality
    group by part
    order by part
    """,
    database="large.duckdb",
)

# %% [markdown] id="sample-seen"
# **What we see.** The sample comes close to the true share. But a fault in a single row would most likely not be in it. A sample is good for
# shares and means, and no good for "never", "unique" and "no gap".

# %% [markdown] id="sample-seen" lang="fr"
# **Ce que l’on voit.** L’échantillon approche la vraie proportion. Mais un défaut dans une seule ligne n’y serait sans doute pas. Un échantillon convient
# aux proportions et aux moyennes, pas à « jamais », « unique » ou « aucun trou ».

# %% [markdown] id="recap"
# ## What to remember
#
# - In CI, take the results also when dbt failed; choose a gate; and know the exit statuses 3 and 5.
# - The same run can be shown as a summary, as annotations, as a list of tests.
# - More data makes tests slower, mostly those that compare rows. It makes no more results.
# - Test shares instead of counts of rows; test by month what compares rows; take a sample only where you test a share.
#
# [docs/ci.md](../docs/ci.md) and [example_ci](../example_ci/README.md) tell more.

# %% [markdown] id="recap" lang="fr"
# ## À retenir
#
# - En CI, prenez les résultats même quand dbt a échoué ; choisissez un seuil ; et retenez les codes de sortie 3 et 5.
# - La même exécution peut se montrer en résumé, en annotations, en liste de tests.
# - Plus de données ralentissent les tests, surtout ceux qui comparent des lignes. Elles ne donnent pas plus de résultats.
# - Testez des proportions plutôt que des nombres de lignes ; testez mois par mois ce qui demande de comparer des lignes ; ne prenez un échantillon que là où vous
#   testez une proportion.
#
# [docs/ci.md](../docs/ci.md) et [example_ci](../example_ci/README.md) (en anglais) en disent plus.

# %% [markdown] id="exercises"
# ## Exercises
#
# **1.** With which exit status should a CI warn and go on, because nothing is lost?

# %% [markdown] id="exercises" lang="fr"
# ## Exercices
#
# **1.** Avec quel code de sortie une CI devrait-elle avertir et continuer, parce que rien n’est perdu ?

# %% id="answer-1" tags=["exercise"]
# solution: begin
answer = 3
# solution: end

# %% id="check-1" tags=["check"]
check("09.1", answer)

# %% [markdown] id="question-2"
# **2.** How many negative values are there in the large data in September 2016 (`month=2016-09`)? Read that folder only.

# %% [markdown] id="question-2" lang="fr"
# **2.** Combien de valeurs négatives y a-t-il dans les grandes données en septembre 2016 (`month=2016-09`) ? Ne lisez que ce dossier.

# %% id="answer-2" tags=["exercise"]
# solution: begin
answer = query("select count(*) from 'months/month=2016-09/*.parquet' where value < 0")
# solution: end

# %% id="check-2" tags=["check"]
check("09.2", answer)

# %% [markdown] id="question-3"
# **3.** With 400 networks instead of 200, how many results would these tests send to QALITA?

# %% [markdown] id="question-3" lang="fr"
# **3.** Avec 400 réseaux au lieu de 200, combien de résultats ces tests enverraient-ils à QALITA ?

# %% id="answer-3" tags=["exercise"]
# solution: begin
answer = len(large)
# solution: end

# %% id="check-3" tags=["check"]
check("09.3", answer)

# %% [markdown] id="next"
# **That was the last notebook.** From here on it is your own data: [stage 08](08_your_own_data.ipynb) shows how to begin. The solutions of this notebook are in
# [solutions/](solutions/09_ci_and_larger_data.ipynb).

# %% [markdown] id="next" lang="fr"
# **C’était le dernier notebook.** À partir d’ici, ce sont vos propres données : [l’étape 08](08_your_own_data.ipynb) montre comment commencer. Les solutions de ce
# notebook sont dans [solutions/](solutions/09_ci_and_larger_data.ipynb).
