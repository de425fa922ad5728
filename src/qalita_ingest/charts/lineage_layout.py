"""Where the boxes of a lineage stand, and where its lines run: values in, inches out.

Boxes stand in columns, and a line that goes further than to the next column gets a lane of its own in each one between:
so lines rise and fall between columns only, and none passes behind a box that it does not end at.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

BOX_WIDTH, BOX_HEIGHT = 2.1, 0.62
COLUMN_GAP, ROW_GAP = 0.75, 0.26
LANE_HEIGHT = 0.2
# To the right, back to the left, and to the right again: more sweeps change little.
SWEEPS = 3

Edge = tuple[str, str]
Point = tuple[float, float]


class Stop(NamedTuple):
    """What takes room in a column: the box of a dataset, or the lane that all far-reaching lines of one share."""

    layer: int
    key: str
    is_lane: bool = False

    @property
    def height(self) -> float:
        return LANE_HEIGHT if self.is_lane else BOX_HEIGHT + ROW_GAP

    @property
    def left(self) -> float:
        return self.layer * (BOX_WIDTH + COLUMN_GAP)


@dataclass(frozen=True)
class Layout:
    """`corners`: left upper ones of the boxes.

    `lines`: the points of each; between the first two it bends, to the third it runs straight through a lane, and so on
    in turn.
    """

    corners: dict[str, Point]
    lines: dict[Edge, list[Point]]
    width: float
    height: float


def lay_out(keys: Sequence[str], edges: Collection[Edge]) -> Layout:
    """A box stands right of all that flow into it; short columns are centred. `edges` are between `keys`."""
    layers = layers_of(keys, edges)
    routes = {edge: _stops(edge, layers) for edge in sorted(edges)}
    stops = {Stop(layers[key], key) for key in keys}.union(*routes.values())
    middles = _stack(stops, routes.values())
    top = min((middles[stop] - stop.height / 2 for stop in middles), default=0.0) + ROW_GAP / 2
    middles = {stop: middle - top for stop, middle in middles.items()}
    # Of nothing it is as large as one box: a picture of no size can't be drawn.
    lowest = max((middles[stop] + stop.height / 2 for stop in middles), default=BOX_HEIGHT + ROW_GAP / 2)
    return Layout(
        {stop.key: (stop.left, middle - BOX_HEIGHT / 2) for stop, middle in middles.items() if not stop.is_lane},
        {edge: _points(edge, route, middles) for edge, route in routes.items()},
        max((stop.left + BOX_WIDTH for stop in middles), default=BOX_WIDTH),
        lowest - ROW_GAP / 2,
    )


def layers_of(keys: Sequence[str], edges: Collection[Edge]) -> dict[str, int]:
    """How many steps lie before each. Edges that go in a circle are followed once per node at the most."""
    layers = dict.fromkeys(keys, 0)
    for _ in keys:
        moved = [(one, other) for one, other in edges if layers[other] <= layers[one] < len(keys) - 1]
        if not moved:
            break
        for one, other in moved:
            layers[other] = max(layers[other], min(layers[one] + 1, len(keys) - 1))
    used = {layer: number for number, layer in enumerate(sorted(set(layers.values())))}
    return {key: used[layer] for key, layer in layers.items()}


def _stops(edge: Edge, layers: Mapping[str, int]) -> list[Stop]:
    """From the left to the right, also of a line that flows back, as only those of a circle do."""
    first, last = sorted(edge, key=lambda key: layers[key])
    lanes = (Stop(layer, first, is_lane=True) for layer in range(layers[first] + 1, layers[last]))
    return [Stop(layers[first], first), *lanes, Stop(layers[last], last)]


def _stack(stops: set[Stop], routes: Iterable[list[Stop]]) -> dict[Stop, float]:
    """The height of the middle of each, the columns around nought: in an order in which few lines cross."""
    neighbours: dict[tuple[Stop, int], list[Stop]] = defaultdict(list)
    for route in routes:
        for one, other in pairwise(route):
            neighbours[other, one.layer].append(one)
            neighbours[one, other.layer].append(other)
    columns: dict[int, list[Stop]] = defaultdict(list)
    for stop in sorted(stops):
        columns[stop.layer].append(stop)
    middles: dict[Stop, float] = {}
    for sweep in range(SWEEPS):
        step = -1 if sweep % 2 else 1
        for layer in sorted(columns, reverse=step < 0):
            known = {
                stop: [middles[one] for one in neighbours[stop, layer - step] if one in middles]
                for stop in columns[layer]
            }
            middles |= _column(sorted(columns[layer], key=lambda stop: (_mean(known[stop], middles.get(stop)), stop)))
    return middles


def _mean(heights: Sequence[float], otherwise: float | None) -> float:
    return sum(heights) / len(heights) if heights else otherwise or 0.0


def _column(stops: Sequence[Stop]) -> dict[Stop, float]:
    """One below the other, half of it above nought."""
    middles, edge = {}, -sum(stop.height for stop in stops) / 2
    for stop in stops:
        middles[stop] = edge + stop.height / 2
        edge += stop.height
    return middles


def _points(edge: Edge, route: Sequence[Stop], middles: Mapping[Stop, float]) -> list[Point]:
    first, *lanes, last = route
    begin = (first.left + BOX_WIDTH, middles[first])
    through = [(x, middles[lane]) for lane in lanes for x in (lane.left, lane.left + BOX_WIDTH)]
    # Two of a circle may share a column: there it goes from one right side to the other.
    end = (last.left + (BOX_WIDTH if first.layer == last.layer else 0), middles[last])
    points = [begin, *through, end]
    return points if first.key == edge[0] else points[::-1]
