"""Where the boxes and lines of a lineage are, whatever flows where."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from qalita_ingest.charts.lineage import bend
from qalita_ingest.charts.lineage_layout import BOX_HEIGHT, BOX_WIDTH, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator

Point = tuple[float, float]

KEYS = "abcdefghij"
# Circles are among them.
EDGES = st.sets(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).filter(lambda edge: edge[0] != edge[1]))
STEPS = 20
ROUNDING = 1e-6


def on_curve(one: Point, other: Point, part: float) -> Point:
    """Of the Bézier curve between two points."""
    handles, rest = (one, *bend(one, other)), 1 - part
    weights = (rest**3, 3 * part * rest**2, 3 * part**2 * rest, part**3)
    x, y = (sum(weight * handle[axis] for weight, handle in zip(weights, handles, strict=True)) for axis in (0, 1))
    return x, y


def drawn(line: list[Point]) -> Iterator[Point]:
    """The first piece and every second one after it are curves, the others straight."""
    for number, (one, other) in enumerate(pairwise(line)):
        for part in (step / STEPS for step in range(STEPS + 1)):
            is_straight = number % 2 == 1
            yield (one[0] + part * (other[0] - one[0]), one[1]) if is_straight else on_curve(one, other, part)


def is_inside(point: Point, corner: Point) -> bool:
    """Its border is not."""
    across, down = point[0] - corner[0], point[1] - corner[1]
    return ROUNDING < across < BOX_WIDTH - ROUNDING and ROUNDING < down < BOX_HEIGHT - ROUNDING


def test_a_line_points_from_the_left_to_the_right() -> None:
    corners = lay_out("abc", [("a", "b"), ("b", "c"), ("a", "c")]).corners
    assert corners["a"][0] < corners["b"][0] < corners["c"][0]


def test_a_line_that_passes_a_column_ends_at_the_sides_of_its_boxes() -> None:
    layout = lay_out("abc", [("a", "b"), ("b", "c"), ("a", "c")])
    line, (from_x, from_y), (to_x, to_y) = layout.lines["a", "c"], layout.corners["a"], layout.corners["c"]
    assert line[0] == (from_x + BOX_WIDTH, from_y + BOX_HEIGHT / 2)
    assert line[-1] == (to_x, to_y + BOX_HEIGHT / 2)


def test_straight_pieces_are_level() -> None:
    line = lay_out("abcd", [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")]).lines["a", "d"]
    assert [one[1] == other[1] for one, other in list(pairwise(line))[1::2]] == [True, True]


def test_far_reaching_lines_of_one_dataset_share_a_lane() -> None:
    edges = [("a", "b"), ("b", "c"), ("b", "d"), ("a", "c"), ("a", "d")]
    lines = lay_out("abcd", edges).lines
    assert lines["a", "c"][:3] == lines["a", "d"][:3]


@given(EDGES)
def test_no_line_passes_behind_a_box(edges: set[tuple[str, str]]) -> None:
    layout = lay_out(KEYS, edges)
    points = [point for line in layout.lines.values() for point in drawn(line)]
    assert not any(is_inside(point, corner) for point in points for corner in layout.corners.values())


@given(EDGES)
def test_all_boxes_are_in_the_picture_and_none_overlaps_another(edges: set[tuple[str, str]]) -> None:
    layout = lay_out(KEYS, edges)
    corners = layout.corners.values()
    assert all(
        abs(one[0] - other[0]) >= BOX_WIDTH or abs(one[1] - other[1]) >= BOX_HEIGHT
        for one, other in combinations(corners, 2)
    )
    assert all(-ROUNDING <= x <= layout.width - BOX_WIDTH + ROUNDING for x, _ in corners)
    assert all(-ROUNDING <= y <= layout.height - BOX_HEIGHT + ROUNDING for _, y in corners)
