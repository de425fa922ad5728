"""Values over time, as they were measured: where there is no value, the line has a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from qalita_ingest.charts.canvas import Look, as_svg, canvas, in_utc, words_for
from qalita_ingest.charts.coverage import label_days

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class Measurement(NamedTuple):
    """`value` is None where the source had none."""

    at: datetime
    value: float | None


def points_of(measurements: Sequence[Measurement]) -> tuple[list[Any], list[float]]:
    """The moments in UTC, and the values: NaN where there is none."""
    # matplotlib takes moments, and its types don't say so.
    moments: list[Any] = [in_utc(one.at) for one in measurements]
    return moments, [float("nan") if one.value is None else one.value for one in measurements]


def series_chart(
    measurements: Sequence[Measurement],
    *,
    name: str,
    unit: str,
    look: Look = Look(),  # noqa: B008 (immutable)
) -> bytes:
    """Oldest first, one for each moment at which a value was expected."""
    moments, values = points_of(measurements)
    with canvas(look, inches=2.2) as (figure, axes):
        axes.plot(moments, values, color=look.colors.accent, linewidth=1.1)
        missing: list[Any] = [moment for moment, one in zip(moments, measurements, strict=True) if one.value is None]
        axes.plot(missing, [0] * len(missing), "|", color=look.colors.failed, markersize=6, label="no value")
        if missing:
            axes.legend(loc="upper right", frameon=False, fontsize=8)
        axes.grid(visible=True, axis="y")
        axes.set_ylabel(f"{name} ({unit})")
        label_days(axes, "time (UTC)")
        return as_svg(figure, title=f"{name} over time", description=_told(measurements, unit))


def _told(measurements: Sequence[Measurement], unit: str) -> str:
    values = [one.value for one in measurements if one.value is not None]
    if not values:
        return "There are no values."
    when = f"{words_for(measurements[0].at)} to {words_for(measurements[-1].at)}"
    missing = len(measurements) - len(values)
    return f"{len(measurements)} moments, {when}, {missing} without a value; {min(values):g} to {max(values):g} {unit}."
