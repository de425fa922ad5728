"""The same quantity at several places: small pictures with the same scales, to be compared at a glance."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from qalita_ingest.charts.canvas import Look, as_svg, canvas, in_utc
from qalita_ingest.charts.series import points_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from qalita_ingest.charts.series import Measurement

COLUMNS = {"wide": 4, "narrow": 2}
ROW_INCHES, LABELS_INCHES = 0.95, 0.6


class Series(NamedTuple):
    """Of one place, oldest first."""

    name: str
    measurements: Sequence[Measurement]


def small_multiples(
    series: Sequence[Series],
    *,
    name: str,
    unit: str,
    look: Look = Look(),  # noqa: B008 (immutable)
) -> bytes:
    """From the top left in the given order, all of one unit.

    From 0, so that a line twice as high is twice as much; from the lowest value where that is below 0.
    """
    columns = min(COLUMNS[look.size], max(len(series), 1))
    rows = -(-max(len(series), 1) // columns)
    with canvas(look, inches=LABELS_INCHES + ROW_INCHES * rows) as (figure, axes):
        axes.remove()
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flatten()
        for panel, one in zip(panels, series, strict=False):
            _draw(panel, one, look)
        panels[0].set_ylim(bottom=_bottom(series))
        for unused in panels[len(series) :]:
            unused.set_axis_off()
        _label_days(list(panels[: len(series)]), columns)
        figure.suptitle(f"{name} ({unit})", fontsize=9, color=look.colors.quiet)
        figure.supxlabel(_period(series), fontsize=9, color=look.colors.quiet)
        return as_svg(figure, title=name, description=_told(series, unit))


def _bottom(series: Sequence[Series]) -> float:
    return min((0, *(one.value for each in series for one in each.measurements if one.value is not None)))


def _draw(panel: Axes, series: Series, look: Look) -> None:
    moments, values = points_of(series.measurements)
    panel.plot(moments, values, color=look.colors.accent, linewidth=1.1)
    # A value between two gaps has no line.
    alone = [place for place, value in enumerate(values) if not isnan(value) and _is_alone(values, place)]
    panel.plot([moments[place] for place in alone], [values[place] for place in alone], ".", color=look.colors.accent)
    panel.set_title(series.name, fontsize=8, loc="left", pad=3)
    panel.grid(visible=True, alpha=0.6)
    panel.tick_params(labelsize=7)


def _is_alone(values: Sequence[float], place: int) -> bool:
    return all(isnan(value) for value in (*values[max(place - 1, 0) : place], *values[place + 1 : place + 2]))


def _label_days(panels: Sequence[Axes], columns: int) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415 (heavy)

    for place, panel in enumerate(panels):
        locator = AutoDateLocator(minticks=2, maxticks=4)
        panel.xaxis.set_major_locator(locator)
        panel.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
        # The lowest of its column, also where the last row is not full.
        panel.tick_params(axis="x", labelbottom=place + columns >= len(panels))


def _period(series: Sequence[Series]) -> str:
    days = sorted(in_utc(one.at).date() for each in series for one in each.measurements)
    return f"day (UTC), {days[0]} to {days[-1]}" if days else "day (UTC)"


def _told(series: Sequence[Series], unit: str) -> str:
    return "; ".join(_told_one(one, unit) for one in series) + "." if series else "There are no values."


def _told_one(series: Series, unit: str) -> str:
    values = [one.value for one in series.measurements if one.value is not None]
    if not values:
        return f"{series.name}: no values"
    days = "day" if len(values) == 1 else "days"
    return f"{series.name}: {len(values)} {days}, {min(values):.4g} to {max(values):.4g} {unit}"
