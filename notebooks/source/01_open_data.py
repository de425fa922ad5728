# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # 01 · The open data and its faults
#
# **Goal.** You look at real data before anybody has cleaned it, and find what is wrong with it. What you find here becomes
# the tests of the later notebooks. About 15 minutes.

# %% [markdown] id="title" lang="fr"
# # 01 · Les données ouvertes et leurs défauts
#
# **Objectif.** Vous regardez de vraies données avant tout nettoyage, et vous trouvez ce qui ne va pas. Ce que vous trouvez
# ici deviendra les tests des notebooks suivants. Environ 15 minutes.

# %% [markdown] id="load"
# ## The file
#
# The measurements come from three sources: the operator of the Paris metro (RATP), 13 stations in Austria, Switzerland and Czechia, and
# OpenAQ for a station in the United States. No value in them was repaired. We read every column as text, so that we see what is really
# written.

# %% [markdown] id="load" lang="fr"
# ## Le fichier
#
# Les mesures viennent de trois sources : l’exploitant du métro parisien (RATP), 13 stations d’Autriche, de Suisse et de Tchéquie, et OpenAQ
# pour une station des États-Unis. Aucune valeur n’y a été réparée. Nous lisons toutes les colonnes comme du texte, afin de voir ce qui est réellement
# écrit.

# %% id="open"
from datetime import UTC

from qalita_ingest import charts
from qalita_walkthrough import check, open_workspace, query, show

open_workspace("01_open_data")

file = "read_csv('seeds/opendata_airquality.csv', all_varchar = true)"

# %% id="first-rows"
query(f"""
    select * from {file}
    where date_utc in ('2016-09-01 00:00', '2017-06-01 01:00', '2016-03-06T20:00:00Z')
        and location in ('Chatelet', 'AT10001', 'CZ0ALIB', 'Del Norte')
    order by location, parameter
""")

# %% [markdown] id="first-rows-seen"
# **What we see.** One row is one pollutant (`parameter`) at one station (`location`) in one hour: `co` is carbon monoxide, `no` and
# `no2` are nitrogen oxides, `pm10` and `pm25` are particles of dust. Look closely: some rows have no city (`NULL` means that nothing is
# there), and one has no value. Two values are `nan`: *not a number*. Units and dates are written in several ways.

# %% [markdown] id="first-rows-seen" lang="fr"
# **Ce que l’on voit.** Une ligne correspond à un polluant (`parameter`), à une station (`location`) et à une heure : `co` est le monoxyde
# de carbone, `no` et `no2` sont des oxydes d’azote, `pm10` et `pm25` des particules de poussière. Regardez bien : certaines lignes n’ont
# pas de ville (`NULL` veut dire qu’il n’y a rien), et une n’a pas de valeur. Deux valeurs sont `nan` (*not a number*, « pas un nombre »).
# Les unités et les dates s’écrivent de plusieurs façons.

# %% [markdown] id="where"
# ## Where the stations are
#
# A second file, `stations.csv`, says where each station stands. One is in Albuquerque in the United States; the map shows the
# others.

# %% [markdown] id="where" lang="fr"
# ## Où se trouvent les stations
#
# Un second fichier, `stations.csv`, indique l’emplacement de chaque station. L’une est à Albuquerque, aux États-Unis ; la carte
# montre les autres.

# %% id="map"
places = query("""
    select station_name, latitude, longitude, country
    from 'seeds/stations.csv'
    where country <> 'US'
    order by country, station_name
""")
show(charts.place_map([charts.Place(*row) for row in places.rows], name="the stations in Europe"))

# %% [markdown] id="map-seen"
# **What we see.** Four countries, and each has its own mark: Austria (AT), Switzerland (CH), Czechia (CZ) and France (FR). Châtelet is alone in the west, and special: it is a metro platform, so its
# air is not that of a street.

# %% [markdown] id="map-seen" lang="fr"
# **Ce que l’on voit.** Quatre pays, chacun avec son symbole : Autriche (AT), Suisse (CH), Tchéquie (CZ) et France (FR). Châtelet est seule à l’ouest, et particulière : c’est un quai de métro,
# son air n’est donc pas celui d’une rue.

# %% [markdown] id="numbers"
# ## Texts become numbers
#
# To count and to draw we need numbers and times. `try_cast` gives a number where there is one, and nothing (`null`) where there is none.
# DuckDB takes `nan` for a number; `nullif` makes nothing of it. We keep this query under the name `hours`.

# %% [markdown] id="numbers" lang="fr"
# ## Du texte aux nombres
#
# Pour compter et dessiner, il nous faut des nombres et des dates. `try_cast` donne un nombre là où il y en a un, et rien (`null`) là où il
# n’y en a pas. DuckDB prend `nan` pour un nombre ; `nullif` en fait un vide. Nous gardons cette requête sous le nom `hours` (heures).

# %% id="hours"
hours = f"""(
    select
        location, parameter, unit, value,
        cast(date_utc as timestamp) as measured_at,
        nullif(try_cast(trim(value) as double), 'nan') as number
    from {file}
)"""
query(f"""
    select count(*) as measurements, min(measured_at) as first, max(measured_at) as last
    from {hours}
""")

# %% [markdown] id="hours-seen"
# **What we see.** All 15,955 rows are there, and each date could be read. They lie between March 2016 and June 2017. Is every day between the
# two covered?

# %% [markdown] id="hours-seen" lang="fr"
# **Ce que l’on voit.** Les 15 955 lignes sont toutes là, et chaque date a pu être lue. Elles vont de mars 2016 à juin 2017. Chaque jour entre
# les deux est-il couvert ?

# %% [markdown] id="coverage"
# ## Which days have values
#
# One row for each station, one colour for each day: the darker, the more of its hours have a value.

# %% [markdown] id="coverage" lang="fr"
# ## Quels jours ont des valeurs
#
# Une ligne par station, une couleur par jour : plus elle est foncée, plus il y a d’heures avec une valeur.

# %% id="coverage-chart"
days = query(f"""
    select
        location,
        cast(measured_at as date) as day,
        count(number) / (24 * count(distinct parameter)) as share
    from {hours}
    group by location, day
    order by location, day
""")


def coverage_of(name):
    shares = {day: share for location, day, share in days.rows if location == name}
    return charts.Coverage(name, shares)


stations = sorted(set(days.column("location")))
show(charts.coverage_chart([coverage_of(station) for station in stations], name="all stations", names="station"))

# %% [markdown] id="coverage-seen"
# **What we see.** The three sources don't overlap: Albuquerque (`Del Norte`) is of spring 2016, Châtelet of September to December 2016, the
# others are of ten days in June 2017. Whoever compares them compares seasons. `Del Norte` has hardly a whole day, and the Czech stations
# (`CZ…`) have none at all: we shall see why.

# %% [markdown] id="coverage-seen" lang="fr"
# **Ce que l’on voit.** (`day (UTC)` : le jour, en UTC. La légende, `hours with a value`, dit combien d’heures du jour ont une valeur : `all hours`, toutes ;
# `90 % or more`, 90 % ou plus ; `less`, moins ; `none`, aucune.) Les trois sources ne se recouvrent pas : Albuquerque (`Del Norte`) date du printemps 2016, Châtelet de septembre à
# décembre 2016, les autres de dix jours de juin 2017. Les comparer, c’est comparer des saisons. `Del Norte` n’a presque aucun jour complet,
# et les stations tchèques (`CZ…`) n’en ont pas un seul : nous verrons pourquoi.

# %% [markdown] id="gaps"
# ## Gaps
#
# Let us look closer at one station. Châtelet measures three pollutants.

# %% [markdown] id="gaps" lang="fr"
# ## Les trous
#
# Regardons une station de plus près. Châtelet mesure trois polluants.

# %% id="gaps-chart"
by_pollutant = query(f"""
    select parameter, cast(measured_at as date) as day, count(number) / 24 as share
    from {hours}
    where location = 'Chatelet'
    group by parameter, day
    order by parameter, day
""")


def coverage_of_pollutant(pollutant):
    shares = {day: share for name, day, share in by_pollutant.rows if name == pollutant}
    return charts.Coverage(pollutant, shares)


pollutants = [coverage_of_pollutant(pollutant) for pollutant in ("no", "no2", "pm10")]
show(charts.coverage_chart(pollutants, name="Châtelet, by pollutant", names="pollutant"))

# %% [markdown] id="gaps-seen"
# **What we see.** In October there are four days without any value, framed in orange, and always for NO and NO2 together: probably one
# instrument measures both. PM10 has no such day.
#
# How long are the longest gaps? We number the rows of each station and pollutant. Then `lag` looks from one value back to the one before:
# how many hours lie between the two, and how many rows?

# %% [markdown] id="gaps-seen" lang="fr"
# **Ce que l’on voit.** (`pollutant` : le polluant.) En octobre, quatre jours n’ont aucune valeur (encadrés en orange), et toujours pour NO et NO2 ensemble : un même
# instrument mesure sans doute les deux. PM10 n’a aucun jour de ce genre.
#
# Quels sont les trous les plus longs ? Numérotons les lignes de chaque station et polluant. Puis `lag` regarde, depuis une valeur, celle qui la
# précède : combien d’heures les séparent, et combien de lignes ?

# %% id="longest-gaps"
query(f"""
    with numbered as (
        select *, row_number() over (partition by location, parameter order by measured_at) as row
        from {hours}
    )
    select
        location, parameter,
        lag(measured_at) over series as last_value_at,
        date_diff('hour', last_value_at, measured_at) as hours_to_the_next,
        row - lag(row) over series - 1 as rows_without_value
    from numbered
    where number is not null
    window series as (partition by location, parameter order by measured_at)
    order by hours_to_the_next desc, location, parameter, last_value_at
    limit 5
""")

# %% [markdown] id="longest-gaps-seen"
# **What we see.** From one value to the next it takes up to 86 hours. At Châtelet 85 rows lie between the two: they are there, one for each hour,
# but without a value. At `Del Norte` the 64 hours have no row at all: the rows themselves are missing. No row shows by itself how long a station was
# silent. Only a test that looks at *time* finds it.

# %% [markdown] id="longest-gaps-seen" lang="fr"
# **Ce que l’on voit.** D’une valeur à la suivante, il s’écoule jusqu’à 86 heures. À Châtelet, 85 lignes séparent les deux : elles sont là, une par
# heure, mais sans valeur. À `Del Norte`, les 64 heures n’ont aucune ligne : ce sont les lignes elles-mêmes qui manquent. Aucune ligne ne montre à
# elle seule combien de temps une station s’est tue. Seul un test qui regarde le *temps* le trouve.

# %% [markdown] id="missing"
# ## Missing has many names
#
# What do the rows without a number say?

# %% [markdown] id="missing" lang="fr"
# ## Le vide a plusieurs noms
#
# Que disent les lignes qui n’ont pas de nombre ?

# %% id="missing-names"
query(f"""
    select value as written, count(*) as rows
    from {hours}
    where number is null
    group by written
    order by rows desc
""")

# %% [markdown] id="missing-seen"
# **What we see.** Three sources, three words for "no value": `NA`, `nan`, and nothing at all (`NULL`). If one of them slipped through as a number,
# every mean would be wrong.

# %% [markdown] id="missing-seen" lang="fr"
# **Ce que l’on voit.** Trois sources, trois façons de dire « pas de valeur » : `NA`, `nan`, et rien du tout (`NULL`). Si l’une d’elles passait pour un
# nombre, toutes les moyennes seraient fausses.

# %% [markdown] id="hour"
# ## An hour that is always missing
#
# Do the missing values of the Czech stations come at random? We count them by the hour of the day.

# %% [markdown] id="hour" lang="fr"
# ## Une heure qui manque toujours
#
# Les valeurs manquantes des stations tchèques sont-elles réparties au hasard ? Comptons-les par heure de la journée.

# %% id="hour-chart"
by_hour = query(f"""
    select strftime(measured_at, '%H:00') as hour, count(*) - count(number) as missing
    from {hours}
    where location like 'CZ%'
    group by hour
    order by hour
""")
show(
    charts.bar_chart(
        [charts.Bar(*row) for row in by_hour.rows],
        name="Missing values of the Czech stations, by hour of the day",
        quantity="missing values (count)",
        names="hour of the day",
    )
)

# %% [markdown] id="hour-seen"
# **What we see.** At 01:00 there is never a value: 5 stations, 2 pollutants, 10 days make exactly 100. That is not bad luck, it is a fault
# somewhere on the way. A share of missing values would hide it; a test for the hour finds it.

# %% [markdown] id="hour-seen" lang="fr"
# **Ce que l’on voit.** (`missing values` : valeurs manquantes ; `hour of the day` : heure de la journée.) À 01:00, il n’y a jamais de valeur : 5 stations, 2 polluants et 10 jours font exactement 100. Ce n’est pas de la malchance,
# c’est un défaut quelque part en chemin. Un taux de valeurs manquantes le cacherait ; un test sur l’heure le trouve.

# %% [markdown] id="units"
# ## Units
#
# A number without its unit says nothing. Which ones are there? (Two of the three sources give none with their values: what the file says was found by
# reasoning, and [DATA.md](../DATA.md) tells how.)

# %% [markdown] id="units" lang="fr"
# ## Les unités
#
# Un nombre sans unité ne dit rien. Lesquelles y a-t-il ? (Deux des trois sources n’en donnent pas avec leurs valeurs : ce que dit le fichier a été
# trouvé par raisonnement, et [DATA.md](../DATA.md), en anglais, explique comment.)

# %% id="units-table"
query(f"""
    select
        unit, count(distinct location) as stations, count(*) as rows, median(number) as median,
        cast(min(measured_at) as date) as first_day, cast(max(measured_at) as date) as last_day
    from {hours}
    group by unit
    order by rows desc
""")

# %% [markdown] id="units-seen"
# **What we see.** Three spellings, and each station keeps to one: 1, 13 and 1 make all 15. The values of June 2017 are in kilograms, hence these tiny
# numbers. A mean over all rows would mix them: nonsense, and no program would complain.

# %% [markdown] id="units-seen" lang="fr"
# **Ce que l’on voit.** Trois écritures, et chaque station s’en tient à une seule : 1, 13 et 1 font bien 15. Les valeurs de juin 2017 sont en kilogrammes,
# d’où ces nombres minuscules. Une moyenne sur toutes les lignes les mélangerait : un non-sens, dont aucun programme ne se plaindrait.

# %% [markdown] id="distributions"
# ## How the values spread
#
# We bring all values into micrograms per cubic metre (µg/m³), and draw how often each size comes.

# %% [markdown] id="distributions" lang="fr"
# ## Comment les valeurs se répartissent
#
# Nous convertissons toutes les valeurs en microgrammes par mètre cube (µg/m³), et nous dessinons combien de fois chacune revient.

# %% id="distributions-chart"
values = query(f"""
    select parameter, number * case when unit = 'kg/m3' then 1e9 else 1 end as micrograms
    from {hours}
    where number is not null
""")


def values_of(pollutant):
    sizes = [size for name, size in values.rows if name == pollutant]
    return charts.Values(pollutant, "µg/m³", sizes)


pollutants = [values_of(pollutant) for pollutant in ("co", "no", "no2", "pm10", "pm25")]
show(charts.distribution_chart(pollutants, name="values by pollutant"))

# %% [markdown] id="distributions-seen"
# **What we see.** Most values are small, and a few are very large: long tails to the right. Is a large value wrong? Not for that reason. Look
# at NO in the metro, from 30 November to 2 December 2016:

# %% [markdown] id="distributions-seen" lang="fr"
# **Ce que l’on voit.** (`count` : nombre de valeurs ; `median (dashed)` : la médiane, en tirets ; `0.47 to 1118` : de 0,47 à 1 118.) La plupart des
# valeurs sont petites, quelques-unes très grandes : de longues queues vers la droite. Une grande valeur
# est-elle fausse ? Pas pour cette seule raison. Regardez NO dans le métro, du 30 novembre au 2 décembre 2016 :

# %% id="peak"
peak = query(f"""
    select measured_at, number from {hours}
    where location = 'Chatelet' and parameter = 'no'
        and measured_at between '2016-11-28' and '2016-12-10'
    order by measured_at
""")
show(
    charts.series_chart(
        [charts.Measurement(moment.replace(tzinfo=UTC), value) for moment, value in peak.rows],
        name="NO at Châtelet",
        unit="µg/m³",
    )
)

# %% [markdown] id="peak-seen"
# **What we see.** The peak grows over hours; a broken sensor often jumps. On 7 December the values stop for more than a day. (The clock of this
# source is not certain: the axis says UTC, and it may be one hour off. That is a fault, too.)
#
# If the air was really so bad, another pollutant should show it as well. Here is the highest value of each day, for NO and for NO2:

# %% [markdown] id="peak-seen" lang="fr"
# **Ce que l’on voit.** Le pic monte en plusieurs heures ; un capteur en panne, lui, saute souvent d’un coup. Le 7 décembre, les valeurs s’arrêtent
# pendant plus d’un jour (`no value` : sans valeur). (L’horloge de cette source n’est pas certaine : l’axe indique UTC, et il y a peut-être une
# heure d’écart. C’est aussi un défaut.)
#
# Si l’air était vraiment si mauvais, un autre polluant devrait le montrer aussi. Voici la plus grande valeur de chaque jour, pour NO et pour NO2 :

# %% id="peak-days"
query(f"""
    select
        cast(measured_at as date) as day,
        max(number) filter (parameter = 'no') as highest_no,
        max(number) filter (parameter = 'no2') as highest_no2
    from {hours}
    where location = 'Chatelet' and measured_at >= '2016-11-28' and measured_at < '2016-12-05'
    group by day
    order by day
""")

# %% [markdown] id="peak-days-seen"
# **What we see.** On 1 December both are highest: 691 µg/m³ of NO and 178 of NO2, while three days earlier it was 32 and 33. They rise and fall
# together, so the peak is probably real. It is no proof: perhaps one instrument measures both.

# %% [markdown] id="peak-days-seen" lang="fr"
# **Ce que l’on voit.** Le 1ᵉʳ décembre, les deux sont au plus haut : 691 µg/m³ de NO et 178 de NO2, contre 32 et 33 trois jours plus tôt. Ils montent
# et descendent ensemble : le pic est donc sans doute réel. Ce n’est pas une preuve : un même instrument mesure peut-être les deux.

# %% [markdown] id="recap"
# ## What to remember
#
# - Look at data before you trust it: where, when, how much, in which unit.
# - A fault need not be a wrong value. Gaps, an hour that is always missing, three spellings of a unit: every row looks fine by itself.
# - Rare is not wrong. Some findings are an error, others a reason to look.
#
# [DATA.md](../DATA.md) tells where the data comes from and how its units are known, and counts its faults.

# %% [markdown] id="recap" lang="fr"
# ## À retenir
#
# - Regardez les données avant de vous y fier : où, quand, combien, dans quelle unité.
# - Un défaut n’est pas forcément une valeur fausse. Des trous, une heure qui manque toujours, trois écritures d’une unité : chaque ligne, prise seule,
#   semble correcte.
# - Rare ne veut pas dire faux. Certains constats sont des erreurs, d’autres une raison d’aller voir.
#
# [DATA.md](../DATA.md) (en anglais) dit d’où viennent les données et comment on connaît leurs unités, et compte leurs défauts.

# %% [markdown] id="exercises"
# ## Exercises
#
# **1.** How many of the 15,955 rows have no usable value?

# %% [markdown] id="exercises" lang="fr"
# ## Exercices
#
# **1.** Parmi les 15 955 lignes, combien n’ont pas de valeur utilisable ?

# %% id="answer-1" tags=["exercise"]
# solution: begin
answer = query(f"select count(*) - count(number) from {hours}")
# solution: end

# %% id="check-1" tags=["check"]
check("01.1", answer)

# %% [markdown] id="question-2"
# **2.** Two spellings of the unit mean the same. Which ones? Answer with a set: `{"…", "…"}`. You may copy them from the table above.

# %% [markdown] id="question-2" lang="fr"
# **2.** Deux écritures de l’unité désignent la même chose. Lesquelles ? Répondez par un ensemble : `{"…", "…"}`. Vous pouvez les copier depuis le
# tableau ci-dessus.

# %% id="answer-2" tags=["exercise"]
# solution: begin
answer = {"µg/m3", "µg/m³"}
# solution: end

# %% id="check-2" tags=["check"]
check("01.2", answer)

# %% [markdown] id="question-3"
# **3.** What is the largest value of `pm10` at `Chatelet`?

# %% [markdown] id="question-3" lang="fr"
# **3.** Quelle est la plus grande valeur de `pm10` à `Chatelet` ?

# %% id="answer-3" tags=["exercise"]
# solution: begin
answer = query(f"select max(number) from {hours} where location = 'Chatelet' and parameter = 'pm10'")
# solution: end

# %% id="check-3" tags=["check"]
check("01.3", answer)

# %% [markdown] id="next"
# **Next:** [02 · Seed and staging](02_seed_and_staging.ipynb). The solutions of this notebook are in
# [solutions/](solutions/01_open_data.ipynb).

# %% [markdown] id="next" lang="fr"
# **La suite :** [02 · Seed et staging](02_seed_and_staging.ipynb). Les solutions de ce notebook sont dans
# [solutions/](solutions/01_open_data.ipynb).
