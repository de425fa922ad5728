# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # 00 · Start here
#
# **Goal.** In ten minutes you know what this workspace is for, where things are, and whether everything is set up.
#
# A notebook is made of cells. Click on one, then press **Shift + Enter**: it runs, and the next one is selected. The
# outputs below were stored when the notebook was made. Run the cells, and you get the same.

# %% [markdown] id="title" lang="fr"
# # 00 · Pour commencer
#
# **Objectif.** En dix minutes, vous saurez à quoi sert cet espace de travail, où trouver quoi, et si tout est bien
# installé.
#
# Un notebook est une suite de cellules. Cliquez sur l’une d’elles, puis appuyez sur **Maj + Entrée** : elle s’exécute et
# la suivante est sélectionnée. Les résultats affichés ont été enregistrés à la création du notebook. Exécutez les
# cellules, et vous obtiendrez les mêmes.

# %% [markdown] id="why"
# ## Why all this?
#
# Data comes from somewhere, and people decide on it. In between, things go wrong: a sensor sticks, a file arrives twice,
# a unit changes without a word. Three questions help:
#
# 1. **What do we expect of the data?** dbt holds the answer, as *tests*.
# 2. **Is it so, today?** dbt runs the tests and writes down what it found.
# 3. **What was found, since when, and who looks after it?** QALITA keeps the results, makes a *score* of them (a
#    percentage), and opens an *issue* for what has to be looked at. When the next run is fine, the issue is resolved.

# %% [markdown] id="why" lang="fr"
# ## Pourquoi tout cela ?
#
# Les données viennent de quelque part, et l’on décide en s’appuyant sur elles. Entre les deux, tout peut arriver : un
# capteur se bloque, un fichier est livré deux fois, une unité change sans prévenir. Trois questions aident :
#
# 1. **Qu’attendons-nous des données ?** dbt conserve la réponse, sous forme de *tests*.
# 2. **Est-ce bien le cas aujourd’hui ?** dbt exécute les tests et consigne ce qu’il a trouvé.
# 3. **Qu’a-t-on trouvé, depuis quand, et qui s’en occupe ?** QALITA conserve les résultats, en calcule un *score* (un
#    pourcentage), et ouvre un *ticket* (*issue*) pour ce qui demande un examen. Quand l’exécution suivante est bonne,
#    le ticket est résolu.

# %% [markdown] id="load"
# ## A place of your own
#
# The first code cell of each notebook makes a fresh copy of the example and goes there. You can break whatever you like:
# run the cell again, and all is new. Your own data and your own QALITA store are never touched.

# %% [markdown] id="load" lang="fr"
# ## Un endroit rien qu’à vous
#
# La première cellule de code de chaque notebook crée une copie neuve de l’exemple et s’y place. Vous pouvez tout y
# casser : exécutez à nouveau la cellule, et tout est remis à neuf. Vos propres données et votre propre base QALITA ne
# sont jamais touchées.

# %% id="open"
from qalita_ingest.charts import LineageNode, lineage_picture
from qalita_walkthrough import check, open_workspace, query, show

open_workspace("00_start_here")

# %% [markdown] id="flow"
# ## From a file to an issue
#
# This is the way the data takes, from left to right. You will walk it, one notebook for each stage.

# %% [markdown] id="flow" lang="fr"
# ## D’un fichier à un ticket
#
# Voici le chemin que suivent les données, de gauche à droite. Vous allez le parcourir, un notebook par étape.

# %% id="flow-picture"
steps = [
    LineageNode("file", "open data", "CSV files"),
    LineageNode("tables", "tables", "dbt, in DuckDB"),
    LineageNode("tests", "tests", "dbt"),
    LineageNode("qalita", "score and issues", "QALITA", is_focus=True),
]
arrows = [("file", "tables"), ("tables", "tests"), ("tests", "qalita")]
show(lineage_picture(steps, arrows, name="this workspace"))

# %% [markdown] id="flow-seen"
# **What we see.** dbt makes tables of the files and tests them. DuckDB is the database: one file, no server. QALITA comes
# last: it doesn't look at the data itself, it takes in what the tests found.

# %% [markdown] id="flow-seen" lang="fr"
# **Ce que l’on voit.** dbt transforme les fichiers en tables et les teste. DuckDB est la base de données : un seul
# fichier, pas de serveur. QALITA vient en dernier : il n’examine pas les données elles-mêmes, il reçoit ce que les tests
# ont trouvé.
#
# Le code, les tableaux et les images sont les mêmes en français et en anglais : leurs mots restent donc en anglais, et le
# texte les traduit là où ils apparaissent. Ici : `open data`, données ouvertes ; `CSV files`, fichiers CSV ;
# `score and issues`, score et tickets.

# %% [markdown] id="places"
# ## What is where
#
# You are now in a copy of `example_dbt`, the dbt project. A line that starts with `!` is a command, as you would type it
# in a terminal.

# %% [markdown] id="places" lang="fr"
# ## Où trouver quoi
#
# Vous êtes maintenant dans une copie de `example_dbt`, le projet dbt. Une ligne qui commence par `!` est une commande,
# telle que vous la taperiez dans un terminal.

# %% id="list"
# !ls

# %% [markdown] id="list-seen"
# **What we see.**
#
# | name | what it holds |
# |---|---|
# | `seeds/` | the open data, as CSV files |
# | `models/` | queries that make tables, and what is expected of each column |
# | `tests/` | expectations that need a query of their own |
# | `macros/` | pieces of SQL that several queries share |
# | `dbt_project.yml`, `profiles.yml` | the settings of dbt, and where the database is |
# | `scripts/`, `Makefile`, `requirements.txt` | what `make` needs to run all of it at once |
#
# The original is in the workspace itself, with the rest beside it: `example_dagster` (stage 07), `example_ci` (stage 09),
# `docs`, and the library in `src`.

# %% [markdown] id="list-seen" lang="fr"
# **Ce que l’on voit.**
#
# | nom | contenu |
# |---|---|
# | `seeds/` | les données ouvertes, en fichiers CSV |
# | `models/` | les requêtes qui produisent les tables, et ce que l’on attend de chaque colonne |
# | `tests/` | les attentes qui demandent une requête à part |
# | `macros/` | des morceaux de SQL communs à plusieurs requêtes |
# | `dbt_project.yml`, `profiles.yml` | les réglages de dbt, et l’emplacement de la base de données |
# | `scripts/`, `Makefile`, `requirements.txt` | ce qu’il faut à `make` pour tout exécuter d’un coup |
#
# L’original se trouve dans l’espace de travail lui-même, à côté du reste : `example_dagster` (étape 07), `example_ci`
# (étape 09), `docs`, et la bibliothèque dans `src`.

# %% [markdown] id="setup"
# ## Is everything set up?
#
# Each program that the notebooks use should be *ready*. Where one is *missing*, close JupyterLab and run
# `make notebooks` again: it installs what is not there. You know dbt and QALITA by now; Dagster runs such steps one after
# the other, on a schedule, and comes in stage 07.

# %% [markdown] id="setup" lang="fr"
# ## Tout est-il installé ?
#
# Chaque programme utilisé par les notebooks doit être *ready* (prêt). Si l’un d’eux est *missing* (absent), fermez
# JupyterLab et relancez `make notebooks`, qui installe ce qui manque. Vous connaissez
# déjà dbt et QALITA ; Dagster exécute de telles étapes l’une après l’autre, à heures fixes, et arrive à l’étape 07.

# %% id="setup-check"
from shutil import which

for program in ("dbt", "qalita", "dagster"):
    print(f"{program:8} {'ready' if which(program) else 'missing'}")

# %% [markdown] id="setup-seen"
# **What we see.** All three are there: you can go on.

# %% [markdown] id="setup-seen" lang="fr"
# **Ce que l’on voit.** Les trois sont là : vous pouvez continuer.

# %% [markdown] id="first-query"
# ## A first question to the data
#
# `query` asks DuckDB. It reads CSV files as if they were tables, so nothing has to be loaded yet.

# %% [markdown] id="first-query" lang="fr"
# ## Une première question aux données
#
# `query` interroge DuckDB. DuckDB lit les fichiers CSV comme s’il s’agissait de tables : nul besoin de charger quoi que ce
# soit pour l’instant.

# %% id="count-all"
query("""
    select count(*) as measurements, count(distinct location) as stations
    from 'seeds/opendata_airquality.csv'
""")

# %% [markdown] id="count-all-seen"
# **What we see.** 15,955 measurements of air quality, from 15 stations. Have all stations sent as many? `group by` counts for
# each of them.

# %% [markdown] id="count-all-seen" lang="fr"
# **Ce que l’on voit.** 15 955 mesures de la qualité de l’air, venues de 15 stations. Chaque station en a-t-elle envoyé autant ?
# `group by` compte pour chacune d’elles.

# %% id="count-rows"
query("""
    select location, count(*) as measurements
    from 'seeds/opendata_airquality.csv'
    group by location
    order by measurements desc, location
""")

# %% [markdown] id="count-rows-seen"
# **What we see.** No: 8,715, over half of all, come from a single station, `Chatelet` in the metro of Paris. `Del Norte` has
# sent 1,000, and each of the 13 others 480. The next notebook looks closer.

# %% [markdown] id="count-rows-seen" lang="fr"
# **Ce que l’on voit.** Non : 8 715 d’entre elles, plus de la moitié, viennent d’une seule station, `Chatelet`, dans le métro
# parisien. `Del Norte` en a envoyé 1 000, et chacune des 13 autres 480. Le prochain notebook y regarde de plus près.

# %% [markdown] id="recap"
# ## What to remember
#
# - dbt holds expectations and tests them; QALITA keeps the results, scores them, and opens issues.
# - Each notebook works in a fresh copy. Nothing you do here can harm the rest.
# - `!` runs a command, `query` asks the data, `show` draws a picture.

# %% [markdown] id="recap" lang="fr"
# ## À retenir
#
# - dbt conserve les attentes et les teste ; QALITA conserve les résultats, les note, et ouvre des tickets.
# - Chaque notebook travaille dans une copie neuve. Rien de ce que vous y faites ne peut nuire au reste.
# - `!` exécute une commande, `query` interroge les données, `show` affiche une image.

# %% [markdown] id="exercises"
# ## Exercises
#
# Put your answer in place of the three dots, run the cell, then the one below: it says whether you are right. An
# answer is a value, such as `7` or `"Lyon"`, or a `query(…)` whose result is that one value.

# %% [markdown] id="exercises" lang="fr"
# ## Exercices
#
# Mettez votre réponse à la place des trois points, exécutez la cellule, puis celle du dessous : elle vous dit si votre
# réponse est juste. Une réponse est une valeur, comme `7` ou `"Lyon"`, ou bien un `query(…)` dont le résultat est cette
# seule valeur.

# %% [markdown] id="question-1"
# **1.** In how many countries do the stations stand? The file `seeds/stations.csv` has a row for each station, and a
# column `country`.

# %% [markdown] id="question-1" lang="fr"
# **1.** Dans combien de pays se trouvent les stations ? Le fichier `seeds/stations.csv` a une ligne par station, et une
# colonne `country`.

# %% id="answer-1" tags=["exercise"]
# solution: begin
answer = query("select count(distinct country) from 'seeds/stations.csv'")
# solution: end

# %% id="check-1" tags=["check"]
check("00.1", answer)

# %% [markdown] id="question-2"
# **2.** Which program finds out whether the data is as expected: `"DuckDB"`, `"dbt"`, `"QALITA"` or `"Dagster"`?

# %% [markdown] id="question-2" lang="fr"
# **2.** Quel programme vérifie que les données sont conformes aux attentes : `"DuckDB"`, `"dbt"`, `"QALITA"` ou
# `"Dagster"` ?

# %% id="answer-2" tags=["exercise"]
# solution: begin
answer = "dbt"
# solution: end

# %% id="check-2" tags=["check"]
check("00.2", answer)

# %% [markdown] id="next"
# **Next:** [01 · The open data and its faults](01_open_data.ipynb). The solutions of this notebook are in
# [solutions/](solutions/00_start_here.ipynb).

# %% [markdown] id="next" lang="fr"
# **La suite :** [01 · Les données ouvertes et leurs défauts](01_open_data.ipynb). Les solutions de ce notebook sont dans
# [solutions/](solutions/00_start_here.ipynb).
