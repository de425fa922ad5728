"""Pictures: the same bytes for the same values, with what they show in words, and the values where the axes say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from qalita_ingest import charts
from qalita_ingest.charts.canvas import COLORS
from qalita_ingest.contract import ResultStatus
from qalita_ingest.errors import MissingPartError

if TYPE_CHECKING:
    from collections.abc import Callable

SVG = "{http://www.w3.org/2000/svg}"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DARK = charts.Look("dark")
HOSTILE = "<script>alert(1)</script> & $x^2$"


def at(day: int) -> datetime:
    return NOON + timedelta(days=day)


def trend(*scores: float, name: str = "opendata", look: charts.Look = charts.Look()) -> bytes:  # noqa: B008
    return charts.score_trend(
        [charts.ScoredRun(at(day), score) for day, score in enumerate(scores)], name=name, look=look
    )


def strip(*statuses: str, look: charts.Look = charts.Look()) -> bytes:  # noqa: B008
    outcomes = [charts.Outcome(at(day), ResultStatus(status)) for day, status in enumerate(statuses)]
    return charts.history_strip(outcomes, name="unit_is_known", look=look)


def bars(name: str = "opendata", look: charts.Look = charts.Look()) -> bytes:  # noqa: B008
    scores = [charts.DimensionScore("validity", 0.875, 4), charts.DimensionScore("uniqueness", 1, 1)]
    return charts.dimension_chart(scores, name=name, look=look)


def seconds(*measured: float | None, look: charts.Look = charts.Look()) -> bytes:  # noqa: B008
    timings = [charts.Timing(at(day), one) for day, one in enumerate(measured)]
    return charts.duration_chart(timings, name="unit_is_known", look=look)


def lineage(name: str = "staging", look: charts.Look = charts.Look()) -> bytes:  # noqa: B008
    nodes = [charts.LineageNode("a", "seed", "seed"), charts.LineageNode("b", name, "model", is_focus=True)]
    return charts.lineage_picture(nodes, [("a", "b"), ("gone", "b")], name=name, look=look)


ALL: list[Callable[..., bytes]] = [
    lambda **look: trend(0.5, 1, **look),
    lambda **look: strip("passed", "failed", "error", **look),
    bars,
    lambda **look: seconds(0.1, None, 0.3, **look),
    lineage,
]
EMPTY = [
    trend,
    strip,
    seconds,
    lambda: charts.dimension_chart([], name="x"),
    lambda: charts.lineage_picture([], [], name="x"),
]


def texts(picture: bytes) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314 (our own)


def told(picture: bytes) -> tuple[str, str]:
    root = ET.fromstring(picture)  # noqa: S314 (our own)
    assert root.get("role") == "img"
    ids = (root.get("aria-labelledby") or "").split()
    found = {element.get("id"): element.text or "" for element in root}
    return found[ids[0]], found[ids[1]]


def heights_of_line(picture: bytes) -> list[float]:
    """From the lowest point of the line upwards, in the picture's unit."""
    path = re.search(rf'd="(M [^"]+)"[^>]*style="fill: none; stroke: {COLORS["light"].accent}', picture.decode())
    assert path
    below = [float(y) for _, y in re.findall(r"[ML] (\S+) (\S+)", path[1])]
    return [max(below) - one for one in below]


@pytest.mark.parametrize("draw", ALL)
def test_the_same_values_make_the_same_bytes(draw: Callable[..., bytes]) -> None:
    assert draw() == draw()


def test_another_process_draws_the_same_bytes() -> None:
    program = (
        "import sys; from datetime import *; from qalita_ingest import charts;"
        "runs = [charts.ScoredRun(datetime(2026, 1, 1 + n, 12, tzinfo=UTC), one) for n, one in enumerate((0.5, 1))];"
        "sys.stdout.buffer.write(charts.score_trend(runs, name='opendata'))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True, timeout=60)
    assert done.stdout == trend(0.5, 1)


@pytest.mark.parametrize("draw", [*ALL, *EMPTY])
def test_a_picture_says_in_words_what_it_shows(draw: Callable[..., bytes]) -> None:
    title, description = told(draw())
    assert title
    assert description or draw in EMPTY


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("draw", EMPTY)
def test_of_nothing_a_picture_is_drawn_without_a_warning(draw: Callable[[], bytes]) -> None:
    assert draw()


@pytest.mark.parametrize("draw", ALL)
def test_the_dark_theme_is_drawn_on_dark(draw: Callable[..., bytes]) -> None:
    light, dark = draw().decode(), draw(look=DARK).decode()
    assert COLORS["dark"].surface in dark
    assert COLORS["dark"].surface not in light


@pytest.mark.parametrize("draw", ALL[:4])
def test_a_narrow_picture_is_narrower(draw: Callable[..., bytes]) -> None:
    def width(picture: bytes) -> float:
        return float(ET.fromstring(picture).attrib["viewBox"].split()[2])  # noqa: S314 (our own)

    assert width(draw(look=charts.Look(size="narrow"))) < width(draw()) * 0.8


def test_axes_name_their_units() -> None:
    assert {"score (%)", "runs, oldest first (UTC)"} <= set(texts(trend(0.5, 1)))
    assert "score (%)" in texts(bars())
    assert "duration (s)" in texts(seconds(0.1))


def test_a_trend_rises_as_its_scores_do() -> None:
    half, all_of_it, three_quarters = heights_of_line(trend(0.5, 1.0, 0.75))
    assert half == 0
    assert three_quarters == pytest.approx(all_of_it / 2, rel=0.001)


def test_a_trend_names_its_latest_lowest_and_highest_score() -> None:
    assert told(trend(0.5, 1, 0.95))[1].endswith("Latest 95.0%, lowest 50.0%, highest 100.0%.")


def test_every_dimension_stands_beside_its_score_and_its_count() -> None:
    assert {"validity", "87.5 %, 4 checks", "uniqueness", "100.0 %, 1 check"} <= set(texts(bars()))


def test_the_worse_an_outcome_the_higher_its_bar() -> None:
    picture = strip("skipped", "passed", "warning", "failed", "error").decode()
    light = COLORS["light"]
    tops = []
    # An error is hatched as well.
    for color in (light.none, light.passed, light.warning, light.failed, "url"):
        (path,) = re.findall(rf'd="(M [^"]+)"[^>]*style="fill: {color}', picture)
        tops.append(min(float(y) for y in re.findall(r"[ML] \S+ (\S+)", path)))
    assert all(lower > higher for lower, higher in pairwise(tops))


def test_a_history_counts_its_outcomes_in_words() -> None:
    description = told(strip("passed", "failed", "passed", "not_executed"))[1]
    assert "2 passed, 1 failed, 1 not executed" in description
    assert "Latest: not executed, 2026-01-04 12:00 UTC" in description


def test_a_run_that_measured_no_time_is_a_gap() -> None:
    assert len(heights_of_line(seconds(0.1, 0.2, None, 0.3, 0.4))) == 4
    assert "4 runs" in told(seconds(0.1, 0.2, None, 0.3, 0.4))[1]


def test_data_that_flows_in_a_circle_is_still_drawn() -> None:
    nodes = [charts.LineageNode(key, key, "model") for key in "abc"]
    picture = charts.lineage_picture(nodes, [("a", "b"), ("b", "a"), ("b", "c"), ("c", "c")], name="a")
    assert {"a", "b", "c"} <= set(texts(picture))


def test_lines_to_unknown_datasets_are_left_out() -> None:
    assert told(lineage())[1] == "seed feeds staging."


@pytest.mark.parametrize("draw", [lambda: trend(0.5, name=HOSTILE), lambda: bars(HOSTILE), lambda: lineage(HOSTILE)])
def test_a_name_is_text_whatever_is_in_it(draw: Callable[[], bytes]) -> None:
    picture = draw()
    assert b"<script" not in picture
    assert HOSTILE in told(picture)[0]


def test_without_matplotlib_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingPartError, match=r"^charts need matplotlib.*pip install 'qalita-ingest\[server\]'$"):
        bars()


def test_naming_the_charts_does_not_load_matplotlib() -> None:
    program = "import sys, qalita_ingest.charts; sys.exit('matplotlib' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False, timeout=60).returncode == 0
