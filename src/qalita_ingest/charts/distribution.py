"""How often which value comes: a histogram for each group, one below the other."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from qalita_ingest.charts.canvas import Look, as_svg, canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

BARS = 40
PANEL_INCHES = 1.25


class Values(NamedTuple):
    """Numbers of one kind, in one unit."""

    name: str
    unit: str
    values: Sequence[float]


def distribution_chart(groups: Sequence[Values], *, name: str, look: Look = Look()) -> bytes:  # noqa: B008 (immutable)
    """Each group has axes of its own, from 0 or its smallest value to its largest; a line marks the median."""
    with canvas(look, inches=max(PANEL_INCHES * len(groups), PANEL_INCHES)) as (figure, axes):
        axes.remove()
        panels = figure.subplots(max(len(groups), 1), 1, squeeze=False)[:, 0]
        for panel, group in zip(panels, groups, strict=False):
            _draw(panel, group, look)
        return as_svg(figure, title=f"Distribution: {name}", description=_told(groups))


def _draw(axes: Axes, group: Values, look: Look) -> None:
    if group.values:
        low, high = min(0.0, *group.values), max(group.values)
        limits = (low, high if high > low else low + 1)
        # Filled as one shape: a picture of many bars is several times as large.
        axes.hist(group.values, bins=BARS, range=limits, color=look.colors.accent, histtype="stepfilled")
        # In print without colours it would be as dark as the bars.
        axes.axvline(median(group.values), color=look.colors.surface, linewidth=3)
        axes.axvline(median(group.values), color=look.colors.failed, linewidth=1.4, linestyle="--")
    axes.set_ylabel("count")
    axes.set_xlabel(f"{group.name} ({group.unit})")
    axes.grid(visible=True, axis="y", alpha=0.6)
    axes.locator_params(axis="y", nbins=4)
    axes.text(
        0.98, 0.92, _told_group(group), transform=axes.transAxes, ha="right", va="top", fontsize=8, linespacing=1.5
    )


def _told_group(group: Values) -> str:
    if not group.values:
        return "no values"
    middle, low, high = (f"{number:.4g}" for number in (median(group.values), min(group.values), max(group.values)))
    return f"{len(group.values):,} values\nmedian {middle} (dashed)\n{low} to {high}"


def _told(groups: Sequence[Values]) -> str:
    if not groups:
        return "There are no values."
    return "; ".join(f"{one.name} in {one.unit}: {_told_group(one)}".replace("\n", ", ") for one in groups) + "."
