"""Where things stand: dots and names over lines of longitude and latitude. No map is loaded from anywhere."""

from __future__ import annotations

from math import cos, radians
from typing import TYPE_CHECKING, NamedTuple

from qalita_ingest.charts.canvas import INCHES, Look, as_svg, canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

# Told apart by their form as well as by their colour.
MARKS = ("o", "s", "^", "D", "v", "P", "X")
LETTER_POINTS, LINE_POINTS = 4.3, 9.5
AXES_SHARE = 0.86
MARGIN_SHARE = 0.14
# Places in one line still have room for their names above and below.
LEAST_HEIGHT_SHARES = {"wide": 0.5, "narrow": 0.75}
MARK_WEIGHT = 10
SMALLEST_SPAN_DEGREES = 0.2
# Where a name may stand beside its dot, in points, in the order in which they are tried.
NEAR = (
    (6, 0, "left"),
    (-6, 0, "right"),
    (0, 9, "center"),
    (0, -9, "center"),
    (6, 9, "left"),
    (6, -9, "left"),
    (-6, 9, "right"),
    (-6, -9, "right"),
)
# A thin line leads to these.
FAR = tuple(
    (right, up, side)
    for distance in (18, 27, 36, 45)
    for right, side in ((6, "left"), (-6, "right"), (0, "center"), (14, "left"), (-14, "right"))
    for up in (distance, -distance)
)

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Side = tuple[int, int, str]


class Place(NamedTuple):
    """`latitude` and `longitude` in degrees; places of one `kind` get the same mark."""

    name: str
    latitude: float
    longitude: float
    kind: str = ""


class Extent(NamedTuple):
    """In degrees: what is drawn, and how many points a degree is wide and high."""

    west: float
    east: float
    south: float
    north: float
    points_east: float
    points_north: float

    @property
    def width_points(self) -> float:
        return (self.east - self.west) * self.points_east

    @property
    def height_points(self) -> float:
        return (self.north - self.south) * self.points_north


def place_map(places: Sequence[Place], *, name: str, look: Look = Look()) -> bytes:  # noqa: B008 (immutable)
    """Longitude to the right, latitude up, so that a kilometre is as long in both directions at its middle."""
    extent = _extent(places, look)
    with canvas(look, inches=extent.height_points / 72 + 0.9) as (figure, axes):
        _draw_frame(axes, extent)
        for number, kind in enumerate(dict.fromkeys(place.kind for place in places)):
            _draw_kind(axes, [place for place in places if place.kind == kind], number, look)
        for place, side in zip(places, _sides(places, extent), strict=True):
            _write_name(axes, place, side, look)
        return as_svg(figure, title=f"Map: {name}", description=_told(places))


def _write_name(axes: Axes, place: Place, side: Side, look: Look) -> None:
    right, up, anchor = side
    # From the end of the name that is nearer.
    start = {"left": 0.0, "center": 0.5, "right": 1.0}[anchor], 0.5
    line = {"arrowstyle": "-", "color": look.colors.quiet, "linewidth": 0.6}
    leading = line | {"relpos": start, "shrinkA": 0, "shrinkB": 3}
    name = axes.annotate(
        place.name,
        (place.longitude, place.latitude),
        (right, up),
        textcoords="offset points",
        ha=anchor,
        va="center",
        fontsize=7.5,
        arrowprops=leading if side in FAR else None,
    )
    # Its place was found for axes of a known size; they must not make room for it.
    name.set_in_layout(False)


def _extent(places: Sequence[Place], look: Look) -> Extent:
    longitudes = [place.longitude for place in places] or [0.0]
    latitudes = [place.latitude for place in places] or [0.0]
    west, east = _with_margin(longitudes)
    south, north = _with_margin(latitudes)
    points_east = INCHES[look.size] * AXES_SHARE * 72 / (east - west)
    points_north = points_east / cos(radians((south + north) / 2))
    missing = max(LEAST_HEIGHT_SHARES[look.size] * (east - west) * points_east / points_north - (north - south), 0.0)
    return Extent(west, east, south - missing / 2, north + missing / 2, points_east, points_north)


def _with_margin(degrees: Sequence[float]) -> tuple[float, float]:
    span = max(max(degrees) - min(degrees), SMALLEST_SPAN_DEGREES)
    middle = (max(degrees) + min(degrees)) / 2
    return middle - span * (0.5 + MARGIN_SHARE), middle + span * (0.5 + MARGIN_SHARE)


def _draw_frame(axes: Axes, extent: Extent) -> None:
    axes.set_xlim(extent.west, extent.east)
    axes.set_ylim(extent.south, extent.north)
    axes.set_aspect(extent.points_north / extent.points_east)
    axes.locator_params(nbins=6)
    axes.grid(visible=True)
    axes.set_xlabel("longitude (° east)")
    axes.set_ylabel("latitude (° north)")


def _draw_kind(axes: Axes, places: Sequence[Place], number: int, look: Look) -> None:
    colors = look.colors
    palette = (colors.accent, colors.failed, colors.passed, colors.error, colors.quiet)
    axes.plot(
        [place.longitude for place in places],
        [place.latitude for place in places],
        linestyle="none",
        marker=MARKS[number % len(MARKS)],
        markersize=5.5,
        color=palette[number % len(palette)],
        label=places[0].kind or None,
    )
    if places[0].kind:
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=6, frameon=False, fontsize=8)


def _sides(places: Sequence[Place], extent: Extent) -> list[Side]:
    """The first side on which a name covers the least of dots and other names: mostly nothing."""
    dots = [_dot(place, extent) for place in places]
    marks = [_around(dot, 4) for dot in dots]
    names: dict[int, Box] = {}
    sides: dict[int, Side] = {}
    # Those that were first look again, once the others are there.
    for number in (*range(len(places)), *range(len(places))):
        others = [box for other, box in names.items() if other != number]
        costs = {
            side: _cost(_boxes(places[number].name, dots[number], side), others, marks, extent)
            for side in (*NEAR, *FAR)
        }
        sides[number] = min(costs, key=lambda side: costs[side])
        names[number] = _boxes(places[number].name, dots[number], sides[number])[0]
    return [sides[number] for number in range(len(places))]


def _boxes(name: str, dot: Point, side: Side) -> list[Box]:
    """Of the name, and of some points of the line that leads to it."""
    parts = (0.4, 0.6, 0.8) if side in FAR else ()
    return [
        _name_box(name, dot, side),
        *(_around((dot[0] + part * side[0], dot[1] + part * side[1]), 2) for part in parts),
    ]


def _cost(boxes: Sequence[Box], names: Sequence[Box], marks: Sequence[Box], extent: Extent) -> float:
    """What they cover, in square points; what is outside of the picture counts as covered, a dot many times."""
    picture = (0.0, 0.0, extent.width_points, extent.height_points)
    outside = _overlap(boxes[0], boxes[0]) - _overlap(boxes[0], picture)
    hidden = sum(_overlap(box, mark) for box in boxes for mark in marks)
    return outside + MARK_WEIGHT * hidden + sum(_overlap(box, name) for box in boxes for name in names)


def _around(point: Point, distance: float) -> Box:
    return point[0] - distance, point[1] - distance, point[0] + distance, point[1] + distance


def _dot(place: Place, extent: Extent) -> Point:
    return (place.longitude - extent.west) * extent.points_east, (place.latitude - extent.south) * extent.points_north


def _name_box(name: str, dot: Point, side: Side) -> Box:
    right, up, anchor = side
    width = LETTER_POINTS * len(name)
    left = dot[0] + right - {"left": 0.0, "center": width / 2, "right": width}[anchor]
    return left, dot[1] + up - LINE_POINTS / 2, left + width, dot[1] + up + LINE_POINTS / 2


def _overlap(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def _told(places: Sequence[Place]) -> str:
    if not places:
        return "There are no places."
    return "; ".join(f"{one.name} at {one.latitude:.2f}° north, {one.longitude:.2f}° east" for one in places) + "."
