# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # 06 · Issues and scores over time
#
# **Goal.** You play four deliveries of data: a good one, a broken one, one that is half mended, and a good one again. You watch issues open and
# resolve, and the score fall and recover. About 20 minutes.

# %% [markdown] id="title" lang="fr"
# # 06 · Tickets et scores au fil du temps
#
# **Objectif.** Vous jouez quatre livraisons de données : une bonne, une mauvaise, une à moitié réparée, et de nouveau une bonne. Vous voyez des
# tickets s’ouvrir et se résoudre, et le score baisser puis remonter. Environ 20 minutes.

# %% [markdown] id="load"
# ## The first delivery
#
# The data as it was published. dbt builds and tests it, QALITA takes in the result. This takes some seconds.

# %% [markdown] id="load" lang="fr"
# ## La première livraison
#
# Les données telles qu’elles ont été publiées. dbt les construit et les teste, QALITA reçoit le résultat. Cela prend quelques secondes.

# %% id="open"
import csv
import json
from pathlib import Path

from qalita_ingest import charts
from qalita_walkthrough import Table, ask, check, open_workspace, query, show

open_workspace("06_issues_and_scores")

# %% id="first"
# !dbt --quiet build; echo "exit status $?"
# !qalita ingest dbt --project opendata_dbt --format json > first.json

# %% [markdown] id="tell"
# QALITA's answer says what has changed. We keep a small function to read it aloud.

# %% [markdown] id="tell" lang="fr"
# La réponse de QALITA dit ce qui a changé. Gardons une petite fonction pour la lire à voix haute.


# %% id="tell-first"
def tell(file):
    answer = json.loads(Path(file).read_text(encoding="utf-8"))["delivery"]
    score = next(one for one in answer["scores"] if one["perimeter"] == "project")
    print(f"score {score['value']:.1%}, over {score['checks']} checks; issues open: {answer['open_issues']}")
    for change in ("opened", "reopened", "resolved"):
        for issue in answer[change]:
            print(f"  {change:8} #{issue['id']} {issue['title']} ({issue['severity']})")


tell("first.json")

# %% [markdown] id="first-seen"
# **What we see.** Even good data has findings. These seven are in the data as it was published, and most of them you know from the first
# notebooks. They are of severity medium: worth knowing, no alarm. So the score is not 100 %, and that is honest.

# %% [markdown] id="first-seen" lang="fr"
# **Ce que l’on voit.** Même de bonnes données donnent lieu à des constats. Ces sept-là viennent des données telles qu’elles ont été publiées, et vous en
# connaissez la plupart depuis les premiers notebooks. Leur sévérité est moyenne (*medium*) : il est bon de les connaître, sans s’alarmer. Le score n’est
# donc pas de 100 %, et c’est honnête.

# %% [markdown] id="break"
# ## Break it: a sensor loses its calibration
#
# Tomorrow's file comes in, and sixty values of Châtelet are negative. We do this ourselves, in the CSV file.

# %% [markdown] id="break" lang="fr"
# ## Cassons : un capteur perd son étalonnage
#
# Le fichier du lendemain arrive, et soixante valeurs de Châtelet sont négatives. Nous le faisons nous-mêmes, dans le fichier CSV.

# %% id="read-file"
seed = Path("seeds/opendata_airquality.csv")
good = seed.read_text(encoding="utf-8")


def rows_of(text):
    return list(csv.DictReader(text.splitlines()))


def write(rows):
    with seed.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


# %% id="plant-negative"
def make_negative(rows):
    measured = [row for row in rows if row["location"] == "Chatelet" and row["value"] not in {"NA", "0"}]
    for row in measured[:60]:
        row["value"] = "-" + row["value"]
    return rows


batch = make_negative(rows_of(good))
Table(["station", "pollutant", "value"], [(row["location"], row["parameter"], row["value"]) for row in batch[:3]])

# %% [markdown] id="break-unit"
# ## Break it: a supplier changes the unit
#
# And a hundred values of PM2.5 come in another unit, `ppq`. Nobody has told us.

# %% [markdown] id="break-unit" lang="fr"
# ## Cassons : un fournisseur change d’unité
#
# Et cent valeurs de PM2.5 arrivent dans une autre unité, `ppq`. Personne ne nous a prévenus.


# %% id="plant-unit"
def change_unit(rows):
    particles = [row for row in rows if row["parameter"] == "pm25"]
    for row in particles[:100]:
        row["unit"] = "ppq"
    return rows


write(change_unit(batch))
query("select unit, count(*) as rows from 'seeds/opendata_airquality.csv' group by unit order by rows desc, unit")

# %% [markdown] id="break-seen"
# **What we see.** The file has both faults now: values below zero, and a hundred rows in a unit that nobody knows here.

# %% [markdown] id="break-seen" lang="fr"
# **Ce que l’on voit.** Le fichier contient maintenant les deux défauts : des valeurs négatives, et cent lignes dans une unité que personne ne connaît ici.

# %% [markdown] id="second"
# ## The second delivery
#
# dbt doesn't know that anything has happened. It builds and tests, as every night.

# %% [markdown] id="second" lang="fr"
# ## La deuxième livraison
#
# dbt ne sait pas qu’il s’est passé quelque chose. Il construit et teste, comme chaque nuit.

# %% id="build-second"
# !dbt --quiet build; echo "exit status $?"

# %% id="ingest-second"
# !qalita ingest dbt --project opendata_dbt --format json > second.json; echo "exit status $?"
tell("second.json")

# %% [markdown] id="second-seen"
# **What we see.** dbt names two failures and ends with exit status 1. (`unit_is_micrograms` found 1 row for the hundred values: it lists each
# forbidden unit once.) QALITA has taken the run in (0) and opened two issues of severity high; the seven old ones are as before.
#
# And there are 55 checks in the score, not 69: behind a failed test dbt *skips* what builds on it. The mart keeps yesterday's table, so nobody
# reads means of wrong values.

# %% [markdown] id="second-seen" lang="fr"
# **Ce que l’on voit.** dbt nomme deux échecs et se termine avec le code de sortie 1. (`unit_is_micrograms` a trouvé 1 ligne pour les cent valeurs : ce test
# liste une seule fois chaque unité interdite.) QALITA a reçu l’exécution (0) et ouvert deux tickets de sévérité haute (*high*) ; les sept anciens n’ont
# pas bougé.
#
# Et le score compte 55 vérifications, et non plus 69 : derrière un test qui échoue, dbt *saute* (`skip`) ce qui en dépend. Le mart garde la table de la
# veille : personne ne lit de moyennes calculées sur des valeurs fausses.

# %% [markdown] id="issue"
# ## One issue, closely
#
# Somebody has to look after it. What does QALITA tell them?

# %% [markdown] id="issue" lang="fr"
# ## Un ticket de près
#
# Quelqu’un doit s’en occuper. Que lui dit QALITA ?

# %% id="issue-story"
number = next(
    one["id"] for one in ask("/api/v2/issues", status="open") if one["title"].endswith("value_is_not_negative")
)
# !qalita ingest issue {number}

# %% [markdown] id="issue-seen"
# **What we see.** What the check means and what to do, where it is, who owns the data, how many rows. `Rows` names the table in which dbt has kept
# the failing rows:

# %% [markdown] id="issue-seen" lang="fr"
# **Ce que l’on voit.** Ce que signifie la vérification et ce qu’il faut faire, où cela se trouve, à qui sont les données, combien de lignes. `Rows` nomme la
# table dans laquelle dbt a conservé les lignes fautives :

# %% id="issue-rows"
query("select * from main_dbt_test__audit.value_is_not_negative order by all limit 3")

# %% [markdown] id="people"
# ## What people do
#
# A run says *what* is broken. People say who mends it, and what they know. `--actor` is who is speaking.

# %% [markdown] id="people" lang="fr"
# ## Ce que font les gens
#
# Une exécution dit *ce qui* est cassé. Les gens disent qui répare, et ce qu’ils savent. `--actor` indique qui parle.

# %% id="assign"
# !qalita ingest assign {number} "metro team" --actor learner
# !qalita ingest comment {number} "The sensor is being calibrated again." --actor learner

# %% [markdown] id="mute"
# An old finding that we can't change need not stay in the list. *Mute* it until a day; then it comes back by itself. (Here the day is far away,
# so that this notebook stays true. At work, take weeks.)

# %% [markdown] id="mute" lang="fr"
# Un vieux constat auquel nous ne pouvons rien n’a pas à encombrer la liste. Mettez-le en *sourdine* (*mute*) jusqu’à une date ; il revient ensuite de
# lui-même. (Ici, la date est lointaine pour que ce notebook reste vrai. Au travail, comptez en semaines.)

# %% id="mute-clock"
clock = next(one["id"] for one in ask("/api/v2/issues", status="open") if one["title"].endswith("clock_is_certain"))
# !qalita ingest mute {clock} --until 2099-12-31 --actor learner
# !qalita ingest issues --status muted

# %% [markdown] id="mute-seen"
# **What we see.** The issue is in the list of muted ones, and no longer in the other. `Seen 2 ×` says how many runs have found it: the first delivery and
# the second.

# %% [markdown] id="mute-seen" lang="fr"
# **Ce que l’on voit.** Le ticket figure dans la liste de ceux qui sont en sourdine, et non plus dans l’autre. `Seen 2 ×` (vu 2 fois) dit combien d’exécutions
# l’ont constaté : la première livraison et la deuxième.

# %% [markdown] id="mend"
# ## Mend half of it
#
# The sensor is calibrated again: the next file has no negative values. The unit is still wrong.

# %% [markdown] id="mend" lang="fr"
# ## Réparer la moitié
#
# Le capteur est réétalonné : le fichier suivant n’a plus de valeurs négatives. L’unité est toujours fausse.

# %% id="third"
write(change_unit(rows_of(good)))
# !dbt --quiet build > dbt.log; echo "exit status $?"
# !qalita ingest dbt --project opendata_dbt --format json > third.json
tell("third.json")

# %% [markdown] id="third-seen"
# **What we see.** The check on negative values passes again, so its issue is *resolved*; nobody had to close it. Nine issues were open: one is muted
# now, one is resolved, seven are left.
#
# The issue of the unit is among them, and dbt still ends with 1:

# %% [markdown] id="third-seen" lang="fr"
# **Ce que l’on voit.** La vérification des valeurs négatives réussit à nouveau, son ticket est donc *résolu* ; personne n’a eu à le fermer. Neuf tickets
# étaient ouverts : l’un est en sourdine, un autre est résolu, il en reste sept.
#
# Celui de l’unité en fait partie, et dbt se termine toujours avec 1 :

# %% id="third-again"
# !qalita ingest issues --project opendata_dbt | grep -e Severity -e unit_is_micrograms

# %% [markdown] id="third-again-seen"
# **What we see.** Seen twice (`2 ×`), and still a single issue, number 8: the same fault never opens a second one.

# %% [markdown] id="third-again-seen" lang="fr"
# **Ce que l’on voit.** Constaté deux fois (`2 ×`), et toujours un seul ticket, le numéro 8 : un même défaut n’en ouvre jamais un second.

# %% [markdown] id="mend-all"
# ## Mend the rest
#
# The supplier sends the right unit again.

# %% [markdown] id="mend-all" lang="fr"
# ## Réparer le reste
#
# Le fournisseur envoie de nouveau la bonne unité.

# %% id="fourth"
seed.write_text(good, encoding="utf-8")
# !dbt --quiet build > dbt.log; echo "exit status $?"
# !qalita ingest dbt --project opendata_dbt --format json > fourth.json
tell("fourth.json")

# %% [markdown] id="fourth-seen"
# **What we see.** Exit status, score and number of checks are those of the first delivery. Six issues are open, not seven: `clock_is_certain` still
# warns, but it is muted.

# %% [markdown] id="fourth-seen" lang="fr"
# **Ce que l’on voit.** Le code de sortie, le score et le nombre de vérifications sont ceux de la première livraison. Six tickets sont ouverts, et non
# sept : `clock_is_certain` donne toujours un avertissement, mais il est en sourdine.

# %% [markdown] id="story"
# ## The story of an issue
#
# What runs found and what people did, in one story.

# %% [markdown] id="story" lang="fr"
# ## L’histoire d’un ticket
#
# Ce que les exécutions ont trouvé et ce que les gens ont fait, dans une seule histoire.

# %% id="events"
events = ask(f"/api/v2/issues/{number}/events")
Table(
    ["what", "by", "run", "detail"],
    [(one["kind"], one["actor"], one["run"], one["comment"] or one["detail"]) for one in events],
)

# %% [markdown] id="events-seen"
# **What we see.** `qalita` opened the issue and resolved it, and the run that was the reason is named. In between stands what you did: there no run
# is named, the cell is empty (`NULL`).

# %% [markdown] id="events-seen" lang="fr"
# **Ce que l’on voit.** `qalita` a ouvert le ticket et l’a résolu, avec l’exécution qui en est la raison. Entre les deux, ce que vous avez fait :
# là, aucune exécution n’est nommée, la case est vide (`NULL`).

# %% [markdown] id="trend"
# ## The score over time
#
# QALITA keeps every run. We ask for their scores, the oldest first.

# %% [markdown] id="trend" lang="fr"
# ## Le score au fil du temps
#
# QALITA garde chaque exécution. Demandons leurs scores, de la plus ancienne à la plus récente.

# %% id="trend-chart"
names = ["as published", "broken", "half mended", "mended"]
runs = ask("/api/v2/runs", project="opendata_dbt")["items"][::-1]
show(
    charts.score_trend(
        [charts.ScoredRun(name, run["score"]) for name, run in zip(names, runs, strict=True)], name="opendata_dbt"
    )
)

# %% [markdown] id="trend-seen"
# **What we see.** From 95.3 % down to 90.3 %, then 92.2 %, and back. The axis begins at 0, so a small change looks small. Five points don't look like
# much, and yet two checks had failed: a score tells you when to look, the issues where.

# %% [markdown] id="trend-seen" lang="fr"
# **Ce que l’on voit.** De 95,3 % à 90,3 %, puis 92,2 %, et retour. L’axe commence à 0 : un petit changement paraît donc petit. Cinq points semblent peu de
# chose, et pourtant deux vérifications avaient échoué : un score dit quand regarder, les tickets disent où. (Les quatre livraisons, de la plus ancienne à la
# plus récente (`oldest first`) : telle que publiée, mauvaise, à moitié réparée, réparée.)

# %% [markdown] id="history"
# ## One check over time
#
# The same for a single check: the higher the bar, the worse.

# %% [markdown] id="history" lang="fr"
# ## Une vérification au fil du temps
#
# La même chose pour une seule vérification : plus la barre est haute, plus c’est grave.

# %% id="history-chart"
checks = {one["name"]: one for one in ask("/api/v2/checks", project="opendata_dbt", limit=200)["items"]}


def history(name):
    results = ask(f"/api/v2/checks/{checks[name]['id']}/results")["items"][::-1]
    return [charts.Outcome(run, result["status"]) for run, result in zip(names, results, strict=True)]


show(charts.history_strip(history("value_is_not_negative"), name="value_is_not_negative"))

# %% [markdown] id="history-seen"
# **What we see.** One night of failure, and good before and after. A bar that jumps up and down all the time would be a *flaky* check: then the
# check may be what is wrong.

# %% [markdown] id="history-seen" lang="fr"
# **Ce que l’on voit.** (`outcome` : le résultat.) Une nuit d’échec (`failed`), et tout va bien (`passed`) avant et après. Une barre qui monte et descend sans arrêt serait une vérification *instable* (*flaky*) :
# c’est alors peut-être la vérification qui est en cause.

# %% [markdown] id="recap"
# ## What to remember
#
# - One fault, one issue: it opens with the first finding, counts the next ones, and resolves when the check passes again.
# - A run says what is broken; people say who mends it. Neither overwrites the other.
# - A score says *that* something has changed. The issues say *what*.

# %% [markdown] id="recap" lang="fr"
# ## À retenir
#
# - Un défaut, un ticket : il s’ouvre au premier constat, compte les suivants, et se résout quand la vérification réussit à nouveau.
# - Une exécution dit ce qui est cassé ; les gens disent qui répare. Aucun n’efface ce que l’autre a dit.
# - Un score dit *que* quelque chose a changé. Les tickets disent *quoi*.

# %% [markdown] id="exercises"
# ## Exercises
#
# **1.** How many issues are open now, after the fourth delivery? `ask("/api/v2/issues", status="open")` returns a list of them.

# %% [markdown] id="exercises" lang="fr"
# ## Exercices
#
# **1.** Combien de tickets sont ouverts maintenant, après la quatrième livraison ? `ask("/api/v2/issues", status="open")` en renvoie la liste.

# %% id="answer-1" tags=["exercise"]
# solution: begin
answer = len(ask("/api/v2/issues", status="open"))
# solution: end

# %% id="check-1" tags=["check"]
check("06.1", answer)

# %% [markdown] id="question-2"
# **2.** One check failed in two deliveries, the broken one and the half mended one. What is its name? (`checks` has the names of all. To see the
# history of one, write its name in the cell that drew the bars, in place of `value_is_not_negative`.)

# %% [markdown] id="question-2" lang="fr"
# **2.** Une vérification a échoué dans deux livraisons, la mauvaise et celle à moitié réparée. Quel est son nom ? (`checks` contient tous les noms. Pour
# voir l’historique d’une vérification, écrivez son nom dans la cellule qui a tracé les barres, à la place de `value_is_not_negative`.)

# %% id="answer-2" tags=["exercise"]
# solution: begin
answer = "unit_is_micrograms"
# solution: end

# %% id="check-2" tags=["check"]
check("06.2", answer)

# %% [markdown] id="question-3"
# **3.** Next week the sensor turns negative once more. What will QALITA do with the issue: `"open"` a new one, `"reopen"` the old one, or
# `"ignore"` it? You may try: plant the fault again, build, ingest, `tell`.

# %% [markdown] id="question-3" lang="fr"
# **3.** La semaine prochaine, le capteur redevient négatif. Que fera QALITA : `"open"` (ouvrir un nouveau ticket), `"reopen"` (rouvrir
# l’ancien) ou `"ignore"` (l’ignorer) ? Vous pouvez essayer : remettez le défaut, relancez dbt et l’ingestion, puis `tell`.

# %% id="answer-3" tags=["exercise"]
# solution: begin
answer = "reopen"
# solution: end

# %% id="check-3" tags=["check"]
check("06.3", answer)

# %% [markdown] id="next"
# **Next:** [07 · Dagster](07_dagster.ipynb). The solutions of this notebook are in
# [solutions/](solutions/06_issues_and_scores.ipynb).

# %% [markdown] id="next" lang="fr"
# **La suite :** [07 · Dagster](07_dagster.ipynb). Les solutions de ce notebook sont dans
# [solutions/](solutions/06_issues_and_scores.ipynb).
