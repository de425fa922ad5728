"""Where data comes from and where it goes: boxes in columns, sources on the left."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from qalita_ingest.charts.canvas import Colors, Look, as_svg, canvas

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from matplotlib.axes import Axes

BOX_WIDTH, BOX_HEIGHT = 2.1, 0.62
COLUMN_GAP, ROW_GAP = 0.75, 0.26
LONGEST_LINE, MOST_LINES = 24, 2

Edge = tuple[str, str]
Places = dict[str, tuple[float, float]]


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
    places = place(nodes, drawn)
    width = max((x for x, _ in places.values()), default=0) + BOX_WIDTH + 0.2
    height = max((y for _, y in places.values()), default=0) + BOX_HEIGHT + 0.2
    with canvas(look, inches=height, width=width) as (figure, axes):
        axes.set_axis_off()
        axes.set_xlim(-0.1, width - 0.1)
        axes.set_ylim(height - 0.1, -0.1)
        for edge in drawn:
            _draw_edge(axes, places, edge, look.colors)
        for node in nodes:
            _draw_box(axes, places[node.key], node, look.colors)
        return as_svg(figure, title=f"Lineage of {name}", description=_told(nodes, drawn))


def place(nodes: Sequence[LineageNode], edges: Collection[Edge]) -> Places:
    """Left upper corners, in inches. A box stands right of all that flow into it; short columns are centred."""
    columns: dict[int, list[str]] = defaultdict(list)
    layers = layers_of([node.key for node in nodes], edges)
    for node in nodes:
        columns[layers[node.key]].append(node.key)
    _untangle(columns, edges)
    tallest = max(map(len, columns.values()), default=0)
    step = BOX_HEIGHT + ROW_GAP
    return {
        key: (layer * (BOX_WIDTH + COLUMN_GAP), (row + (tallest - len(keys)) / 2) * step)
        for layer, keys in columns.items()
        for row, key in enumerate(keys)
    }


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


def _untangle(columns: dict[int, list[str]], edges: Collection[Edge]) -> None:
    """Each column in the order of the middles of what flows into it: fewer lines cross."""
    parents: dict[str, list[str]] = defaultdict(list)
    for one, other in edges:
        parents[other].append(one)
    rows: dict[str, int] = {}
    for layer in sorted(columns):
        columns[layer].sort(key=lambda key: (_middle([rows[one] for one in parents[key] if one in rows]), key))
        rows |= {key: row for row, key in enumerate(columns[layer])}


def _middle(rows: Sequence[int]) -> float:
    return sum(rows) / len(rows) if rows else 0.0


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
        # Above the lines: one that passes behind a box is not read as one that ends there.
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


def _draw_edge(axes: Axes, places: Places, edge: Edge, colors: Colors) -> None:
    (from_x, from_y), (to_x, to_y) = places[edge[0]], places[edge[1]]
    axes.annotate(
        "",
        xy=(to_x, to_y + BOX_HEIGHT / 2),
        xytext=(from_x + BOX_WIDTH, from_y + BOX_HEIGHT / 2),
        arrowprops={"arrowstyle": "-|>", "color": colors.quiet, "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0},
        zorder=1,
    )


def _told(nodes: Sequence[LineageNode], edges: Collection[Edge]) -> str:
    names = {node.key: node.name for node in nodes}
    if not edges:
        return f"{', '.join(names.values())}: nothing flows in or out."
    return "; ".join(f"{names[one]} feeds {names[other]}" for one, other in edges) + "."
