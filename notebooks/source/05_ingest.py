# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # 05 · Ingest into QALITA
#
# **Goal.** You bring what dbt found into QALITA, follow one result all the way, and compute the score yourself. Then you try to
# count a run twice, and to lose one. Neither works. About 15 minutes.

# %% [markdown] id="title" lang="fr"
# # 05 · Verser dans QALITA
#
# **Objectif.** Vous versez dans QALITA ce que dbt a trouvé, vous suivez un résultat de bout en bout, et vous calculez le score
# vous-même. Puis vous essayez de compter une exécution deux fois, et d’en perdre une. Ni l’un ni l’autre n’est possible. Environ
# 15 minutes.

# %% [markdown] id="load"
# ## dbt runs first
#
# QALITA takes in what dbt has found, so dbt has to run. `dbt build` does in one go what you did in three steps before: seed, run
# and test. With `--quiet` it only speaks when something fails.

# %% [markdown] id="load" lang="fr"
# ## D’abord, dbt
#
# QALITA reçoit ce que dbt a trouvé : dbt doit donc tourner d’abord. `dbt build` fait en une fois ce que vous avez fait en trois
# étapes : seed, run et test. Avec `--quiet`, il ne parle que si quelque chose échoue.

# %% id="open"
import hashlib
import json
from collections import Counter
from pathlib import Path

from qalita_ingest import charts
from qalita_walkthrough import SandboxServer, Table, ask, check, open_workspace, show

open_workspace("05_ingest")

# %% id="build"
# !dbt --quiet build; echo "exit status $?"

# %% [markdown] id="artifacts"
# ## What dbt leaves behind
#
# Each dbt command writes files into `target/`; they are called *artifacts*. QALITA needs two of them:
#
# - `run_results.json`: what happened, one entry for each table and test of the last command;
# - `manifest.json`: what each of them is, and what people wrote about it.

# %% [markdown] id="artifacts" lang="fr"
# ## Ce que dbt laisse derrière lui
#
# Chaque commande dbt écrit des fichiers dans `target/` ; on les appelle des *artefacts*. QALITA a besoin de deux d’entre eux :
#
# - `run_results.json` : ce qui s’est passé, une entrée pour chaque table et chaque test de la dernière commande ;
# - `manifest.json` : ce qu’est chacun d’eux, et ce que l’on a écrit à son sujet.


# %% id="read-artifacts"
def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


results = read("target/run_results.json")["results"]
nodes = read("target/manifest.json")["nodes"] | read("target/manifest.json")["unit_tests"]

# The first word of an id says what it is: `test.opendata.value_is_not_stuck.…`
kinds = Counter((result["unique_id"].split(".")[0], result["status"]) for result in results)
Table(["kind", "status", "entries"], [(kind, status, count) for (kind, status), count in sorted(kinds.items())])

# %% [markdown] id="artifacts-seen"
# **What we see.** Two seeds and three models were built: these are *steps*. 60 tests and 9 unit tests make 69 *checks*; 62 passed, 7 warned.
# Nothing failed, hence the exit status 0.

# %% [markdown] id="artifacts-seen" lang="fr"
# **Ce que l’on voit.** Deux seeds et trois modèles ont été construits : ce sont des *étapes*. 60 tests et 9 tests unitaires font
# 69 *vérifications* (*checks*) ; 62 ont réussi, 7 ont donné un avertissement. Rien n’a échoué, d’où le code de sortie 0.

# %% [markdown] id="one"
# ## One result, as dbt wrote it
#
# We follow a single test: `value_is_not_stuck` looks for a sensor that repeats the same value hour after hour.

# %% [markdown] id="one" lang="fr"
# ## Un résultat, tel que dbt l’a écrit
#
# Suivons un seul test : `value_is_not_stuck` cherche un capteur qui répète la même valeur heure après heure.

# %% id="one-dbt"
row = next(result for result in results if "value_is_not_stuck" in result["unique_id"])
node = nodes[row["unique_id"]]
Table(
    ["file", "field", "what dbt wrote"],
    [
        ("run_results.json", "unique_id", row["unique_id"]),
        ("run_results.json", "status", row["status"]),
        ("run_results.json", "failures", row["failures"]),
        ("run_results.json", "message", row["message"]),
        ("manifest.json", "attached_node", node["attached_node"]),
        ("manifest.json", "column_name", node["column_name"]),
        ("manifest.json", "config.severity", node["config"]["severity"]),
        ("manifest.json", "config.meta", node["config"]["meta"]),
    ],
)

# %% [markdown] id="one-dbt-seen"
# **What we see.** The results alone don't say on which column the test looks; the manifest does. The `unique_id` joins them. `meta`
# is free text for dbt; QALITA reads the dimension there.

# %% [markdown] id="one-dbt-seen" lang="fr"
# **Ce que l’on voit.** Les résultats seuls ne disent pas quelle colonne le test examine ; le manifest le dit. Le `unique_id` les
# relie. Pour dbt, `meta` est libre ; QALITA y lit la dimension.

# %% [markdown] id="dry-run"
# ## The same result, as QALITA will see it
#
# `--dry-run` reads and maps, and sends nothing. It shows what would be sent: safe to try at work.

# %% [markdown] id="dry-run" lang="fr"
# ## Le même résultat, tel que QALITA le verra
#
# `--dry-run` lit et traduit, sans rien envoyer. On voit ce qui serait envoyé : vous pouvez l’essayer sans risque au travail.

# %% id="dry-run-one"
# !qalita ingest dbt --project opendata_dbt --dry-run --format json > dry_run.json
mapped = next(one for one in read("dry_run.json")["results"] if one["unique_id"] == row["unique_id"])
Table(
    ["QALITA's word", "value"],
    [(word, mapped[word]) for word in ("name", "dataset", "column", "dimension", "severity", "status", "failures")],
)

# %% [markdown] id="dry-run-seen"
# **What we see.** A test has become a *check* on a *dataset*, with a *dimension*: which side of quality it measures. dbt's `warn` is now
# `warning`. Two words are easily mixed up:
#
# - **severity** is what the team said beforehand: may this check stop a build (`error`), or only tell (`warn`)?
# - **status** is what came out this time.

# %% [markdown] id="dry-run-seen" lang="fr"
# **Ce que l’on voit.** Un test est devenu une *vérification* (*check*) sur un *jeu de données* (*dataset*), avec une *dimension* : l’aspect
# de la qualité qu’il mesure. Le `warn` de dbt s’appelle maintenant `warning`. Deux mots sont faciles à confondre :
#
# - la **sévérité** (*severity*) est ce que l’équipe a dit d’avance : cette vérification peut-elle arrêter une construction (`error`),
#   ou seulement avertir (`warn`) ?
# - le **statut** (*status*) est ce qui est sorti cette fois-ci.

# %% [markdown] id="deliver"
# ## Now for real
#
# No server is set, so the run goes into the *sandbox*: a small QALITA that lives in this notebook's folder.

# %% [markdown] id="deliver" lang="fr"
# ## Maintenant, pour de bon
#
# Aucun serveur n’est indiqué : l’exécution va donc dans le *bac à sable* (*sandbox*), un petit QALITA qui vit dans le dossier de ce
# notebook.

# %% id="ingest"
# !qalita ingest dbt --project opendata_dbt

# %% [markdown] id="ingest-seen"
# **What we see.** From top to bottom: what came out, the findings with the number of rows, a score for each dimension and for all, and seven *issues*
# that were opened. An issue is a finding that somebody has to act on. It has a severity, too, the word in brackets, which says how urgent it is:
# `medium` after a warning, `high` after a failure. The next notebook is about issues.

# %% [markdown] id="ingest-seen" lang="fr"
# **Ce que l’on voit.** De haut en bas : ce qui est sorti, les constats avec leur nombre de lignes, un score par dimension et un score
# global, et sept *tickets* (*issues*) ouverts. Un ticket est un constat dont quelqu’un doit s’occuper. Il a lui aussi une sévérité, le mot entre
# parenthèses, qui dit s’il est urgent : `medium` (moyenne) après un avertissement, `high` (haute) après un échec. Les tickets sont le sujet du
# prochain notebook.

# %% [markdown] id="dimensions"
# ## The score as a picture
#
# QALITA answers questions, too. `ask` fetches what a program would get: here the run that you have just sent, and its scores.

# %% [markdown] id="dimensions" lang="fr"
# ## Le score en image
#
# QALITA répond aussi aux questions. `ask` obtient ce qu’un programme obtiendrait : ici, l’exécution que vous venez d’envoyer et ses scores.

# %% id="dimension-chart"
run = ask("/api/v2/runs/1")
by_dimension = [one for one in run["scores"] if one["perimeter"] == "dimension"]
show(
    charts.dimension_chart(
        [charts.DimensionScore(one["key"], one["value"], one["checks"]) for one in by_dimension], name="opendata_dbt"
    )
)

# %% [markdown] id="dimensions-seen"
# **What we see.** Read the number of checks along with the bar. Interoperability is at 50 % because it has a single check, and that one warned.

# %% [markdown] id="dimensions-seen" lang="fr"
# **Ce que l’on voit.** Lisez le nombre de vérifications en même temps que la barre. L’interopérabilité est à 50 % parce qu’elle n’en a qu’une
# seule, et que celle-ci a donné un avertissement. Les huit dimensions, de haut en bas : l’exactitude (`accuracy`), la complétude
# (`completeness`), la cohérence (`consistency`), l’interopérabilité, la vraisemblance (`reasonability`), l’actualité (`timeliness`),
# l’unicité (`uniqueness`) et la validité (`validity`) ; `checks` compte les vérifications.

# %% [markdown] id="by-hand"
# ## The score by hand
#
# A score that nobody can check is worth little. This one is a mean with weights:
#
# | outcome | value | | severity of the check | weight |
# |---|---|---|---|---|
# | pass | 1 | | error | 1 |
# | warn | ½ | | warn | ½ |
# | fail, error | 0 | | none (unit tests) | 1 |
#
# We count dbt's own files, without QALITA.

# %% [markdown] id="by-hand" lang="fr"
# ## Le score à la main
#
# Un score que personne ne peut vérifier ne vaut pas grand-chose. Celui-ci est une moyenne pondérée :
#
# | résultat du test | valeur | | sévérité de la vérification | poids |
# |---|---|---|---|---|
# | pass | 1 | | error | 1 |
# | warn | ½ | | warn | ½ |
# | fail, error | 0 | | aucune (tests unitaires) | 1 |
#
# Nous comptons dans les fichiers de dbt, sans QALITA.

# %% id="count"
tests = [result for result in results if result["unique_id"].startswith(("test.", "unit_test."))]
counts = Counter(
    ((nodes[test["unique_id"]]["config"].get("severity") or "none").lower(), test["status"]) for test in tests
)
Table(["severity", "status", "checks"], [(*names, count) for names, count in sorted(counts.items())])

# %% id="compute"
value = {"pass": 1, "warn": 0.5, "fail": 0, "error": 0}
weight = {"error": 1, "warn": 0.5, "none": 1}

reached = sum(count * weight[severity] * value[status] for (severity, status), count in counts.items())
possible = sum(count * weight[severity] for (severity, status), count in counts.items())

print(f"by hand  {reached} / {possible} = {reached / possible:.6f}")
print(f"QALITA                {run['score']:.6f}")

# %% [markdown] id="compute-seen"
# **What we see.** The same number. Not a black box: you could do it with a pencil. A failure costs a full point; a warning costs half; and a
# check that may only warn weighs half.

# %% [markdown] id="compute-seen" lang="fr"
# **Ce que l’on voit.** Le même nombre. Ce n’est pas une boîte noire : un crayon suffirait. Un échec coûte un point entier, un avertissement la moitié,
# et une vérification qui ne peut qu’avertir pèse moitié moins.

# %% [markdown] id="again"
# ## Once more, the same
#
# In real life things are sent twice: a job is restarted, somebody presses the button again. We do it on purpose.

# %% [markdown] id="again" lang="fr"
# ## Encore une fois, la même chose
#
# Dans la vraie vie, on envoie les choses deux fois : une tâche redémarre, quelqu’un appuie à nouveau sur le bouton. Faisons-le exprès.

# %% id="ingest-again"
# !qalita ingest dbt --project opendata_dbt | sed -n 1,4p

# %% id="still-one"
runs = ask("/api/v2/runs")["items"]
issues = ask("/api/v2/issues")
print("runs:                ", len(runs))
print("results:             ", sum(runs[0]["counts"].values()))
print("issues:              ", len(issues))
print("seen more than once: ", sum(issue["occurrences"] > 1 for issue in issues))

# %% [markdown] id="again-seen"
# **What we see.** Already delivered. There is still one run with 69 results, and none of the seven issues was seen more than once.

# %% [markdown] id="again-seen" lang="fr"
# **Ce que l’on voit.** Déjà livré (*already delivered*). Il y a toujours une seule exécution de 69 résultats, et aucun des sept tickets n’a été
# vu plus d’une fois (`seen more than once`).

# %% [markdown] id="key"
# ## How QALITA knows
#
# Each run travels with a key. It is made of what the run *is*, never of the time at which it is sent. So the same run has
# the same key, however often it comes, and sending it twice does no more than sending it once. This is called *idempotent*.
#
# Let us make the key ourselves. It has five parts: the tool, the project, the environment, the commit if there is one, and the name of the run.
# SHA-256 makes one long number of them, always the same of the same parts.

# %% [markdown] id="key" lang="fr"
# ## Comment QALITA le sait
#
# Chaque exécution voyage avec une clé. Elle est faite de ce que l’exécution *est*, jamais de l’heure d’envoi. La même
# exécution a donc la même clé, quel que soit le nombre d’envois, et l’envoyer deux fois ne fait rien de plus que l’envoyer une fois. On dit que
# l’envoi est *idempotent*.
#
# Fabriquons la clé nous-mêmes. Elle a cinq parties : l’outil, le projet, l’environnement, le commit s’il y en a un, et le nom de l’exécution.
# SHA-256 en fait un seul long nombre, toujours le même pour les mêmes parties.

# %% id="key-by-hand"
parts = ["dbt", "opendata_dbt", "dev", run["git_sha"], run["run_id"]]
key = hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()

print("the run's name is dbt's own:", run["run_id"] == read("target/run_results.json")["metadata"]["invocation_id"])
print("the same key as QALITA's:   ", key == run["idempotency_key"])

# %% [markdown] id="key-seen"
# **What we see.** The name of the run is the id that dbt gave to its command. Run dbt again, and there is a new id: a new run, as it should be.

# %% [markdown] id="key-seen" lang="fr"
# **Ce que l’on voit.** Le nom de l’exécution est l’identifiant que dbt a donné à sa commande. Relancez dbt : il y aura un nouvel identifiant, donc une nouvelle
# exécution, comme il se doit.

# %% [markdown] id="down"
# ## When QALITA is not there
#
# At work QALITA is a server, and servers are sometimes down. `SandboxServer` stands for it. It has an address, but we have not started it yet.
#
# We send the same run there, as one of another environment, `prod`. Where a command has braces, the notebook puts in the value: here, the
# address.

# %% [markdown] id="down" lang="fr"
# ## Quand QALITA n’est pas là
#
# Au travail, QALITA est un serveur, et un serveur est parfois arrêté. `SandboxServer` en tient lieu. Il a une adresse, mais nous ne l’avons pas
# encore démarré.
#
# Nous y envoyons la même exécution, mais pour un autre environnement, `prod`. Là où une commande contient des accolades, le notebook met la
# valeur : ici, l’adresse.

# %% id="ingest-down"
server = SandboxServer()
# !qalita ingest dbt --project opendata_dbt --env prod --endpoint {server.address} --format json > sent.json; echo "exit status $?"
# !qalita ingest status --endpoint {server.address} | grep -E "Endpoint|waiting"

# %% [markdown] id="down-seen"
# **What we see.** One clear line, and the run *waits*: it was written to the *outbox* on this disk before anything was sent. The exit status is 3, so
# that a job can tell "kept" from "delivered" (0) and "wrong" (2).

# %% [markdown] id="down-seen" lang="fr"
# **Ce que l’on voit.** Une seule ligne, claire, et l’exécution *attend* (*waiting*) : elle a été écrite dans la *boîte d’envoi* (*outbox*), sur ce
# disque, avant tout envoi. Le code de sortie est 3 : un job distingue ainsi « gardé » de « livré » (0) et de « incorrect » (2).

# %% [markdown] id="flush"
# ## When it is back
#
# The next ingest takes along what waits. `flush` does it right now.

# %% [markdown] id="flush" lang="fr"
# ## Quand il revient
#
# La prochaine ingestion emporte ce qui attend. `flush` le fait tout de suite.

# %% id="start"
server.start()

# %% id="flush-now"
# !qalita ingest flush --endpoint {server.address}
# !qalita ingest flush --endpoint {server.address}

# %% id="stop"
server.stop()
Table(
    ["environment", "run", "checks", "score"],
    [
        (one["environment"], one["id"], sum(one["counts"].values()), one["score"])
        for one in ask("/api/v2/runs")["items"]
    ],
)

# %% [markdown] id="flush-seen"
# **What we see.** Delivered, once; the second `flush` finds nothing to send. (*Parked* would be a run that QALITA has refused: it is kept aside,
# with the reason.) There are two runs now, one for each *environment*: `dev` is where you try things, `prod` is what others rely on. Each has its
# own history.

# %% [markdown] id="flush-seen" lang="fr"
# **Ce que l’on voit.** Livrée, une seule fois : le second `flush` ne trouve plus rien à envoyer. (`parked`, mise de côté : ce serait une exécution
# que QALITA a refusée ; elle est gardée à part, avec le motif.) Il y a maintenant deux exécutions, une par *environnement* : `dev`, où l’on essaie,
# et `prod`, sur lequel d’autres comptent. Chacun a son propre historique.

# %% [markdown] id="recap"
# ## What to remember
#
# - QALITA reads two files of dbt: what happened, and what it is about. `--dry-run` shows what would be sent.
# - The score is a mean with weights, and you can check it. [docs/scoring.md](../docs/scoring.md) has every rule.
# - The same run twice is one run. A run that can't be sent waits.

# %% [markdown] id="recap" lang="fr"
# ## À retenir
#
# - QALITA lit deux fichiers de dbt : ce qui s’est passé, et de quoi il s’agit. `--dry-run` montre ce qui serait envoyé.
# - Le score est une moyenne pondérée que vous pouvez vérifier. [docs/scoring.md](../docs/scoring.md) (en anglais) contient toutes les règles.
# - La même exécution envoyée deux fois reste une seule exécution. Une exécution qui ne peut pas partir attend.

# %% [markdown] id="exercises"
# ## Exercises
#
# **1.** Another project has ten checks. Eight are of severity error: six of them passed, one warned, one failed. Two are of severity warn,
# and both warned. What is its score, from 0 to 1? Let Python do the division, and don't round.

# %% [markdown] id="exercises" lang="fr"
# ## Exercices
#
# **1.** Un autre projet a dix vérifications. Huit sont de sévérité error : six ont réussi, une a donné un avertissement, une a échoué. Deux sont
# de sévérité warn, et toutes deux ont donné un avertissement. Quel est son score, de 0 à 1 ? Laissez Python faire la division, sans
# arrondir.

# %% id="answer-1" tags=["exercise"]
# solution: begin
answer = (6 * 1 + 1 * 0.5 + 1 * 0 + 0.5 * 2 * 0.5) / (8 + 0.5 * 2)
# solution: end

# %% id="check-1" tags=["check"]
check("05.1", answer)

# %% [markdown] id="question-2"
# **2.** You ingested the run three times: twice into `dev`, once into `prod`. How many results does QALITA hold in all?

# %% [markdown] id="question-2" lang="fr"
# **2.** Vous avez ingéré l’exécution trois fois : deux fois dans `dev`, une fois dans `prod`. Combien de résultats QALITA contient-il en tout ?

# %% id="answer-2" tags=["exercise"]
# solution: begin
answer = sum(sum(one["counts"].values()) for one in ask("/api/v2/runs")["items"])
# solution: end

# %% id="check-2" tags=["check"]
check("05.2", answer)

# %% [markdown] id="question-3"
# **3.** A nightly job calls `qalita ingest dbt` and ends with exit status 3. What has become of its results: `"delivered"`, `"kept"` or `"lost"`?

# %% [markdown] id="question-3" lang="fr"
# **3.** Une tâche de nuit appelle `qalita ingest dbt` et se termine avec le code de sortie 3. Que sont devenus ses résultats : `"delivered"`
# (livrés), `"kept"` (gardés) ou `"lost"` (perdus) ?

# %% id="answer-3" tags=["exercise"]
# solution: begin
answer = "kept"
# solution: end

# %% id="check-3" tags=["check"]
check("05.3", answer)

# %% [markdown] id="next"
# **Next:** [06 · Issues and scores](06_issues_and_scores.ipynb). The solutions of this notebook are in
# [solutions/](solutions/05_ingest.ipynb).

# %% [markdown] id="next" lang="fr"
# **La suite :** [06 · Tickets et scores](06_issues_and_scores.ipynb). Les solutions de ce notebook sont dans
# [solutions/](solutions/05_ingest.ipynb).
