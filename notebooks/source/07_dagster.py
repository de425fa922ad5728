# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # 07 · Dagster
#
# **Goal.** Until now you typed the commands. Dagster runs them for you: every month, in the right order, and it stops where the data is too
# bad to go on. Such a program is called an *orchestrator*. You run a good month and a bad one, and find both in QALITA. About 20 minutes.

# %% [markdown] id="title" lang="fr"
# # 07 · Dagster
#
# **Objectif.** Jusqu’ici, vous tapiez les commandes. Dagster les lance à votre place : chaque mois, dans le bon ordre, et il s’arrête là où
# les données sont trop mauvaises pour continuer. Un tel programme s’appelle un *orchestrateur*. Vous exécutez un bon mois et un mauvais, et
# vous retrouvez les deux dans QALITA. Environ 20 minutes.

# %% [markdown] id="load"
# ## A home for Dagster
#
# Dagster remembers its runs in a folder, `DAGSTER_HOME`. In this notebook it is a folder of the fresh copy. `dagster.yaml` holds its settings.

# %% [markdown] id="load" lang="fr"
# ## Un dossier pour Dagster
#
# Dagster garde la mémoire de ses exécutions dans un dossier, `DAGSTER_HOME`. Dans ce notebook, c’est un dossier de la copie neuve.
# `dagster.yaml` contient ses réglages.

# %% id="open"
from qalita_ingest import charts
from qalita_walkthrough import Table, check, open_workspace, query, show
from qalita_walkthrough.dagster_runs import launch, load_definitions

open_workspace("07_dagster", inside="example_dagster")

# %% id="home"
# !mkdir -p "$DAGSTER_HOME"
# !cp dagster.yaml "$DAGSTER_HOME"
# !ls

# %% [markdown] id="definitions"
# ## What Dagster is told
#
# `definitions.py` names everything that Dagster has to know. It only assembles; each part is in a folder of its own.

# %% [markdown] id="definitions" lang="fr"
# ## Ce que l’on dit à Dagster
#
# `definitions.py` nomme tout ce que Dagster doit connaître. Ce fichier ne fait qu’assembler ; chaque partie a son dossier.

# %% id="definitions-file"
# !sed -n '/^defs/,$p' definitions.py

# %% [markdown] id="definitions-seen"
# **What we see.** Assets, checks and jobs are the subject of this notebook. Of the others for now one word each: a *schedule* starts a job by the
# calendar, a *sensor* waits for something to happen, and a *resource* is a tool that several parts use, such as dbt or QALITA.

# %% [markdown] id="definitions-seen" lang="fr"
# **Ce que l’on voit.** Les assets, les vérifications (*checks*) et les jobs sont le sujet de ce notebook. Un mot des autres : un `schedule` lance un job
# selon le calendrier, un `sensor` attend que quelque chose se produise, et une `resource` est un outil commun à plusieurs parties, comme dbt ou
# QALITA.

# %% id="definitions-load"
definitions = load_definitions()

# %% [markdown] id="assets"
# ## Assets: what is to be there
#
# An **asset** is a thing that should exist, such as a table or a file. You don't say "run this, then that". You say what each asset is made of,
# and Dagster finds the order.

# %% [markdown] id="assets" lang="fr"
# ## Les assets : ce qui doit exister
#
# Un **asset** est une chose qui doit exister, par exemple une table ou un fichier. Vous ne dites pas « exécute ceci, puis cela ». Vous dites de
# quoi chaque asset est fait, et Dagster trouve l’ordre.

# %% id="assets-picture"
graph = definitions.resolve_asset_graph()
assets = sorted(graph.get_all_asset_keys())


def name_of(key):
    return key.to_user_string()


def picture(words, name, marked):
    boxes, arrows = [], []
    for key in assets:
        asset = name_of(key)
        boxes.append(charts.LineageNode(asset, asset, words[asset], asset in marked))
        arrows += [(name_of(parent), asset) for parent in sorted(graph.get(key).parent_keys)]
    return show(charts.lineage_picture(boxes, arrows, name=name))


kinds = {name_of(key): ", ".join(sorted(graph.get(key).kinds)) for key in assets}
picture(kinds, name="the assets", marked={"airquality_report"})

# %% [markdown] id="assets-seen"
# **What we see.** The dbt project is in the middle: Dagster has read it, and each seed and model became an asset. Two were added around it:
# `raw_airquality`, one month as the sources published it, and `airquality_report`, the file that people read at the end.
#
# Here is the whole recipe of the report. `deps` is its arrow in the picture, `partitions_def` says that there is one for each month.

# %% [markdown] id="assets-seen" lang="fr"
# **Ce que l’on voit.** Le projet dbt est au milieu : Dagster l’a lu, et chaque seed, chaque modèle est devenu un asset. Deux autres l’entourent :
# `raw_airquality`, un mois tel que les sources l’ont publié, et `airquality_report`, le fichier que l’on lit à la fin.
#
# Voici toute la recette du rapport. `deps` est sa flèche dans l’image, `partitions_def` dit qu’il y en a un par mois.

# %% id="asset-file"
# !sed -n '/^@dg.asset/,/^    )$/p' assets/airquality_report.py

# %% [markdown] id="asset-seen"
# **What we see.** An asset is a function with a line above it, `@dg.asset`, that says what it depends on. This one opens the month's database, writes a
# Parquet file, and returns what is worth knowing of it: how many rows, and where the file is.

# %% [markdown] id="asset-seen" lang="fr"
# **Ce que l’on voit.** Un asset est une fonction précédée de `@dg.asset`, qui dit de quoi elle dépend. Celle-ci ouvre la base de données du mois,
# écrit un fichier Parquet, et renvoie ce qu’il est bon d’en savoir : combien de lignes, et où se trouve le fichier.

# %% [markdown] id="checks"
# ## Checks: what is expected of an asset
#
# A **check** belongs to an asset and says whether it is as expected. Dagster made one of every dbt test of a seed or model, and the example adds five of its
# own. A *blocking* check stops what comes after it.

# %% [markdown] id="checks" lang="fr"
# ## Les vérifications : ce que l’on attend d’un asset
#
# Une **vérification** (*check*) appartient à un asset et dit s’il est conforme aux attentes. Dagster en a fait une de chaque test dbt d’un
# seed ou d’un modèle, et l’exemple en ajoute cinq. Une vérification *bloquante* (*blocking*) arrête ce qui vient après elle.


# %% id="checks-table"
def checks_of(asset):
    return [graph.get(key) for key in graph.asset_check_keys if key.asset_key == asset]


def blocking(asset):
    return ", ".join(sorted(one.key.name for one in checks_of(asset) if one.blocking))


Table(
    ["asset", "checks", "of them blocking"],
    [(name_of(asset), len(checks_of(asset)), blocking(asset)) for asset in assets],
)

# %% [markdown] id="checks-seen"
# **What we see.** Only three of them block, and none is a dbt test: a single failed test says little. `quality_gate` looks at all results
# together. It stands between `airquality_metrics` and the report.

# %% [markdown] id="checks-seen" lang="fr"
# **Ce que l’on voit.** Trois seulement sont bloquantes, et aucune n’est un test dbt : un seul test en échec ne dit pas grand-chose. `quality_gate`
# (le seuil de qualité) considère tous les résultats ensemble. Il se trouve entre `airquality_metrics` et le rapport.

# %% [markdown] id="gate"
# ## The quality gate
#
# The gate sends what dbt found to QALITA, and asks: what is the score? Which issues are open? These are its settings.

# %% [markdown] id="gate" lang="fr"
# ## Le seuil de qualité
#
# Le seuil de qualité envoie à QALITA ce que dbt a trouvé, et demande : quel est le score ? Quels tickets sont ouverts ? Voici ses réglages.

# %% id="gate-file"
# !sed -n '/minimum_score: /,/^$/p' checks/qalita_gate.py | sed '/^$/d'

# %% [markdown] id="gate-seen"
# **What we see.** The score has to be at least 0.9, that is 90 %. A failed check stops the data as well, unless somebody has muted its issue. When
# QALITA can't be asked, that alone stops nothing: the gate then judges the run itself, by the same formula.

# %% [markdown] id="gate-seen" lang="fr"
# **Ce que l’on voit.** Le score doit être d’au moins 0,9, soit 90 %. Une vérification en échec arrête aussi les données, sauf si quelqu’un a mis son ticket
# en sourdine. Si QALITA est injoignable, cela seul n’arrête rien : le seuil juge alors lui-même l’exécution, selon la même formule.

# %% [markdown] id="job"
# ## A job, for a good month
#
# A **job** makes a selection of assets in one go. `airquality_job` takes all of them, for one month. We launch it for September 2016. It takes
# a while: dbt runs inside, and it has some sixty tests to do.
#
# In a terminal you would type `dagster job execute -f definitions.py -j airquality_job --tags '{"dagster/partition": "2016-09-01"}'`. A
# *partition* is Dagster's word for a part of the data that is made by itself, here a month; it is named by its first day.

# %% [markdown] id="job" lang="fr"
# ## Un job, pour un bon mois
#
# Un **job** produit d’un coup une sélection d’assets. `airquality_job` les prend tous, pour un mois. Nous le lançons pour septembre 2016. Cela prend
# un moment : dbt s’exécute à l’intérieur, et il a une soixantaine de tests à faire.
#
# Dans un terminal, vous taperiez `dagster job execute -f definitions.py -j airquality_job --tags '{"dagster/partition": "2016-09-01"}'`. Une
# *partition*, pour Dagster, est une part des données que l’on produit séparément, ici un mois ; elle porte le nom de son premier jour.

# %% id="good-run"
good = launch(definitions, "airquality_job", "2016-09")
print("succeeded" if good.success else "failed")


# %% id="good-findings"
def findings(run):
    found = [one for one in run.get_asset_check_evaluations() if not one.passed]
    rows = [(name_of(one.asset_key), one.check_name, one.severity.name) for one in found]
    return Table(["asset", "check that did not pass", "severity"], sorted(rows))


findings(good)

# %% [markdown] id="good-findings-seen"
# **What we see.** The run succeeded, although three checks did not pass. Their severity is `WARN`: somebody should have a look, and the data may go on.

# %% [markdown] id="good-findings-seen" lang="fr"
# **Ce que l’on voit.** L’exécution a réussi, bien que trois vérifications n’aient pas été satisfaites. Leur sévérité est `WARN` (avertissement) :
# il faudrait y jeter un œil, mais les données peuvent continuer.


# %% id="good-gate"
def gate_of(run):
    gate = next(one for one in run.get_asset_check_evaluations() if one.check_name == "quality_gate")
    score, judge = gate.metadata["qalita/score"].value, gate.metadata["qalita/judged_by"].value
    return f"{gate.description}\nThe score is {score} %, as judged by {judge}."


print(gate_of(good))

# %% [markdown] id="report"
# The gate let the data through, so there is a report. Dagster knows where: whoever made the asset wrote it into its *metadata*.

# %% [markdown] id="report" lang="fr"
# Le seuil de qualité a laissé passer les données : il y a donc un rapport. Dagster sait où il est, car la recette de l’asset l’a écrit dans ses *métadonnées*.

# %% id="report-table"
report = good.asset_materializations_for_node("airquality_report")[0].metadata["path"].value
query(f"select city, parameter, unit, measurement_count, mean_value, p95_value from '{report}' order by parameter")

# %% [markdown] id="report-seen"
# **What we see.** The key figures of September 2016: on the metro platform the mean of `pm10` was 160 µg/m³, and in one hour out of
# twenty it was above 243.65 µg/m³ (`p95_value`).

# %% [markdown] id="report-seen" lang="fr"
# **Ce que l’on voit.** Les chiffres clés de septembre 2016 : sur le quai du métro, la moyenne de `pm10` était de 160 µg/m³, et une heure
# sur vingt dépassait 243,65 µg/m³ (`p95_value`).

# %% [markdown] id="ingest"
# ## QALITA hears of the run
#
# The gate has already sent what *dbt* found. What *Dagster* found, its own checks and its steps, comes with `qalita ingest dagster`. It reads
# `DAGSTER_HOME`.

# %% [markdown] id="ingest" lang="fr"
# ## QALITA prend connaissance de l’exécution
#
# Le seuil de qualité a déjà envoyé ce que *dbt* a trouvé. Ce que *Dagster* a trouvé, ses propres vérifications et ses étapes, arrive avec
# `qalita ingest dagster`. Cette commande lit `DAGSTER_HOME`.

# %% id="ingest-good"
# !qalita ingest dagster --run {good.run_id} | sed '/^Store/,$d'

# %% [markdown] id="ingest-good-seen"
# **What we see.** This is run 2 in QALITA; run 1 is what the gate sent. It has 65 checks: 60 tests of dbt, and five of Dagster. (The table above had
# 61. Four tests of dbt look at the log of loads, which is neither a seed nor a model, so Dagster made no checks of them.)
#
# The tests of dbt came for the second time, first from the gate, now from Dagster. QALITA knows them again and counts them once. So the issues are
# three, not six. The score is 98.3 % and no longer 98.2 %, since the five checks of Dagster have passed and count, too.

# %% [markdown] id="ingest-good-seen" lang="fr"
# **Ce que l’on voit.** Dans QALITA, c’est l’exécution 2 ; l’exécution 1 est ce que le seuil de qualité a envoyé. Elle compte 65 vérifications : 60 tests de dbt
# et cinq de Dagster. (Le tableau plus haut en comptait 61. Quatre tests de dbt examinent le journal des chargements, qui n’est ni un seed ni un modèle :
# Dagster n’en a pas fait de vérifications.)
#
# Les tests de dbt arrivent pour la deuxième fois, d’abord par le seuil de qualité, maintenant par Dagster. QALITA les reconnaît et ne les compte qu’une
# fois. Il y a donc trois tickets, et non six. Le score est de 98,3 % et non plus de 98,2 %, car les cinq vérifications de Dagster ont réussi et comptent
# aussi.

# %% [markdown] id="bad"
# ## A bad batch
#
# Now a sensor fails: 60 values of September turn negative. We write them into a CSV file of our own and run the month again.

# %% [markdown] id="bad" lang="fr"
# ## Un mauvais lot
#
# Maintenant, un capteur tombe en panne : 60 valeurs de septembre deviennent négatives. Nous les écrivons dans un fichier CSV à part, et nous
# exécutons le mois à nouveau.

# %% id="bad-file"
import csv
from pathlib import Path

with Path("../example_dbt/seeds/opendata_airquality.csv").open(encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
september = [row for row in rows if row["date_utc"].startswith("2016-09") and row["value"] not in {"NA", "0"}]
for row in september[:60]:
    row["value"] = "-" + row["value"]
with Path("../bad_batch.csv").open("w", encoding="utf-8", newline="") as file:
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)

query("select location, value, date_utc from '../bad_batch.csv' where value like '-%' order by all limit 3")

# %% id="bad-run"
bad = launch(definitions, "airquality_job", "2016-09", csv="../bad_batch.csv")
print("succeeded" if bad.success else "failed")

# %% id="bad-gate"
print(gate_of(bad))

# %% [markdown] id="bad-gate-seen"
# **What we see.** The score alone would have been good enough: the gate asks for 90 %, and one failed test among sixty doesn't weigh much. But an issue
# of high severity is open, and that stops the data. What has become of the assets?

# %% [markdown] id="bad-gate-seen" lang="fr"
# **Ce que l’on voit.** Le score seul aurait suffi : le seuil demande 90 %, et un test en échec sur soixante ne pèse pas lourd. Mais un ticket de sévérité
# haute (*high*) est ouvert, et il arrête les données. Que sont devenus les assets ?


# %% id="bad-picture"
def made(run):
    return {name_of(one.asset_key) for one in run.get_asset_materialization_events()}


names = {name_of(key) for key in assets}
words = {name: "made" if name in made(bad) else "not made" for name in names}
picture(words, name="the bad month", marked=names - made(bad))

# %% [markdown] id="bad-picture-seen"
# **What we see.** Everything up to the gate was made, so that one can look into it. The report was not: nobody reads wrong numbers.
# The report of the good run is still there.
#
# In notebook 06 dbt skipped what stood behind a failed test. Here dbt builds everything first and tests it afterwards, so that the gate can
# judge the whole.

# %% [markdown] id="bad-picture-seen" lang="fr"
# **Ce que l’on voit.** Tout a été produit (`made`) jusqu’au seuil de qualité, afin que l’on puisse chercher la cause. Le rapport, lui, ne l’a pas été
# (`not made`) : personne ne lira de faux chiffres. Le rapport de la bonne exécution est toujours là.
#
# Dans le notebook 06, dbt sautait ce qui suivait un test en échec. Ici, dbt construit d’abord tout, puis teste : le seuil de qualité peut ainsi
# juger l’ensemble.

# %% [markdown] id="notes"
# ## Notes back in Dagster
#
# People who work with Dagster all day look there first. So what QALITA says is noted there. A *hook* (when a job ends) or a *sensor* (every half minute)
# does two things: it delivers the run, and notes the answer. Here we call by hand what they call.

# %% [markdown] id="notes" lang="fr"
# ## Des notes en retour dans Dagster
#
# Qui travaille toute la journée avec Dagster regarde d’abord là. Ce que dit QALITA y est donc noté. Un *hook* (à la fin d’un job) ou un *sensor*
# (toutes les trente secondes) fait deux choses : il livre l’exécution, puis note la réponse. Appelons ici à la main ce qu’ils appellent.

# %% id="notes-report"
from dagster import DagsterInstance

from qalita_ingest import report_dagster_run

with DagsterInstance.get() as instance:
    print(report_dagster_run(instance, bad.run_id))


# %% id="notes-table"
def note_on(asset, instance):
    """What was noted last on an asset."""
    newest = instance.fetch_observations(asset, limit=1).records
    return {name: one.value for name, one in newest[0].asset_observation.metadata.items()} if newest else {}


with DagsterInstance.get() as instance:
    notes = [(name_of(asset), note_on(asset, instance)) for asset in assets]
Table(
    ["asset", "QALITA's run", "score of the asset (%)"],
    [(name, note.get("qalita/run"), note.get("qalita/score")) for name, note in notes],
)

# %% [markdown] id="notes-seen"
# **What we see.** Each asset that was made carries its score and the run in QALITA. With a QALITA server, these notes are links. The report has
# none: there was nothing to judge.

# %% [markdown] id="notes-seen" lang="fr"
# **Ce que l’on voit.** Chaque asset produit porte son score et l’exécution dans QALITA. Avec un serveur QALITA, ces notes sont des liens. Le rapport n’en a
# pas : il n’y avait rien à juger.

# %% [markdown] id="issues"
# ## The issues
#
# And this is what QALITA wants somebody to look at.

# %% [markdown] id="issues" lang="fr"
# ## Les tickets
#
# Et voici ce que QALITA demande d’examiner.

# %% id="issues-list"
# !qalita ingest issues --project opendata_dbt | grep -e Severity -e high

# %% [markdown] id="issues-seen"
# **What we see.** Two of high severity: the values, and the gate that stopped. Mend the data and run the month again: both resolve by themselves.
# If the negative values may wait, mute their issue (`qalita ingest mute`): from the next run on, the gate lets the data pass.

# %% [markdown] id="issues-seen" lang="fr"
# **Ce que l’on voit.** Deux tickets de sévérité haute : les valeurs, et le seuil de qualité qui a arrêté. Corrigez les données et exécutez le mois à nouveau :
# tous deux se résolvent d’eux-mêmes. Si les valeurs négatives peuvent attendre, mettez leur ticket en sourdine
# (`qalita ingest mute`) : dès l’exécution suivante, le seuil laissera passer les données.

# %% [markdown] id="recap"
# ## What to remember
#
# - An *asset* is what should be there, a *check* what is expected of it, a *job* makes assets in the right order.
# - dbt's tests are checks in Dagster. The *quality gate* asks QALITA and stops the data where it must not go on.
# - The same result may come in two ways: QALITA counts it once.
# - What QALITA says stands beside the assets in Dagster.
#
# `make dagster` opens Dagster's page, where you see all of this with the mouse. [The Dagster example](../example_dagster/README.md) tells more.

# %% [markdown] id="recap" lang="fr"
# ## À retenir
#
# - Un *asset* est ce qui doit exister, une *vérification* ce que l’on en attend, un *job* produit les assets dans le bon ordre.
# - Les tests de dbt sont des vérifications dans Dagster. Le *seuil de qualité* interroge QALITA et arrête les données là où elles ne doivent pas continuer.
# - Un même résultat peut arriver par deux chemins : QALITA ne le compte qu’une fois.
# - Ce que dit QALITA figure à côté des assets dans Dagster.
#
# `make dagster` ouvre la page de Dagster, où l’on voit tout cela en quelques clics. [L’exemple Dagster](../example_dagster/README.md) (en anglais) en dit plus.

# %% [markdown] id="exercises"
# ## Exercises
#
# **1.** Which assets were made in the good run, but not in the bad one? Answer with a set. `made(good)` gives you the names of one run.

# %% [markdown] id="exercises" lang="fr"
# ## Exercices
#
# **1.** Quels assets ont été produits dans la bonne exécution, mais pas dans la mauvaise ? Répondez par un ensemble. `made(good)` vous donne les noms
# pour une exécution.

# %% id="answer-1" tags=["exercise"]
# solution: begin
answer = made(good) - made(bad)
# solution: end

# %% id="check-1" tags=["check"]
check("07.1", answer)

# %% [markdown] id="question-2"
# **2.** A colleague says: "The score of the bad month is above 90 %. I want the gate to look at the score only." Which setting of the gate must become
# `False`? Look at the settings above, and answer with its name, in quotes.

# %% [markdown] id="question-2" lang="fr"
# **2.** Une collègue dit : « Le score du mauvais mois dépasse 90 %. Je veux que le seuil de qualité ne regarde que le score. » Quel réglage doit
# devenir `False` ? Relisez les réglages ci-dessus, et répondez par son nom, entre guillemets.

# %% id="answer-2" tags=["exercise"]
# solution: begin
answer = "issues_stop"
# solution: end

# %% id="check-2" tags=["check"]
check("07.2", answer)

# %% [markdown] id="question-3"
# **3.** In the bad run, how many rows had a negative value? Ask the check `value_is_not_negative`: what dbt counted is in its metadata, as
# `dagster_dbt/failed_row_count`. (`gate_of` reads the metadata of another check; it shows the way.)

# %% [markdown] id="question-3" lang="fr"
# **3.** Dans la mauvaise exécution, combien de lignes avaient une valeur négative ? Demandez-le à la vérification `value_is_not_negative` : ce que dbt a
# compté est dans ses métadonnées, sous `dagster_dbt/failed_row_count`. (`gate_of` lit celles d’une autre
# vérification : inspirez-vous-en.)

# %% id="answer-3" tags=["exercise"]
# solution: begin
evaluations = {one.check_name: one for one in bad.get_asset_check_evaluations()}
answer = evaluations["value_is_not_negative"].metadata["dagster_dbt/failed_row_count"].value
# solution: end

# %% id="check-3" tags=["check"]
check("07.3", answer)

# %% [markdown] id="next"
# **Next:** [08 · Your own data](08_your_own_data.ipynb). The solutions of this notebook are in
# [solutions/](solutions/07_dagster.ipynb).

# %% [markdown] id="next" lang="fr"
# **La suite :** [08 · Vos propres données](08_your_own_data.ipynb). Les solutions de ce notebook sont dans
# [solutions/](solutions/07_dagster.ipynb).
