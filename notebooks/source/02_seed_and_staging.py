# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # 02 · Seed and staging
#
# **Goal.** You bring the files into the database, and clean them there. At the end you know what became of every column, and
# you can prove that no row was lost on the way. About 15 minutes.

# %% [markdown] id="title" lang="fr"
# # 02 · Seed et staging
#
# **Objectif.** Vous chargez les fichiers dans la base de données, puis vous les y nettoyez. À la fin, vous saurez ce qu’est
# devenue chaque colonne, et vous pourrez prouver qu’aucune ligne ne s’est perdue en chemin. Environ 15 minutes.

# %% [markdown] id="load"
# ## Two steps, not one
#
# Notebook 01 found faults in the files. We could repair them by hand, but tomorrow a new file comes. So we write the repair
# down, as SQL, and keep two steps apart:
#
# - **seed**: load the files exactly as they are, faults and all;
# - **staging**: make a clean table of each, by rules that everybody can read.

# %% [markdown] id="load" lang="fr"
# ## Deux étapes, pas une seule
#
# Le notebook 01 a trouvé des défauts dans les fichiers. Nous pourrions les réparer à la main, mais demain arrive un nouveau
# fichier. Nous écrivons donc la réparation en SQL, et nous séparons deux étapes :
#
# - le **seed** charge les fichiers tels quels, défauts compris ;
# - le **staging** fait de chacun une table intermédiaire, propre, selon des règles que tout le monde peut lire.

# %% id="open"
import json
from pathlib import Path

from qalita_ingest.charts import LineageNode, lineage_picture
from qalita_walkthrough import check, open_workspace, query, show

open_workspace("02_seed_and_staging")

# %% [markdown] id="seed"
# ## Seed: the files become tables
#
# A CSV file that belongs to a dbt project is called a *seed*. One command loads all of them. At the start of a line, dbt writes
# the time; yours will differ.

# %% [markdown] id="seed" lang="fr"
# ## Seed : les fichiers deviennent des tables
#
# Un fichier CSV qui fait partie d’un projet dbt s’appelle un *seed*. Une seule commande les charge tous. Au début de chaque
# ligne, dbt écrit l’heure ; les vôtres seront autres.

# %% id="dbt-seed"
# !dbt seed

# %% [markdown] id="dbt-seed-seen"
# **What we see.** Two seeds became two tables: 15,955 measurements and 15 stations. The last line is the one to look at:
# `PASS=2` and `ERROR=0`.

# %% [markdown] id="dbt-seed-seen" lang="fr"
# **Ce que l’on voit.** Deux seeds sont devenus deux tables : 15 955 mesures et 15 stations. La ligne à regarder est la
# dernière : `PASS=2` et `ERROR=0`.

# %% [markdown] id="types"
# ## What became of each column
#
# The database knows the type of every column.

# %% [markdown] id="types" lang="fr"
# ## Ce qu’est devenue chaque colonne
#
# La base de données connaît le type de chaque colonne.

# %% id="seed-types"
query("""
    select table_name, column_name, data_type
    from information_schema.columns
    where table_schema = 'main' and table_name in ('opendata_airquality', 'stations')
    order by table_name, ordinal_position
""")

# %% [markdown] id="seed-types-seen"
# **What we see.** Everything is text (`VARCHAR`), also the values and the dates. That is on purpose, and this is where it is
# said:

# %% [markdown] id="seed-types-seen" lang="fr"
# **Ce que l’on voit.** Tout est du texte (`VARCHAR`), même les valeurs et les dates. C’est voulu, et voici où c’est écrit :

# %% id="seed-settings"
# !sed -n '/^seeds:/,/date_utc/p' dbt_project.yml

# %% [markdown] id="seed-settings-seen"
# **What we see.** Left alone, dbt guesses a type from what it reads, and a single odd value makes another type of a whole column.
# As text, nothing is guessed and nothing is lost: what the file says is still there.

# %% [markdown] id="seed-settings-seen" lang="fr"
# **Ce que l’on voit.** Livré à lui-même, dbt devine un type d’après ce qu’il lit, et une seule valeur étrange change le type de
# toute la colonne. Avec du texte, rien n’est deviné et rien n’est perdu : ce que dit le fichier est toujours là.

# %% [markdown] id="lineage"
# ## Who feeds whom
#
# To know what there is, dbt has read all models as well. A *model* is a query that makes a table. In `target/manifest.json` dbt has noted which table reads
# which other one; this is called *lineage*.

# %% [markdown] id="lineage" lang="fr"
# ## Qui alimente qui
#
# Pour savoir ce qu’il y a, dbt a aussi lu tous les modèles. Un *modèle* est une requête qui produit une table. Dans `target/manifest.json`, dbt a noté
# quelle table lit quelle autre ; c’est ce qu’on appelle le *lignage* (*lineage*).

# %% id="lineage-picture"
manifest = json.loads(Path("target/manifest.json").read_text(encoding="utf-8"))
boxes, arrows = [], []
for key, node in sorted(manifest["nodes"].items()):
    kind, name = node["resource_type"], node["name"]
    if kind in ("seed", "model"):
        boxes.append(LineageNode(key, name, kind, is_focus=name.startswith("stg_")))
        arrows += [(parent, key) for parent in manifest["parent_map"][key]]
show(lineage_picture(boxes, arrows, name="the tables of this project"))

# %% [markdown] id="lineage-seen"
# **What we see.** On the left the two seeds, as they came. In the middle, framed in blue, staging: one clean table for each. On
# the right the table that people look at, which is a matter for notebook 03. Staging of the measurements also reads the stations:
# you will see why.

# %% [markdown] id="lineage-seen" lang="fr"
# **Ce que l’on voit.** À gauche les deux seeds, tels qu’ils sont arrivés. Au milieu, encadré en bleu, le staging : une table propre
# pour chacun. À droite la table que l’on consulte, sujet du notebook 03. Le staging des mesures lit aussi les stations : vous verrez
# pourquoi. (`model` veut dire modèle.)

# %% [markdown] id="staging"
# ## Staging: one rule for each column
#
# This is the first part of `stg_airquality.sql`. What stands in `{{ … }}` is a *macro*: a piece of SQL with a name, which dbt
# puts in its place.

# %% [markdown] id="staging" lang="fr"
# ## Staging : une règle par colonne
#
# Voici la première partie de `stg_airquality.sql`. Ce qui se trouve entre `{{ … }}` est une *macro* : un morceau de SQL qui porte
# un nom, et que dbt insère à cet endroit.

# %% id="staging-sql"
# !sed -n '/^trimmed as/,/^),/p' models/staging/stg_airquality.sql

# %% [markdown] id="staging-sql-seen"
# **What we see.** Each column has its rule, and the last three columns keep the words of the file: `original_value`,
# `original_unit`, `original_date`. So every cleaned value can be compared with what it was. (Only the source of `Del Norte` gives
# a unit with its values. For the others, the unit in the file was found by reasoning: [DATA.md](../DATA.md) tells how.)
#
# We build the two tables. `--select staging` takes only the models of that folder, and `grep OK` keeps the lines that tell of a
# success:

# %% [markdown] id="staging-sql-seen" lang="fr"
# **Ce que l’on voit.** Chaque colonne a sa règle, et les trois dernières colonnes gardent les mots du fichier : `original_value`,
# `original_unit`, `original_date`. On peut donc comparer chaque valeur nettoyée à ce qu’elle était. (Seule la source de `Del Norte`
# donne une unité avec ses valeurs. Pour les autres, l’unité inscrite dans le fichier a été trouvée par raisonnement : [DATA.md](../DATA.md), en anglais,
# dit comment.)
#
# Construisons les deux tables. `--select staging` ne prend que les modèles de ce dossier, et `grep OK` garde les lignes qui
# annoncent une réussite :

# %% id="dbt-run"
# !dbt run --select staging | grep OK

# %% [markdown] id="staging-types"
# ## Texts become numbers and times
#
# Both tables are built, the stations first, because the measurements read them. Here are the columns of the measurements once
# more, after staging.

# %% [markdown] id="staging-types" lang="fr"
# ## Des textes aux nombres et aux dates
#
# Les deux tables sont construites, les stations d’abord, car les mesures les lisent. Revoici les colonnes des mesures, après le
# staging.

# %% id="staging-types-table"
query("""
    select
        staged.column_name as column_in_staging,
        staged.data_type as type_in_staging,
        seeded.data_type as type_in_seed
    from information_schema.columns as staged
    left join information_schema.columns as seeded
        on staged.column_name = seeded.column_name and seeded.table_name = 'opendata_airquality'
    where staged.table_name = 'stg_airquality'
    order by staged.ordinal_position
""")

# %% [markdown] id="staging-types-seen"
# **What we see.** `value` is a number now (`DOUBLE`), and `date_utc` has become `measured_at`, a moment (`TIMESTAMP`). Every
# other column with `NULL` at the end is new: an id for each measurement, two words on its quality and its clock, and the
# original texts.

# %% [markdown] id="staging-types-seen" lang="fr"
# **Ce que l’on voit.** `value` est maintenant un nombre (`DOUBLE`), et `date_utc` est devenue `measured_at`, un instant
# (`TIMESTAMP`). Les autres colonnes suivies de `NULL` sont nouvelles : un identifiant pour chaque mesure, un mot sur
# sa qualité, un autre sur son horloge, et les textes d’origine.

# %% [markdown] id="missing"
# ## What is missing stays missing
#
# Notebook 01 found three names for *missing*. Here is what staging made of them.

# %% [markdown] id="missing" lang="fr"
# ## Ce qui manque reste manquant
#
# Le notebook 01 a trouvé trois noms pour *manquant*. Voici ce que le staging en a fait.

# %% id="missing-table"
query("""
    select original_value, value, quality, count(*) as rows
    from stg_airquality
    where value is null
    group by original_value, value, quality
    order by rows desc
""")

# %% [markdown] id="missing-seen"
# **What we see.** `NA`, `nan` and the empty ones are all `NULL` now, 804 together, and `quality` says `missing`. The rows are
# still there: that a value is missing is news, too.

# %% [markdown] id="missing-seen" lang="fr"
# **Ce que l’on voit.** `NA`, `nan` et les valeurs vides sont maintenant toutes `NULL`, 804 en tout, et `quality` indique `missing`
# (manquant). Les lignes sont toujours là : qu’une valeur manque est aussi une information.

# %% [markdown] id="quality"
# ## One word on each measurement
#
# `quality` knows five words. The first line that fits decides. In these lines, `value_text` is the value as text, `number_given`
# the number that could be read from it, and `factor` what it is multiplied by, because of its unit.

# %% [markdown] id="quality" lang="fr"
# ## Un mot sur chaque mesure
#
# `quality` connaît cinq mots. La première ligne qui convient l’emporte. Dans ces lignes, `value_text` est la valeur sous forme de
# texte, `number_given` le nombre que l’on a pu y lire, et `factor` ce par quoi on le multiplie, selon son unité.

# %% id="quality-sql"
# !sed -n '/when value_text is null/,/end as quality/p' models/staging/stg_airquality.sql

# %% id="quality-table"
query("select quality, count(*) as rows from stg_airquality group by quality order by rows desc")

# %% [markdown] id="quality-seen"
# **What we see.** In this data only two of the five words occur: 15,151 measurements are `ok`, 804 are `missing`. The other words
# wait for the day on which a source writes `about 7`, `ppm` or `-3`.

# %% [markdown] id="quality-seen" lang="fr"
# **Ce que l’on voit.** Dans ces données, seuls deux des cinq mots apparaissent : 15 151 mesures sont `ok`, 804 sont `missing`. Les
# autres mots attendent le jour où une source écrira `about 7`, `ppm` ou `-3`.

# %% [markdown] id="units"
# ## One unit
#
# A macro says how many micrograms per cubic metre (µg/m³) one of each unit is. Another one has brought all spellings of the unit to
# plain letters before: `ug/m3` stands for `µg/m3` and `µg/m³`.

# %% [markdown] id="units" lang="fr"
# ## Une seule unité
#
# Une macro dit combien de microgrammes par mètre cube (µg/m³) vaut chaque unité. Une autre a d’abord ramené toutes les écritures de
# l’unité à des lettres simples : `ug/m3` tient lieu de `µg/m3` et de `µg/m³`.

# %% id="units-sql"
# !sed -n '/macro micrograms_per/,/endmacro/p' macros/units.sql

# %% id="units-table"
query("""
    select
        original_unit,
        min(cast(original_value as double)) as smallest_before,
        max(cast(original_value as double)) as largest_before,
        unit,
        min(value) as smallest,
        max(value) as largest
    from stg_airquality
    where quality = 'ok'
    group by original_unit, unit
    order by original_unit
""")

# %% [markdown] id="units-seen"
# **What we see.** Three spellings went in, one unit came out. What was tiny in kilograms is now of the same size as the rest: from
# 0.46 to 1,118 µg/m³. Look at that `1e9` well: with `1e6` in its place all of these values would be a thousand times too small, and
# still look like numbers.

# %% [markdown] id="units-seen" lang="fr"
# **Ce que l’on voit.** Trois écritures sont entrées, une seule unité est sortie. Ce qui était minuscule en kilogrammes est maintenant
# du même ordre que le reste : de 0,46 à 1 118 µg/m³. Regardez bien ce `1e9` : avec `1e6` à sa place, toutes ces valeurs seraient mille
# fois trop petites, et ressembleraient toujours à des nombres.

# %% [markdown] id="time"
# ## One clock
#
# `measured_at` is in UTC, the time that is the same everywhere. Only, not every source says which clock it means. `time_base` tells.

# %% [markdown] id="time" lang="fr"
# ## Une seule horloge
#
# `measured_at` est en UTC, l’heure qui est la même partout. Seulement, toutes les sources ne disent pas de quelle horloge elles
# parlent. C’est ce qu’indique `time_base`.

# %% id="time-table"
query("""
    select time_base, count(distinct location) as stations, min(original_date) as example, min(measured_at) as becomes
    from stg_airquality
    group by time_base
    order by time_base
""")

# %% [markdown] id="time-seen"
# **What we see.** One station ends its times with `Z`, which means UTC. The other 14 name no zone: staging takes their time as UTC,
# because it has to take it as something, and says `uncertain` so that nobody forgets.
#
# Why not simply cast the text to a time? Try it with noon in Vienna, two hours ahead of UTC in summer:

# %% [markdown] id="time-seen" lang="fr"
# **Ce que l’on voit.** Une station termine ses heures par `Z`, ce qui veut dire UTC. Les 14 autres ne nomment pas de fuseau : le
# staging prend leur heure pour de l’UTC, car il faut bien choisir, et note `uncertain` pour que personne ne l’oublie.
#
# Pourquoi ne pas convertir tout simplement le texte en date ? Essayez avec midi à Vienne, en avance de deux heures sur UTC en été :

# %% id="time-cast"
query("""
    select
        cast('2017-06-01 12:00+02:00' as timestamp) as simple_cast,
        cast('2017-06-01 12:00+02:00' as timestamptz) at time zone 'UTC' as what_staging_does
""")

# %% [markdown] id="time-cast-seen"
# **What we see.** The simple cast drops the `+02:00` without a word, and is two hours wrong. The macro `utc_timestamp` reads the
# zone first.

# %% [markdown] id="time-cast-seen" lang="fr"
# **Ce que l’on voit.** La conversion simple laisse tomber le `+02:00` sans rien dire, et se trompe de deux heures. La macro
# `utc_timestamp` lit d’abord le fuseau.

# %% [markdown] id="cities"
# ## A city for everyone
#
# Many measurements came without a city. Now you see why staging reads the stations as well: they know it.

# %% [markdown] id="cities" lang="fr"
# ## Une ville pour chacune
#
# Beaucoup de mesures sont arrivées sans ville. Vous voyez maintenant pourquoi le staging lit aussi les stations : elles la
# connaissent.

# %% id="cities-table"
query("""
    select 'opendata_airquality' as in_table, count(*) as rows, count(city) as rows_with_a_city from opendata_airquality
    union all
    select 'stg_airquality', count(*), count(city) from stg_airquality
    order by in_table
""")

# %% [markdown] id="cities-seen"
# **What we see.** In the seed 9,715 of the 15,955 rows have a city; after staging, all of them do. The number of rows is the same.

# %% [markdown] id="cities-seen" lang="fr"
# **Ce que l’on voit.** Dans le seed, 9 715 des 15 955 lignes ont une ville ; après le staging, toutes en ont une. Le nombre de lignes
# n’a pas changé.

# %% [markdown] id="lost"
# ## Was anything lost?
#
# The same number of rows before and after is a good sign: 15,955. It is no proof yet, because a lost row and a doubled one make up
# for each other. So we look for each row of the seed in staging, by station, pollutant and time, and the other way round.

# %% [markdown] id="lost" lang="fr"
# ## Quelque chose s’est-il perdu ?
#
# Le même nombre de lignes avant et après est bon signe : 15 955. Ce n’est pas encore une preuve, car une ligne perdue et une ligne
# doublée se compensent. Cherchons donc chaque ligne du seed dans le staging, par station, polluant et date, puis l’inverse.

# %% id="lost-table"
query("""
    with
        seeded as (select location, parameter, date_utc, count(*) as times from opendata_airquality group by all),
        staged as (select location, parameter, original_date as date_utc, count(*) as times from stg_airquality group by all)
    select
        count(*) as different_measurements,
        count(*) filter (where staged.times is null) as lost,
        count(*) filter (where seeded.times is null) as from_nowhere,
        count(*) filter (where seeded.times > 1) as double_in_seed,
        count(*) filter (where staged.times > 1) as double_in_staging
    from seeded
    full join staged using (location, parameter, date_utc)
""")

# %% [markdown] id="lost-seen"
# **What we see.** All 15,955 are there, each once. None was lost, none came from nowhere, none is there twice. Should a source ever send a
# measurement twice, staging keeps one of them, the usable one.
#
# You need not do this by hand every day: the test `staging_keeps_every_measurement` does it. Notebook 04 is about tests.

# %% [markdown] id="lost-seen" lang="fr"
# **Ce que l’on voit.** Les 15 955 mesures sont là, une fois chacune. Aucune ne s’est perdue, aucune n’est venue de nulle part, aucune
# n’est en double. Si une source envoie un jour deux fois la même mesure, le staging en garde une seule : celle qui est utilisable.
#
# Inutile de refaire cette vérification à la main tous les jours : le test `staging_keeps_every_measurement` s’en charge. Le notebook 04
# parle des tests.

# %% [markdown] id="recap"
# ## What to remember
#
# - The seed keeps what the file says, as text. Nothing is repaired there.
# - Staging gives each column a type, one unit and one clock, and says in a word what is wrong with a measurement.
# - The original texts stay beside the cleaned values: whoever doubts can look.
# - Cleaning must not lose rows. Count before and after, and then prove it row by row.

# %% [markdown] id="recap" lang="fr"
# ## À retenir
#
# - Le seed garde ce que dit le fichier, sous forme de texte. On n’y répare rien.
# - Le staging donne à chaque colonne un type, une seule unité et une seule horloge, et dit en un mot ce qui ne va pas dans une mesure.
# - Les textes d’origine restent à côté des valeurs nettoyées : en cas de doute, on peut vérifier.
# - Nettoyer ne doit pas faire perdre de lignes. Comptez avant et après, puis prouvez-le ligne par ligne.

# %% [markdown] id="exercises"
# ## Exercises
#
# **1.** How many measurements had their value converted from kilograms? Count only those that have a value.

# %% [markdown] id="exercises" lang="fr"
# ## Exercices
#
# **1.** Pour combien de mesures la valeur a-t-elle été convertie depuis des kilogrammes ? Ne comptez que celles qui ont une valeur.

# %% id="answer-1" tags=["exercise"]
# solution: begin
answer = query("select count(value) from stg_airquality where original_unit = 'kg/m3'")
# solution: end

# %% id="check-1" tags=["check"]
check("02.1", answer)

# %% [markdown] id="question-2"
# **2.** For how many measurements did the city come from `stations`, because their own row had none?

# %% [markdown] id="question-2" lang="fr"
# **2.** Pour combien de mesures la ville est-elle venue de `stations`, parce que leur propre ligne n’en avait pas ?

# %% id="answer-2" tags=["exercise"]
# solution: begin
answer = query("select count(*) from opendata_airquality where city is null")
# solution: end

# %% id="check-2" tags=["check"]
check("02.2", answer)

# %% [markdown] id="question-3"
# **3.** Tomorrow a station sends the value `7 to 8`, in `kg/m3`. Which word will `quality` say? Read its five lines once more.

# %% [markdown] id="question-3" lang="fr"
# **3.** Demain, une station envoie la valeur `7 to 8` (« 7 à 8 »), en `kg/m3`. Quel mot aura-t-elle dans `quality` ? Relisez-en les cinq
# lignes.

# %% id="answer-3" tags=["exercise"]
# solution: begin
answer = "unparsable"
# solution: end

# %% id="check-3" tags=["check"]
check("02.3", answer)

# %% [markdown] id="next"
# **Next:** [03 · Marts](03_marts.ipynb). The solutions of this notebook are in
# [solutions/](solutions/02_seed_and_staging.ipynb).

# %% [markdown] id="next" lang="fr"
# **La suite :** [03 · Marts](03_marts.ipynb). Les solutions de ce notebook sont dans
# [solutions/](solutions/02_seed_and_staging.ipynb).
