"""Where things stand: dots and names over lines of longitude and latitude. No map is loaded from anywhere."""

from __future__ import annotations

from math import cos, radians
from typing import TYPE_CHECKING, NamedTuple

from qalita_ingest.charts.canvas import INCHES, Look, as_svg, canvas

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

# Told apart by their form as well as by their colour.
MARKS = ("o", "s", "^", "D", "v", "P", "X")
LETTER_POINTS, LINE_POINTS = 4.3, 9.5
AXES_SHARE = 0.86
MARGIN_SHARE = 0.14
SMALLEST_SPAN_DEGREES = 0.2
# Where a name may stand beside its dot, in points, in the order in which they are tried.
SIDES = (
    (6, 0, "left"),
    (-6, 0, "right"),
    (0, 9, "center"),
    (0, -9, "center"),
    (6, 9, "left"),
    (6, -9, "left"),
    (-6, 9, "right"),
    (-6, -9, "right"),
    (6, 18, "left"),
    (6, -18, "left"),
)

Box = tuple[float, float, float, float]


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
    def height_inches(self) -> float:
        return (self.north - self.south) * self.points_north / 72


def place_map(places: Sequence[Place], *, name: str, look: Look = Look()) -> bytes:  # noqa: B008 (immutable)
    """Longitude to the right, latitude up, so that a kilometre is as long in both directions at its middle."""
    extent = _extent(places, look)
    with canvas(look, inches=extent.height_inches + 0.9) as (figure, axes):
        _draw_frame(axes, extent)
        for number, kind in enumerate(dict.fromkeys(place.kind for place in places)):
            _draw_kind(axes, [place for place in places if place.kind == kind], number, look)
        for place, (right, up, side) in zip(places, _sides(places, extent), strict=True):
            axes.annotate(
                place.name,
                (place.longitude, place.latitude),
                (right, up),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize=7.5,
            )
        return as_svg(figure, title=f"Map: {name}", description=_told(places))


def _extent(places: Sequence[Place], look: Look) -> Extent:
    longitudes = [place.longitude for place in places] or [0.0]
    latitudes = [place.latitude for place in places] or [0.0]
    west, east = _with_margin(longitudes)
    south, north = _with_margin(latitudes)
    points_east = INCHES[look.size] * AXES_SHARE * 72 / (east - west)
    return Extent(west, east, south, north, points_east, points_east / cos(radians((south + north) / 2)))


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


def _sides(places: Sequence[Place], extent: Extent) -> Iterator[tuple[int, int, str]]:
    """The first side on which a name covers the fewest dots and other names: mostly none."""
    dots = [_dot(place, extent) for place in places]
    taken: list[Box] = [(x - 4, y - 4, x + 4, y + 4) for x, y in dots]
    for place, dot in zip(places, dots, strict=True):
        boxes = [(_name_box(place.name, dot, side), side) for side in SIDES]
        box, side = min(boxes, key=lambda one: sum(_overlap(one[0], other) for other in taken))
        taken.append(box)
        yield side


def _dot(place: Place, extent: Extent) -> tuple[float, float]:
    return (place.longitude - extent.west) * extent.points_east, (place.latitude - extent.south) * extent.points_north


def _name_box(name: str, dot: tuple[float, float], side: tuple[int, int, str]) -> Box:
    right, up, anchor = side
    width = LETTER_POINTS * len(name)
    left = dot[0] + right - {"left": 0.0, "center": width / 2, "right": width}[anchor]
    return left, dot[1] + up - LINE_POINTS / 2, left + width, dot[1] + up + LINE_POINTS / 2


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _told(places: Sequence[Place]) -> str:
    if not places:
        return "There are no places."
    return "; ".join(f"{one.name} at {one.latitude:.2f}° north, {one.longitude:.2f}° east" for one in places) + "."
