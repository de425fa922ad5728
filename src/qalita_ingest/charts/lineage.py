"""Where data comes from and where it goes: boxes in columns, sources on the left."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from qalita_ingest.charts.canvas import Colors, Look, as_svg, canvas
from qalita_ingest.charts.lineage_layout import BOX_HEIGHT, BOX_WIDTH, COLUMN_GAP, lay_out

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from matplotlib.axes import Axes
    from matplotlib.path import Path

    from qalita_ingest.charts.lineage_layout import Edge, Point

LONGEST_LINE, MOST_LINES = 24, 2


class LineageNode(NamedTuple):
    """`key` is named by edges; `is_focus` marks the dataset that the picture is about."""

    key: str
    name: str
    kind: str
    is_focus: bool = False


def lineage_picture(
    nodes: Sequence[LineageNode],
    edges: Collection[Edge],
    *,
    name: str,
    look: Look = Look(),  # noqa: B008 (immutable)
) -> bytes:
    """`edges` are (from, to) in the direction in which data flows; those to unknown nodes are left out."""
    known = {node.key for node in nodes}
    drawn = sorted({(one, other) for one, other in edges if one in known and other in known and one != other})
    layout = lay_out([node.key for node in nodes], drawn)
    width, height = layout.width + 0.2, layout.height + 0.2
    with canvas(look, inches=height, width=width) as (figure, axes):
        axes.set_axis_off()
        axes.set_xlim(-0.1, width - 0.1)
        axes.set_ylim(height - 0.1, -0.1)
        for line in layout.lines.values():
            _draw_line(axes, line, look.colors)
        for node in nodes:
            _draw_box(axes, layout.corners[node.key], node, look.colors)
        return as_svg(figure, title=f"Lineage of {name}", description=_told(nodes, drawn))


def _draw_box(axes: Axes, corner: tuple[float, float], node: LineageNode, colors: Colors) -> None:
    from matplotlib.patches import FancyBboxPatch  # noqa: PLC0415 (matplotlib takes half a second to import)

    x, y = corner
    box = FancyBboxPatch(
        (x, y),
        BOX_WIDTH,
        BOX_HEIGHT,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=colors.surface,
        edgecolor=colors.accent if node.is_focus else colors.none,
        linewidth=2.4 if node.is_focus else 1.2,
        # Above the lines, which end at its border.
        zorder=2,
    )
    axes.add_patch(box)
    middle = x + BOX_WIDTH / 2
    lines = textwrap.wrap(node.name, LONGEST_LINE, max_lines=MOST_LINES, placeholder="…") or [node.name]
    written: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 3}
    axes.text(middle, y + 0.24, "\n".join(lines), fontsize=8.5, weight=_weight(node), **written)
    axes.text(middle, y + BOX_HEIGHT - 0.11, node.kind, fontsize=7, color=colors.quiet, **written)


def _weight(node: LineageNode) -> str:
    return "bold" if node.is_focus else "normal"


def _draw_line(axes: Axes, points: Sequence[Point], colors: Colors) -> None:
    from matplotlib.patches import FancyArrowPatch  # noqa: PLC0415 (matplotlib takes half a second to import)

    arrow = FancyArrowPatch(
        path=_path(points),
        arrowstyle="-|>",
        mutation_scale=9,
        facecolor=colors.quiet,
        edgecolor=colors.quiet,
        linewidth=1.1,
        zorder=1,
    )
    axes.add_patch(arrow)


def _path(points: Sequence[Point]) -> Path:
    """Level where it leaves and arrives, so that it is seen which box it belongs to."""
    from matplotlib.path import Path  # noqa: PLC0415 (matplotlib takes half a second to import)

    corners, codes = [points[0]], [Path.MOVETO]
    for number, (one, other) in enumerate(pairwise(points)):
        if number % 2:
            corners, codes = [*corners, other], [*codes, Path.LINETO]
        else:
            corners, codes = [*corners, *bend(one, other)], [*codes, *[Path.CURVE4] * 3]
    return Path(corners, codes)


def bend(one: Point, other: Point) -> list[Point]:
    """The two handles of a Bézier curve, and its end. Of one side of a column it swings out into the gap."""
    middle = one[0] + COLUMN_GAP / 2 if one[0] == other[0] else (one[0] + other[0]) / 2
    return [(middle, one[1]), (middle, other[1]), other]


def _told(nodes: Sequence[LineageNode], edges: Collection[Edge]) -> str:
    names = {node.key: node.name for node in nodes}
    if not nodes:
        return "There are no datasets."
    if not edges:
        return f"{', '.join(names.values())}: nothing flows in or out."
    return "; ".join(f"{names[one]} feeds {names[other]}" for one, other in edges) + "."
