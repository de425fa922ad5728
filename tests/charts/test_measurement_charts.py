"""Pictures of measurements: what is drawn where, in words as well, and the same bytes for the same values."""

from __future__ import annotations

import csv
import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from qalita_ingest import charts
from qalita_ingest.charts.canvas import COLORS

if TYPE_CHECKING:
    from collections.abc import Callable

SVG = "{http://www.w3.org/2000/svg}"
LIGHT = COLORS["light"]
HOSTILE = "<script>alert(1)</script> & $x^2$"
START = datetime(2016, 9, 1, tzinfo=UTC)
LARGEST_BYTES = 60_000
STATIONS = Path(__file__).parents[2] / "example_dbt" / "seeds" / "stations.csv"


def shares(*parts: float) -> dict[date, float]:
    return {START.date() + timedelta(day): part for day, part in enumerate(parts)}


def coverage(*parts: float, name: str = "Châtelet", look: charts.Look = charts.Look()) -> bytes:  # noqa: B008
    return charts.coverage_chart([charts.Coverage(name, shares(*parts))], name=name, names="station", look=look)


def distribution(*values: float, name: str = "no", look: charts.Look = charts.Look()) -> bytes:  # noqa: B008
    return charts.distribution_chart([charts.Values(name, "µg/m³", values)], name=name, look=look)


def places(*names: str, look: charts.Look = charts.Look()) -> bytes:  # noqa: B008
    stand = [charts.Place(name, 48 + number / 100, 16, "AT") for number, name in enumerate(names)]
    return charts.place_map(stand, name="stations", look=look)


def series(*values: float | None, name: str = "NO", look: charts.Look = charts.Look()) -> bytes:  # noqa: B008
    measured = [charts.Measurement(START + timedelta(hours=hour), value) for hour, value in enumerate(values)]
    return charts.series_chart(measured, name=name, unit="µg/m³", look=look)


def bars(*values: float, name: str = "01:00", look: charts.Look = charts.Look()) -> bytes:  # noqa: B008
    return charts.bar_chart(
        [charts.Bar(name, value) for value in values], name=name, quantity="missing (count)", look=look
    )


DRAWN: list[Callable[..., bytes]] = [
    lambda **look: coverage(1, 0.5, 0, **look),
    lambda **look: distribution(1, 2, 3, **look),
    lambda **look: places("Wien", "Mödling", **look),
    lambda **look: series(1, None, 3, **look),
    lambda **look: bars(3, 4, **look),
]


def texts(picture: bytes) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314 (our own)


def told(picture: bytes) -> str:
    return ET.fromstring(picture).findtext(f"{SVG}desc") or ""  # noqa: S314 (our own)


@pytest.mark.parametrize("draw", DRAWN)
def test_the_same_values_make_the_same_bytes(draw: Callable[..., bytes]) -> None:
    assert draw() == draw()
    assert len(draw()) < LARGEST_BYTES


@pytest.mark.parametrize("draw", DRAWN)
def test_a_dark_picture_has_a_dark_surface(draw: Callable[..., bytes]) -> None:
    assert COLORS["dark"].surface in draw(look=charts.Look("dark")).decode()


@pytest.mark.parametrize("draw", DRAWN)
def test_a_narrow_picture_is_narrower(draw: Callable[..., bytes]) -> None:
    def width(picture: bytes) -> float:
        return float(ET.fromstring(picture).attrib["viewBox"].split()[2])  # noqa: S314 (our own)

    assert width(draw(look=charts.Look(size="narrow"))) < width(draw()) * 0.8


@pytest.mark.parametrize(
    ("picture", "labels"),
    [
        (coverage(1), {"day (UTC), 2016-09-01 to 2016-09-01", "station", "hours with a value"}),
        (distribution(1, 2), {"no (µg/m³)", "count"}),
        (places("Wien"), {"longitude (° east)", "latitude (° north)"}),
        (series(1, 2), {"NO (µg/m³)", "time (UTC)"}),
        (bars(3), {"missing (count)"}),
    ],
)
def test_axes_name_what_they_measure_and_its_unit(picture: bytes, labels: set[str]) -> None:
    assert labels <= set(texts(picture))


@pytest.mark.parametrize(
    "picture",
    [
        charts.coverage_chart([], name="x"),
        charts.distribution_chart([], name="x"),
        charts.place_map([], name="x"),
        charts.series_chart([], name="x", unit="g"),
        charts.bar_chart([], name="x", quantity="n"),
    ],
)
def test_of_nothing_a_picture_says_that_there_is_nothing(picture: bytes) -> None:
    assert told(picture).startswith("There are no ")


@pytest.mark.parametrize(
    "picture",
    [
        coverage(1, name=HOSTILE),
        distribution(1, name=HOSTILE),
        places(HOSTILE),
        series(1, name=HOSTILE),
        bars(1, name=HOSTILE),
    ],
)
def test_a_name_is_text_whatever_is_in_it(picture: bytes) -> None:
    assert b"<script" not in picture


def rows_of_color(picture: bytes, color: str) -> int:
    """How many bars are drawn in it, those of the legend left out."""
    inside = picture.decode().split('<g id="legend_1">')[0]
    return len(re.findall(rf'style="[^"]*{color}', inside))


def test_days_that_look_alike_are_one_bar() -> None:
    assert rows_of_color(coverage(1, 1, 1, 1), LIGHT.accent) == 1
    assert rows_of_color(coverage(1, 1, 0.5, 0.5, 1), LIGHT.accent) == 3


def test_a_day_without_any_value_is_framed_and_not_filled() -> None:
    picture = coverage(1, 0, 1)
    assert rows_of_color(picture, f"fill: none; stroke: {LIGHT.failed}") == 1
    assert told(picture) == "Châtelet: 2016-09-01 to 2016-09-03, 3 days, 2 whole, 1 without any value."


def test_a_day_that_is_not_named_leaves_the_row_empty() -> None:
    with_a_hole = {day: 1.0 for day in shares(1, 1, 1) if day.day != 2}
    picture = charts.coverage_chart([charts.Coverage("a", with_a_hole)], name="a")
    assert rows_of_color(picture, LIGHT.accent) == 2
    assert rows_of_color(picture, f"fill: none; stroke: {LIGHT.failed}") == 0


def test_a_distribution_names_count_median_and_range() -> None:
    assert told(distribution(1, 2, 9)) == "no in µg/m³: 3 values, median 2 (dashed), 1 to 9."


def test_groups_of_a_distribution_stand_one_below_the_other() -> None:
    groups = [charts.Values(name, "g", [1.0, 2.0]) for name in ("a", "b", "c")]
    assert {"a (g)", "b (g)", "c (g)"} <= set(texts(charts.distribution_chart(groups, name="x")))


def box_of(text: ET.Element) -> tuple[float, float, float]:
    """Left and right end, and height of the line of a name, in points; letters are about 4 wide."""
    x, y = float(text.attrib["x"]), float(text.attrib["y"])
    (anchor,) = re.findall(r"text-anchor: (\w+)", text.attrib["style"]) or ["start"]
    width = 4 * len(text.text or "")
    left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
    return left, left + width, y


def test_names_of_neighbours_do_not_cover_each_other() -> None:
    names = ["Eisenstadt", "Mödling", "Vösendorf", "Wien"]
    picture = charts.place_map([charts.Place(name, 48.0 + len(name) / 9999, 16) for name in names], name="x")
    boxes = [box_of(one) for one in ET.fromstring(picture).iter(f"{SVG}text") if one.text in names]  # noqa: S314
    assert len(boxes) == len(names)
    for (left, right, y), (other_left, other_right, other_y) in combinations(boxes, 2):
        assert abs(y - other_y) > 7 or right < other_left or other_right < left


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_the_names_of_all_stations_can_be_read(size: Literal["wide", "narrow"]) -> None:
    with STATIONS.open(encoding="utf-8", newline="") as file:
        stations = [row for row in csv.DictReader(file) if row["country"] != "US"]
    stand = [charts.Place(row["station_name"], float(row["latitude"]), float(row["longitude"])) for row in stations]
    picture = ET.fromstring(charts.place_map(stand, name="x", look=charts.Look(size=size)))  # noqa: S314 (our own)
    names = {place.name for place in stand}
    boxes = [box_of(one) for one in picture.iter(f"{SVG}text") if one.text in names]
    assert len(boxes) == len(names) == 14
    for (left, right, y), (other_left, other_right, other_y) in combinations(boxes, 2):
        assert abs(y - other_y) > 7 or right < other_left or other_right < left
    width = float(picture.attrib["viewBox"].split()[2])
    assert all(left > 0 and right < width for left, right, _ in boxes)


def test_each_kind_of_place_has_a_mark_of_its_own_in_the_legend() -> None:
    kinds = [charts.Place("a", 48, 16, "AT"), charts.Place("b", 50, 14, "CZ"), charts.Place("c", 47, 8, "AT")]
    assert [text for text in texts(charts.place_map(kinds, name="x")) if text in {"AT", "CZ"}] == ["AT", "CZ"]


def test_a_series_says_how_many_moments_have_no_value() -> None:
    picture = series(1, None, 3)
    assert "3 moments, 2016-09-01 00:00 UTC to 2016-09-01 02:00 UTC, 1 without a value; 1 to 3 µg/m³." in told(picture)
    assert "no value" in texts(picture)
    assert "no value" not in texts(series(1, 2, 3))


def test_days_are_named_with_their_month() -> None:
    assert {"01 Sep", "07 Sep", "2016"} <= set(texts(series(*range(9 * 24))))


def test_bars_are_labelled_with_their_values() -> None:
    assert {"3", "1,200"} <= set(texts(bars(3, 1200)))


def test_numbers_of_the_axis_are_written_as_those_of_the_bars() -> None:
    assert "3,000" in texts(bars(3191))


def test_bars_say_what_they_stand_for() -> None:
    picture = charts.bar_chart([charts.Bar("01:00", 3)], name="x", quantity="n", names="hour of the day")
    assert "hour of the day" in texts(picture)
