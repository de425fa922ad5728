# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # 03 · Marts
#
# **Goal.** You read the table that people look at, and learn where each of its numbers comes from. You recompute one row by hand.
# Then you see how such a table can be wrong although all data before it is right. About 15 minutes.

# %% [markdown] id="title" lang="fr"
# # 03 · Marts
#
# **Objectif.** Vous lisez la table que l’on consulte, et vous apprenez d’où vient chacun de ses nombres. Vous en recalculez une ligne à
# la main. Puis vous voyez comment une telle table peut être fausse alors que toutes les données en amont sont justes. Environ 15 minutes.

# %% [markdown] id="load"
# ## What a mart is
#
# Staging has a row for every hour: right, and far too much to read. A *mart* is a table made for a question. Ours is called
# `airquality_metrics`, and the question is: *how is the air in each city?*
#
# We build everything first, seeds and models. With `--quiet`, dbt speaks only if something goes wrong.

# %% [markdown] id="load" lang="fr"
# ## Ce qu’est un mart
#
# Le staging a une ligne par heure : c’est juste, et bien trop long à lire. Un *mart* est une table faite pour une question. La nôtre
# s’appelle `airquality_metrics`, et la question est : *quelle est la qualité de l’air dans chaque ville ?*
#
# Nous construisons d’abord tout, seeds et modèles. Avec `--quiet`, dbt ne parle que si quelque chose se passe mal.

# %% id="open"
from datetime import UTC, datetime
from pathlib import Path

from qalita_ingest import charts
from qalita_walkthrough import check, open_workspace, query, show

open_workspace("03_marts")

# %% id="dbt-build"
# !dbt build --quiet --resource-type seed --resource-type model

# %% [markdown] id="metrics"
# ## The table
#
# These are eight of its 30 rows, those with the most measurements. First the columns that count.

# %% [markdown] id="metrics" lang="fr"
# ## La table
#
# Voici huit de ses 30 lignes, celles qui ont le plus de mesures. D’abord les colonnes de comptage.

# %% id="metrics-table"
query("""
    select city, parameter, measurement_count, usable_count, round(missing_share, 4) as missing_share
    from airquality_metrics
    order by measurement_count desc, city, parameter
    limit 8
""")

# %% [markdown] id="metrics-seen"
# **What we see.** One row is one pollutant in one city. `measurement_count` counts all measurements, `usable_count` those with a usable
# value. `missing_share` is the part without a value: 0.15 is 15 %.
#
# The other columns describe the usable values. Here they are, of the same eight rows:

# %% [markdown] id="metrics-seen" lang="fr"
# **Ce que l’on voit.** Une ligne correspond à un polluant dans une ville. `measurement_count` compte toutes les mesures, `usable_count` celles
# dont la valeur est utilisable. `missing_share` est la part sans valeur : 0.15 veut dire 15 %.
#
# Les autres colonnes décrivent les valeurs utilisables. Les voici, pour les mêmes huit lignes :

# %% id="metrics-values"
query("""
    select
        city, parameter, min_value, median_value, round(mean_value, 2) as mean_value,
        round(p95_value, 2) as p95_value, max_value, unit
    from airquality_metrics
    order by measurement_count desc, city, parameter
    limit 8
""")

# %% [markdown] id="metrics-values-seen"
# **What we see.** All values are in µg/m³.
#
# | column | meaning |
# |---|---|
# | `min_value`, `max_value` | the smallest and the largest |
# | `median_value` | half of the values are below it |
# | `mean_value` | the sum, divided by how many there are |
# | `p95_value` | 95 of 100 values are below it: high, but without the rare extremes |

# %% [markdown] id="metrics-values-seen" lang="fr"
# **Ce que l’on voit.** Toutes les valeurs sont en µg/m³.
#
# | colonne | signification |
# |---|---|
# | `min_value`, `max_value` | la plus petite et la plus grande |
# | `median_value` | la moitié des valeurs sont en dessous |
# | `mean_value` | la moyenne : la somme, divisée par le nombre de valeurs |
# | `p95_value` | 95 valeurs sur 100 sont en dessous : élevé, mais sans les rares extrêmes |

# %% [markdown] id="how"
# ## How it is computed
#
# This is nearly the whole model. `ref('stg_airquality')` names the table it reads; that is how dbt knows which one to build first.

# %% [markdown] id="how" lang="fr"
# ## Comment elle est calculée
#
# Voici presque tout le modèle. `ref('stg_airquality')` nomme la table qu’il lit ; c’est ainsi que dbt sait laquelle construire d’abord.

# %% id="how-sql"
# !sed -n '/^measurements as/,/group by/p' models/marts/airquality_metrics.sql

# %% [markdown] id="how-seen"
# **What we see.** The line to remember is `case when quality = 'ok' then value end`. What is not `ok` becomes `NULL`, and minimum, mean and
# median leave out every `NULL`. But `count(*)` counts it. So a missing value lowers no mean, and is still counted as missing.

# %% [markdown] id="how-seen" lang="fr"
# **Ce que l’on voit.** La ligne à retenir est `case when quality = 'ok' then value end`. Ce qui n’est pas `ok` devient `NULL`, et le minimum,
# la moyenne et la médiane écartent tous les `NULL`. Mais `count(*)` les compte. Une valeur manquante n’abaisse donc aucune moyenne, et
# compte tout de même comme manquante.

# %% [markdown] id="row"
# ## One row by hand
#
# We take carbon monoxide (`co`) in Eisenstadt, and recompute the row from staging. First the counts:

# %% [markdown] id="row" lang="fr"
# ## Une ligne à la main
#
# Prenons le monoxyde de carbone (`co`) à Eisenstadt, et recalculons la ligne à partir du staging. D’abord, comptons :

# %% id="row-counts"
query("""
    select quality, count(*) as measurements
    from stg_airquality
    where city = 'Eisenstadt' and parameter = 'co'
    group by quality
    order by quality desc
""")

# %% [markdown] id="row-counts-seen"
# **What we see.** 235 usable and 5 missing make 240: ten days of 24 hours. So `missing_share` has to be 5 / 240, that is 0.0208.
#
# For the median we sort the 235 values. The one in the middle is the 118th: 117 are below it and 117 above. For `p95_value` we go 95 %
# of the way from the 1st to the 235th: 1 + 0.95 × 234 = 223.3. That is three tenths of the way from the 223rd to the 224th.

# %% [markdown] id="row-counts-seen" lang="fr"
# **Ce que l’on voit.** 235 utilisables et 5 manquantes font 240 : dix jours de 24 heures. `missing_share` doit donc valoir 5 / 240, soit
# 0,0208.
#
# Pour la médiane, trions les 235 valeurs. Celle du milieu est la 118ᵉ : il y en a 117 en dessous et 117 au-dessus. Pour `p95_value`, nous
# parcourons 95 % du chemin de la 1ʳᵉ à la 235ᵉ : 1 + 0,95 × 234 = 223,3. C’est trois dixièmes du chemin de la 223ᵉ à la 224ᵉ.

# %% id="row-places"
places = query("""
    with usable as (
        select value, row_number() over (order by value) as place
        from stg_airquality
        where city = 'Eisenstadt' and parameter = 'co' and quality = 'ok'
    )
    select place, value from usable where place in (1, 118, 223, 224, 235) order by place
""")
places

# %% id="row-by-hand"
value_at = dict(places.rows)
print("missing share:", round(5 / 240, 4))
print("median:       ", value_at[118])
print("p95:          ", round(value_at[223] + 0.3 * (value_at[224] - value_at[223]), 3))

# %% id="row-in-mart"
query("""
    select round(missing_share, 4) as missing_share, median_value, round(p95_value, 3) as p95_value, min_value, max_value
    from airquality_metrics
    where city = 'Eisenstadt' and parameter = 'co'
""")

# %% [markdown] id="row-seen"
# **What we see.** By hand and in the mart, the numbers are the same. The smallest value, 0.47, is odd: the usual one is about 176. It is one of
# the faults that a test reports.

# %% [markdown] id="row-seen" lang="fr"
# **Ce que l’on voit.** À la main et dans le mart, les nombres sont les mêmes. La plus petite valeur, 0,47, est étrange : la valeur habituelle est
# d’environ 176. C’est l’un des défauts qu’un test signale.

# %% [markdown] id="days"
# ## What one number hides
#
# The mean of a whole period is one number. We shall draw the mean of each day, of nitrogen dioxide (`no2`), for each of the 13 cities of
# June 2017. Much depends on where a station stands; the table of stations says it:

# %% [markdown] id="days" lang="fr"
# ## Ce qu’un seul nombre cache
#
# La moyenne de toute une période tient en un seul nombre. Nous allons dessiner la moyenne de chaque jour, pour le dioxyde d’azote (`no2`), dans
# chacune des 13 villes de juin 2017. Beaucoup dépend de l’endroit où se trouve une station ; la table des stations l’indique :

# %% id="areas"
areas = query("""
    select area_type, string_agg(city, ', ' order by city) as cities
    from stg_stations
    where area_type in ('rural', 'suburban', 'urban')
    group by area_type
    order by area_type
""")
areas

# %% [markdown] id="areas-seen"
# **What we see.** Four places are in the country (`rural`), five in suburbs, four in towns (`urban`). We draw them in this order. All pictures have the
# same scale.

# %% [markdown] id="areas-seen" lang="fr"
# **Ce que l’on voit.** Quatre lieux sont à la campagne (`rural`), cinq en banlieue (`suburban`), quatre en ville (`urban`). Nous les dessinons dans cet
# ordre. Toutes les images ont la même échelle.

# %% id="days-chart"
days = query("""
    select city, parameter, cast(measured_at as date) as day, round(avg(value), 6) as mean_value
    from stg_airquality
    group by city, parameter, day
    order by city, parameter, day
""")


def days_of(city, pollutant, name):
    return charts.Series(
        name,
        [
            charts.Measurement(datetime(day.year, day.month, day.day, tzinfo=UTC), value)
            for in_city, parameter, day, value in days.rows
            if (in_city, parameter) == (city, pollutant)
        ],
    )


cities = ", ".join(areas.column("cities")).split(", ")
show(
    charts.small_multiples([days_of(city, "no2", city) for city in cities], name="NO2, mean of each day", unit="µg/m³")
)

# %% [markdown] id="days-seen"
# **What we see.** In the first row, which is the country (Košetice, Kötschach-Mauthen and two others), the line stays below 10 µg/m³. In Ostrava and
# Zürich it goes up to about 30, and it moves: in Ostrava it was more than twice as high on 9 June as on 5 June. The mean in the mart says nothing of that.

# %% [markdown] id="days-seen" lang="fr"
# **Ce que l’on voit.** (`mean of each day` : moyenne de chaque jour ; `day` : jour.) Dans la première rangée, celle de la campagne (Košetice,
# Kötschach-Mauthen et deux autres), la courbe reste sous 10 µg/m³. À Ostrava et à Zürich, elle monte jusqu’à 30 environ, et elle bouge : à Ostrava,
# elle était plus de deux fois plus haute le 9 juin que le 5. La moyenne du mart n’en dit rien.

# %% id="paris-chart"
paris = [days_of("Paris", pollutant, pollutant) for pollutant in ("no", "no2", "pm10")]
show(charts.small_multiples(paris, name="Châtelet in Paris, mean of each day", unit="µg/m³"))

# %% [markdown] id="paris-seen"
# **What we see.** Particles (`pm10`) are high all the time in the metro. Nitrogen monoxide (`no`) is mostly low, with one high peak around the
# first of December. Where the line is broken, a whole day has no value.

# %% [markdown] id="paris-seen" lang="fr"
# **Ce que l’on voit.** Dans le métro, les particules (`pm10`) sont élevées en permanence. Le monoxyde d’azote (`no`) est le plus souvent bas, avec
# un pic élevé autour du premier décembre. Là où la courbe s’interrompt, un jour entier est sans valeur.

# %% [markdown] id="wrong"
# ## Right data, wrong mart
#
# Now we break it. Suppose that somebody dislikes the holes and writes `coalesce(value, 0)`: *where there is no value, take 0*. It is a
# small change, it looks harmless, and it runs. The next cell makes it, in your copy.

# %% [markdown] id="wrong" lang="fr"
# ## Données justes, mart faux
#
# Cassons maintenant cette table. Supposons que quelqu’un n’aime pas les trous et écrive `coalesce(value, 0)` : *là où il n’y a pas de valeur, prendre 0*.
# C’est un petit changement, il semble anodin, et il s’exécute. La cellule suivante le fait, dans votre copie.

# %% id="wrong-change"
means = "select city || ', ' || parameter as metric, mean_value from airquality_metrics order by metric"
right = dict(query(means).rows)

model = Path("models/marts/airquality_metrics.sql")
original = model.read_text(encoding="utf-8")
model.write_text(original.replace("case when quality = 'ok' then value end", "coalesce(value, 0)"), encoding="utf-8")
print("changed:", model)

# %% id="wrong-run"
# !dbt run --quiet --select airquality_metrics; echo "exit status $?"

# %% [markdown] id="wrong-run-seen"
# **What we see.** Nothing. Exit status 0 means *all went well*: for dbt it is a query like any other. And the means?

# %% [markdown] id="wrong-run-seen" lang="fr"
# **Ce que l’on voit.** Rien. Le code de sortie (*exit status*) 0 veut dire *tout s’est bien passé* : pour dbt, c’est une requête comme une autre.
# Et les moyennes ?

# %% id="wrong-chart"
wrong = dict(query(means).rows)
too_low = {metric: round(100 * (1 - wrong[metric] / right[metric]), 2) for metric in right}
worst = sorted(too_low.items(), key=lambda one: (-one[1], one[0]))[:8]
show(
    charts.bar_chart(
        [charts.Bar(*one) for one in worst],
        name="By how much the mean is too low",
        quantity="by how much the mean is too low (%)",
        names="city, pollutant",
    )
)

# %% [markdown] id="wrong-chart-seen"
# **What we see.** These are the eight worst. Each mean is too low by just its share of missing values: PM2.5 in Albuquerque by 15 %, as
# `missing_share` says. The air looks cleaner than it is, and most so where the instrument failed most. Staging is as right as before. Do the
# tests see it?

# %% [markdown] id="wrong-chart-seen" lang="fr"
# **Ce que l’on voit.** Voici les huit plus touchées (l’axe dit de combien la moyenne est trop basse, en pour cent). Chaque moyenne est trop basse, exactement de sa part de valeurs manquantes : 15 % pour les
# PM2.5 à Albuquerque, comme le dit `missing_share`. L’air paraît plus propre qu’il ne l’est, surtout là où l’instrument a le plus souvent fait
# défaut. Le staging est aussi juste qu’avant. Les tests s’en aperçoivent-ils ?

# %% id="wrong-test"
# !dbt test --quiet --select stg_airquality airquality_metrics; echo "exit status $?"

# %% [markdown] id="wrong-test-seen"
# **What we see.** Of 52 tests, one fails. No test on staging does, because staging is right. The tests on the mart's data don't fail either,
# because the numbers are plausible: no mean is below its minimum. Only a *unit test* notices: it gives the model eight made-up rows, of which it knows
# the answer. `4→8` reads: 4 usable values were expected, the model counted 8.
#
# We put the line back, build the table, and test it again.

# %% [markdown] id="wrong-test-seen" lang="fr"
# **Ce que l’on voit.** Sur 52 tests, un seul échoue. Aucun de ceux du staging, car le staging est juste. Aucun de ceux qui regardent les données du mart
# non plus, car les nombres sont plausibles : aucune moyenne n’est sous son minimum. Seul un *test unitaire* s’en aperçoit : il donne au
# modèle huit lignes inventées, dont il connaît le résultat. `4→8` se lit : 4 valeurs utilisables étaient attendues, le modèle en a compté 8.
#
# Remettons la ligne, reconstruisons la table, et testons-la de nouveau.

# %% id="mend"
model.write_text(original, encoding="utf-8")
# !dbt build --quiet --select airquality_metrics; echo "exit status $?"
print("the means are as before:", dict(query(means).rows) == right)

# %% [markdown] id="mend-seen"
# **What we see.** Exit status 0: the table is built, its tests pass, and all means are as they were at first.

# %% [markdown] id="mend-seen" lang="fr"
# **Ce que l’on voit.** Code de sortie 0 : la table est construite, ses tests passent, et toutes les moyennes sont celles du début.

# %% [markdown] id="recap"
# ## What to remember
#
# - A mart answers a question. Know its *grain*, what one row stands for: here one pollutant in one city, in one unit.
# - Take one row and recompute it by hand. It is the best way to understand a table, or to distrust it.
# - A mart can be wrong although its data is right. Tests on data find what is not plausible; unit tests find a wrong calculation.
# - A missing value is not 0.

# %% [markdown] id="recap" lang="fr"
# ## À retenir
#
# - Un mart répond à une question. Connaissez son *grain*, ce que représente une ligne : ici un polluant dans une ville, dans une unité.
# - Prenez une ligne et recalculez-la à la main. C’est le meilleur moyen de comprendre une table, ou de s’en méfier.
# - Un mart peut être faux alors que ses données sont justes. Les tests sur les données trouvent ce qui n’est pas plausible ; les tests unitaires
#   trouvent un calcul faux.
# - Une valeur manquante n’est pas 0.

# %% [markdown] id="exercises"
# ## Exercises
#
# **1.** Which city has the highest `p95_value` of `no2`?

# %% [markdown] id="exercises" lang="fr"
# ## Exercices
#
# **1.** Quelle ville a le `p95_value` de `no2` le plus élevé ?

# %% id="answer-1" tags=["exercise"]
# solution: begin
answer = query("select city from airquality_metrics where parameter = 'no2' order by p95_value desc limit 1")
# solution: end

# %% id="check-1" tags=["check"]
check("03.1", answer)

# %% [markdown] id="question-2"
# **2.** How many measurements does `airquality_metrics` leave out of its statistics, all its rows together, because they are not usable?

# %% [markdown] id="question-2" lang="fr"
# **2.** Combien de mesures `airquality_metrics` écarte-t-elle de ses statistiques, toutes lignes confondues, parce qu’elles ne sont pas
# utilisables ?

# %% id="answer-2" tags=["exercise"]
# solution: begin
answer = query("select sum(measurement_count - usable_count) from airquality_metrics")
# solution: end

# %% id="check-2" tags=["check"]
check("03.2", answer)

# %% [markdown] id="question-3"
# **3.** What is the mean of `pm25` in Albuquerque if you take the mean of each day first (as the query `days` above does), and then the mean of
# these days? Two digits after the point will do. Compare it with the mart.

# %% [markdown] id="question-3" lang="fr"
# **3.** Quelle est la moyenne de `pm25` à Albuquerque si vous prenez d’abord la moyenne de chaque jour (comme la requête `days` plus haut), puis la
# moyenne de ces jours ? Deux chiffres après la virgule suffisent. Comparez-la à celle du mart.

# %% id="answer-3" tags=["exercise"]
# solution: begin
by_day = query("""
    select cast(measured_at as date) as day, avg(value) as mean_value
    from stg_airquality
    where city = 'Albuquerque' and parameter = 'pm25'
    group by day
    order by day
""")
answer = sum(by_day.column("mean_value")) / len(by_day)
# solution: end

# %% id="check-3" tags=["check"]
check("03.3", answer)

# %% [markdown] id="next"
# **Next:** [04 · Tests](04_tests.ipynb). The solutions of this notebook are in
# [solutions/](solutions/03_marts.ipynb).

# %% [markdown] id="next" lang="fr"
# **La suite :** [04 · Les tests](04_tests.ipynb). Les solutions de ce notebook sont dans
# [solutions/](solutions/03_marts.ipynb).
