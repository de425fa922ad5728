"""Small pictures side by side: one scale, one name each, and the same in words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone

import pytest

from qalita_ingest import charts

SVG = "{http://www.w3.org/2000/svg}"
START = datetime(2017, 6, 1, tzinfo=UTC)


def series(name: str, *values: float | None) -> charts.Series:
    return charts.Series(
        name, [charts.Measurement(START + timedelta(days=day), value) for day, value in enumerate(values)]
    )


def draw(*many: charts.Series, look: charts.Look = charts.Look()) -> bytes:  # noqa: B008
    return charts.small_multiples(many, name="NO2, mean of each day", unit="µg/m³", look=look)


def texts(picture: bytes) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314 (our own)


def told(picture: bytes) -> str:
    return ET.fromstring(picture).findtext(f"{SVG}desc") or ""  # noqa: S314 (our own)


def lines(picture: bytes) -> list[list[float]]:
    """Of each place the heights of its line, from above."""
    drawn = re.findall(r'd="(M [^"]+)" clip-path="[^"]+" style="fill: none; stroke: #0b63b0', picture.decode())
    return [[float(point.split()[2]) for point in line.strip().splitlines()] for line in drawn]


def test_the_same_values_make_the_same_bytes() -> None:
    assert draw(series("Wien", 1, None, 3)) == draw(series("Wien", 1, None, 3))


def test_thirteen_series_of_ten_days_are_a_small_picture() -> None:
    assert len(draw(*(series(f"station {number}", *range(10)) for number in range(13)))) < 60_000


def test_quantity_unit_and_days_are_named_once_and_each_place_too() -> None:
    found = texts(draw(series("Wien", 1, 2), series("Praha", 3, 4)))
    for label in ("NO2, mean of each day (µg/m³)", "day (UTC), 2017-06-01 to 2017-06-02", "Wien", "Praha"):
        assert found.count(label) == 1, label


def test_all_places_have_the_scale_of_the_largest_value() -> None:
    """The line of a small value ends low in its picture."""
    (low, _), (high, _) = lines(draw(series("low", 1, 1), series("high", 100, 100)))
    assert low > high + 30


def test_values_below_zero_are_drawn_below_it() -> None:
    picture = draw(series("below", -9, -6, -8), series("above", 3, 3, 4))
    below, above = lines(picture)
    assert below[0] > below[2] > below[1] > max(above)
    # The axis reaches them.
    assert any(text.startswith("\N{MINUS SIGN}") for text in texts(picture))


def test_a_time_of_another_zone_is_that_of_utc() -> None:
    early = datetime(2020, 1, 1, 3, tzinfo=timezone(timedelta(hours=5)))
    picture = draw(charts.Series("Wien", [charts.Measurement(early, 1), charts.Measurement(early + timedelta(1), 2)]))
    assert "day (UTC), 2019-12-31 to 2020-01-01" in texts(picture)
    moments = charts.series_chart([charts.Measurement(early, 1)], name="NO2", unit="µg/m³")
    assert "2019-12-31 22:00 UTC" in told(moments)


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_there_are_as_many_pictures_as_series(count: int) -> None:
    picture = draw(*(series(str(number), 1, 2) for number in range(count))).decode()
    # The whole has a ground, and each picture.
    grounds = re.findall(r'<g id="patch_\d+">\n\s+<path d="[^"]+" style="fill: #ffffff"/>', picture)
    assert len(grounds) == count + 1


def test_a_value_between_two_gaps_is_a_dot() -> None:
    assert draw(series("Wien", 1, None, 3, None, 5, 6)).count(b"<use ") > draw(series("Wien", 1, 2, 3, 4, 5, 6)).count(
        b"<use "
    )


def test_the_words_tell_how_many_days_have_values_and_their_range() -> None:
    assert (
        told(draw(series("Wien", 1, None, 3), series("Praha", None))) == "Wien: 2 days, 1 to 3 µg/m³; Praha: no values."
    )


def test_without_series_it_is_said() -> None:
    assert told(draw()) == "There are no values."


def test_a_narrow_picture_has_two_columns() -> None:
    def width(picture: bytes) -> float:
        return float(ET.fromstring(picture).attrib["viewBox"].split()[2])  # noqa: S314 (our own)

    many = [series(str(number), 1, 2) for number in range(5)]
    assert width(draw(*many, look=charts.Look(size="narrow"))) < width(draw(*many)) * 0.8
