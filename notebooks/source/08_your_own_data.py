# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # 08 · Your own data and your own check
#
# **Goal.** You start with an empty folder and a small CSV file, and end with a dbt project, two checks that you have written yourself, and their
# issues in QALITA. Then you send a check that needs no dbt at all. About 20 minutes.

# %% [markdown] id="title" lang="fr"
# # 08 · Vos données, votre vérification
#
# **Objectif.** Vous partez d’un dossier vide et d’un petit fichier CSV ; à la fin, vous avez un projet dbt, deux vérifications écrites par vous, et leurs
# tickets dans QALITA. Puis vous envoyez une vérification qui n’a même pas besoin de dbt. Environ 20 minutes.

# %% [markdown] id="load"
# ## An empty folder
#
# Your project stands beside the example, in a folder of its own.

# %% [markdown] id="load" lang="fr"
# ## Un dossier vide
#
# Votre projet se trouve à côté de l’exemple, dans son propre dossier.

# %% id="open"
import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from qalita_ingest import RunReport, send
from qalita_walkthrough import Table, ask, check, open_workspace, query

open_workspace("08_your_own_data")

for folder in ("seeds", "models", "tests/generic"):
    Path("../my_rain", folder).mkdir(parents=True)
os.chdir("../my_rain")

# %% [markdown] id="data"
# ## The data
#
# Two rain gauges, one in the garden and one on the roof, six days. These twelve rows are typed by hand for this notebook, and each of
# their faults can be seen with the naked eye. Can you find them?

# %% [markdown] id="data" lang="fr"
# ## Les données
#
# Deux pluviomètres, l’un au jardin, l’autre sur le toit, pendant six jours. Ces douze lignes ont été tapées à la main pour ce notebook : chaque défaut
# se voit à l’œil nu. Les trouvez-vous ?

# %% id="write-csv"
rain = """\
day,gauge,rain_mm
2017-05-01,garden,0.0
2017-05-01,roof,0.2
2017-05-02,garden,4.1
2017-05-02,roof,4.4
2017-05-03,garden,12.5
2017-05-03,roof,1.2
2017-05-04,garden,-1.0
2017-05-04,roof,0.0
2017-05-05,garden,
2017-05-05,roof,2.0
2017-05-06,garden,3.3
2017-05-06,garden,3.3
"""
Path("seeds/rain.csv").write_text(rain, encoding="utf-8")
query("""
    select gauge, count(*) as rows, count(rain_mm) as with_value, min(rain_mm) as lowest
    from 'seeds/rain.csv'
    group by gauge
    order by gauge
""")

# %% [markdown] id="data-seen"
# **What we see.** Seven rows of the garden and five of the roof, though there are six days. One row has no value, and the lowest rain is below zero. A
# summary shows that something is wrong; checks will show what, and where.

# %% [markdown] id="data-seen" lang="fr"
# **Ce que l’on voit.** Sept lignes pour le jardin (`garden`) et cinq pour le toit (`roof`), alors qu’il y a six jours. Une ligne n’a pas de valeur, et la
# pluie la plus faible est négative. Un résumé montre que quelque chose ne va pas ; des vérifications montreront quoi, et où.

# %% [markdown] id="project"
# ## The smallest dbt project
#
# dbt needs two files: one that names the project, one that says where the database is.

# %% [markdown] id="project" lang="fr"
# ## Le plus petit projet dbt
#
# dbt a besoin de deux fichiers : l’un nomme le projet, l’autre dit où se trouve la base de données.

# %% id="write-project"
project = """\
name: my_rain
version: "1.0.0"
profile: my_rain
data_tests:
  # Keep the rows that fail in a table.
  +store_failures: true
"""
profiles = """\
my_rain:
  target: dev
  outputs:
    dev: {type: duckdb, path: rain.duckdb, threads: 1}
"""
Path("dbt_project.yml").write_text(project, encoding="utf-8")
Path("profiles.yml").write_text(profiles, encoding="utf-8")
# !ls

# %% [markdown] id="model"
# ## A model
#
# A model is a query; dbt makes a table of it. This one has one row per day.

# %% [markdown] id="model" lang="fr"
# ## Un modèle
#
# Un modèle est une requête ; dbt en fait une table. Celui-ci a une ligne par jour.

# %% id="write-model"
daily_rain = """\
{{ config(materialized='table') }}

select
    day,
    avg(rain_mm) as rain_mm,
    max(rain_mm) - min(rain_mm) as difference_mm,
    count(distinct gauge) as gauges
from {{ ref('rain') }}
group by day
"""
Path("models/daily_rain.sql").write_text(daily_rain, encoding="utf-8")
# !dbt --quiet seed
# !dbt --quiet run
query("select * from daily_rain order by day", database="rain.duckdb")

# %% [markdown] id="model-seen"
# **What we see.** A tidy table, and nothing that warns us. On 4 May it rained minus half a millimetre, on average.

# %% [markdown] id="model-seen" lang="fr"
# **Ce que l’on voit.** Une table bien rangée, et rien qui nous alerte. Le 4 mai, il a plu en moyenne moins un demi-millimètre.

# %% [markdown] id="generic"
# ## A generic test
#
# A *generic* test is a rule with blanks: it works for any table and any column. It is a query that finds the *bad* rows; no row means that all is well.

# %% [markdown] id="generic" lang="fr"
# ## Un test générique
#
# Un test *générique* est une règle à trous : il convient à toute table et à toute colonne. C’est une requête qui cherche les *mauvaises* lignes ; aucune
# ligne, et tout va bien.

# %% id="write-generic"
possible_rain = """\
{% test possible_rain(model, column_name, at_most) %}

select *
from {{ model }}
where {{ column_name }} < 0 or {{ column_name }} > {{ at_most }}

{% endtest %}
"""
Path("tests/generic/possible_rain.sql").write_text(possible_rain, encoding="utf-8")
# !ls tests/generic

# %% [markdown] id="use-generic"
# Where it is used, the blanks are filled in. Two things are for QALITA:
#
# - `owner`, in the `meta` of the seed: who looks after this data;
# - `dimension`, in the `meta` of the test: which side of quality it measures.
#
# Give each test a `name` and a `description`. They are what somebody reads at night.

# %% [markdown] id="use-generic" lang="fr"
# Là où on l’utilise, on remplit les trous. Deux choses sont pour QALITA :
#
# - `owner`, dans le `meta` du seed : qui s’occupe de ces données ;
# - `dimension`, dans le `meta` du test : l’aspect de la qualité qu’il mesure.
#
# Donnez à chaque test un nom (`name`) et une description. C’est ce que quelqu’un lira la nuit.

# %% id="write-schema"
schema = """\
seeds:
  - name: rain
    config: {meta: {owner: "garden club"}}
    columns:
      - name: rain_mm
        data_tests:
          - not_null:
              name: gauge_was_read
              description: A gauge was not read. Ask who was on duty.
              config: {severity: warn}
          - possible_rain:
              name: rain_is_possible
              description: Rain is never negative, and 300 mm a day would be a flood. Read the gauge again.
              arguments: {at_most: 300}
              config: {meta: {qalita: {dimension: validity}}}
"""
Path("models/schema.yml").write_text(schema, encoding="utf-8")
# !ls models

# %% [markdown] id="singular"
# ## A singular test
#
# A rule about one thing only is a *singular* test: a query in a file of its own. Two gauges a few metres apart should agree.

# %% [markdown] id="singular" lang="fr"
# ## Un test singulier
#
# Une règle qui ne concerne qu’une seule chose est un test *singulier* : une requête dans son propre fichier. Deux pluviomètres distants de quelques mètres
# devraient être d’accord.

# %% id="write-singular"
gauges_agree = """\
{{ config(severity='warn', meta={'owner': 'garden club', 'qalita': {'dimension': 'consistency'}}) }}

select day, difference_mm
from {{ ref('daily_rain') }}
where difference_mm > 5
"""
Path("tests/gauges_agree.sql").write_text(gauges_agree, encoding="utf-8")
# !dbt --quiet test; echo "exit status $?"

# %% [markdown] id="singular-seen"
# **What we see.** The negative value is a failure. The other two are of severity warn, so with `--quiet` dbt says nothing of them. QALITA will.

# %% [markdown] id="singular-seen" lang="fr"
# **Ce que l’on voit.** La valeur négative est un échec. Les deux autres tests sont de sévérité warn : avec `--quiet`, dbt n’en dit rien. QALITA, si.

# %% [markdown] id="ingest"
# ## Into QALITA, as a project of its own
#
# A *project* is what belongs together. Yours gets its own name, and so its own score and issues.

# %% [markdown] id="ingest" lang="fr"
# ## Dans QALITA, en tant que projet à part
#
# Un *projet* regroupe ce qui va ensemble. Le vôtre reçoit son propre nom, et donc son score et ses tickets.

# %% id="ingest-rain"
# !qalita ingest dbt --project my_rain

# %% id="checks"
checks = ask("/api/v2/checks", project="my_rain")["items"]
Table(
    ["check", "dataset", "dimension", "owner", "status"],
    [(one["name"], one["dataset_name"], one["dimension"], one["owner"], one["status"]) for one in checks],
)

# %% [markdown] id="checks-seen"
# **What we see.** A failure and two warnings that weigh half make a score of 25 %. QALITA knows `not_null` and calls it completeness; the other two have their dimension
# from `meta`. The owner of the tests on the seed is the owner of the seed; the singular test brings its own.

# %% [markdown] id="checks-seen" lang="fr"
# **Ce que l’on voit.** Un échec et deux avertissements de poids un demi font un score de 25 %. QALITA connaît `not_null` et y voit la complétude (`completeness`) ;
# les deux autres tiennent leur dimension de `meta`. Le responsable (`owner`) des tests du seed est celui du seed ; le test singulier apporte le sien.

# %% [markdown] id="without-dbt"
# ## A check without dbt
#
# Not all that you know comes from dbt. Perhaps you have a number from a script: on how many days does one of the gauges have no row at all?

# %% [markdown] id="without-dbt" lang="fr"
# ## Une vérification sans dbt
#
# Tout ce que vous savez ne vient pas de dbt. Peut-être un script vous donne-t-il un nombre : combien de jours n’ont aucune ligne pour l’un des
# pluviomètres ?

# %% id="measure"
missing = query("select count(*) from daily_rain where gauges < 2", database="rain.duckdb").value
print(missing)

# %% [markdown] id="measure-seen"
# **What we see.** One such day. Nobody has told QALITA of it yet.

# %% [markdown] id="measure-seen" lang="fr"
# **Ce que l’on voit.** Il y a un tel jour. Personne ne l’a encore dit à QALITA.

# %% [markdown] id="report"
# What is sent to QALITA is called a *report*: which check, on which dataset, with what outcome. A few fields are enough
# ([docs/contract.md](../docs/contract.md) has all of them). Three of them need a word:
#
# - `kind` is `dbt` although dbt has no part in it: a report has the form of dbt's results or of Dagster's, and the first will do for results of your own.
# - `definitions_complete: False` says: there are other checks besides this one.
# - `run_id` is the name of the run. Here it is the last day of the data, so the same data is the same run.

# %% [markdown] id="report" lang="fr"
# Ce que l’on envoie à QALITA s’appelle un *rapport* (*report*) : quelle vérification, sur quel jeu de données, avec quel résultat. Quelques champs suffisent
# ([docs/contract.md](../docs/contract.md), en anglais, les contient tous). Trois d’entre eux méritent un mot :
#
# - `kind` vaut `dbt`, bien que dbt n’y soit pour rien : un rapport a la forme des résultats de dbt ou de ceux de Dagster, et la première convient à
#   des résultats à vous.
# - `definitions_complete: False` signifie : il existe d’autres vérifications que celle-ci.
# - `run_id` est le nom de l’exécution. C’est ici le dernier jour des données : les mêmes données sont donc la même exécution.

# %% id="send-report"
now, run_id = datetime.now(UTC), "rain until 2017-05-06"
report = {
    "kind": "dbt",
    "project": "my_rain",
    "environment": "dev",
    "context": {"run_id": run_id, "started_at": None, "finished_at": now, "tool": "notebook"},
    "definitions_scope": "notebook:rain",
    "definitions_complete": False,
    "sources": [{"name": "gauges", "type": "file"}],
    "datasets": [{"key": "rain_days", "name": "rain_days", "kind": "file", "source": "gauges", "owner": "garden club"}],
    "checks": [
        {
            "key": "every_gauge",
            "name": "every_gauge_every_day",
            "kind": "data_test",
            "dimension": "completeness",
            "dataset": "rain_days",
        }
    ],
    "invocations": [{"id": run_id, "command": "notebook", "finished_at": now}],
    "results": [
        {
            "check": "every_gauge",
            "invocation": run_id,
            "status": "failed" if missing else "passed",
            "tool_status": None,
            "failures": missing,
        }
    ],
}
answer_of_qalita = send(msgspec.convert(report, RunReport)).answer
print(answer_of_qalita.outcome, [change.title for change in answer_of_qalita.opened])

# %% id="send-again"
again = send(msgspec.convert(report, RunReport)).answer
print(again.outcome, "as run", again.run)

# %% [markdown] id="send-seen"
# **What we see.** An issue of the same kind as those of dbt. Sent again, it is the same run. In a language other than Python the same JSON goes to
# the server with any HTTP client; `example_ci/curl` does it with a shell.

# %% [markdown] id="send-seen" lang="fr"
# **Ce que l’on voit.** Un ticket de même nature que ceux de dbt. Envoyé de nouveau, le rapport reste la même exécution. Dans un autre langage que Python, le même JSON part
# vers le serveur avec n’importe quel client HTTP ; `example_ci/curl` le fait avec un shell.

# %% [markdown] id="mend"
# ## Mend the data
#
# The three wrong readings are corrected: three lines of the file change, and dbt runs once more.

# %% [markdown] id="mend" lang="fr"
# ## Réparer les données
#
# Les trois relevés fautifs sont corrigés : trois lignes du fichier changent, et dbt tourne encore une fois.

# %% id="mend-csv"
mended = rain.replace("12.5", "1.5").replace("-1.0", "0.1").replace("05-05,garden,", "05-05,garden,2.2")
Path("seeds/rain.csv").write_text(mended, encoding="utf-8")
# !dbt --quiet build; echo "exit status $?"
# !qalita ingest dbt --project my_rain | grep -E "^(all|resolved)"

# %% [markdown] id="mend-seen"
# **What we see.** All three issues are resolved, and this run scores 100 %. That is a score of what dbt has tested. Is everything well? The exercises ask.

# %% [markdown] id="mend-seen" lang="fr"
# **Ce que l’on voit.** Les trois tickets sont résolus, et cette exécution obtient 100 %. C’est le score de ce que dbt a testé. Tout va-t-il bien pour autant ? Les
# exercices posent la question.

# %% [markdown] id="recap"
# ## What to remember
#
# - A check is a query that finds bad rows. Generic for a rule that you use often, singular for one of a kind.
# - `meta` carries what QALITA wants to know: `owner` and `dimension`. A good `description` saves somebody an hour.
# - Whatever you can count, you can send: [docs/ways-into-qalita.md](../docs/ways-into-qalita.md) compares the ways.

# %% [markdown] id="recap" lang="fr"
# ## À retenir
#
# - Une vérification est une requête qui trouve les mauvaises lignes. Un test générique pour une règle qui sert souvent, un test singulier pour
#   un cas unique.
# - `meta` porte ce que QALITA veut savoir : `owner` et `dimension`. Une bonne description fait gagner une heure à quelqu’un.
# - Tout ce que vous pouvez compter, vous pouvez l’envoyer : [docs/ways-into-qalita.md](../docs/ways-into-qalita.md) (en anglais) compare les façons
#   de le faire.

# %% [markdown] id="exercises"
# ## Exercises
#
# **1.** One fault was found by no check: a measurement is there twice. Write the query for a test that finds it: one row for each `day` and `gauge`
# that come more than once in the table `rain`. Your answer is the table that `query("…", database="rain.duckdb")` returns.

# %% [markdown] id="exercises" lang="fr"
# ## Exercices
#
# **1.** Un défaut a échappé à toutes les vérifications : une mesure est là deux fois. Écrivez la requête d’un test qui le trouve : une ligne pour chaque couple
# `day` et `gauge` qui apparaît plus d’une fois dans la table `rain`. Votre réponse est la table que renvoie
# `query("…", database="rain.duckdb")`.

# %% id="answer-1" tags=["exercise"]
# solution: begin
answer = query("select day, gauge from rain group by day, gauge having count(*) > 1", database="rain.duckdb")
# solution: end

# %% id="check-1" tags=["check"]
check("08.1", answer)

# %% [markdown] id="question-2"
# **2.** Suppose `gauges_agree` said nothing of its dimension in `meta`. Which one would QALITA take? Answer with the word, in quotes. You may try, or look it up in
# [docs/scoring.md](../docs/scoring.md).

# %% [markdown] id="question-2" lang="fr"
# **2.** Supposons que `gauges_agree` ne dise rien de sa dimension dans `meta`. Laquelle QALITA prendrait-il ? Répondez par le mot anglais, entre
# guillemets. Vous pouvez essayer, ou chercher dans
# [docs/scoring.md](../docs/scoring.md) (en anglais).

# %% id="answer-2" tags=["exercise"]
# solution: begin
answer = "reasonability"
# solution: end

# %% id="check-2" tags=["check"]
check("08.2", answer)

# %% [markdown] id="question-3"
# **3.** How many issues of `my_rain` are still open, and why? Answer with the number.

# %% [markdown] id="question-3" lang="fr"
# **3.** Combien de tickets de `my_rain` sont encore ouverts, et pourquoi ? Répondez par le nombre.

# %% id="answer-3" tags=["exercise"]
# solution: begin
answer = len(ask("/api/v2/issues", project="my_rain", status="open"))
# solution: end

# %% id="check-3" tags=["check"]
check("08.3", answer)

# %% [markdown] id="next"
# **Next:** [09 · CI and larger data](09_ci_and_larger_data.ipynb). The solutions of this notebook are in
# [solutions/](solutions/08_your_own_data.ipynb).

# %% [markdown] id="next" lang="fr"
# **La suite :** [09 · La CI et des données plus volumineuses](09_ci_and_larger_data.ipynb). Les solutions de ce notebook sont dans
# [solutions/](solutions/08_your_own_data.ipynb).
