"""Which days have values: one row for each series, one colour for each share of its hours."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from qalita_ingest.charts.canvas import Look, as_svg, canvas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from matplotlib.axes import Axes

# One colour, the darker the fuller: told apart in grey as well. (least share, how dark, words)
STEPS = ((1.0, 1.0, "all hours"), (0.9, 0.62, "90 % or more"), (0.5, 0.34, "50 % or more"), (0.0, 0.13, "less"))
ROW_INCHES = 0.2
# Ticks for years, months, days, hours, minutes, seconds; then the first of each; then what is said of all, at the end.
DAYS_WITH_MONTHS = {
    "formats": ["%Y", "%b", "%d %b", "%H:%M", "%H:%M", "%S.%f"],
    "zero_formats": ["", "%Y", "%d %b", "%d %b", "%H:%M", "%H:%M"],
    "offset_formats": ["", "%Y", "%Y", "%d %b %Y", "%d %b %Y", "%d %b %Y %H:%M"],
}


class Coverage(NamedTuple):
    """`shares` has the part (0–1) of its hours with a value, for each day from the first to the last expected."""

    name: str
    shares: Mapping[date, float]


def coverage_chart(
    rows: Sequence[Coverage],
    *,
    name: str,
    names: str = "",
    look: Look = Look(),  # noqa: B008 (immutable)
) -> bytes:
    """From the top in the given order; a day that is not named leaves the row empty.

    `names` is what a row stands for: "station".
    """
    with canvas(look, inches=1.1 + ROW_INCHES * len(rows)) as (figure, axes):
        for place, row in enumerate(rows):
            _draw_row(axes, place, row, look)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=8)
        axes.tick_params(axis="y", length=0, labelcolor=look.colors.ink)
        axes.spines["left"].set_visible(False)
        axes.set_ylabel(names)
        label_days(axes, _days(rows))
        _explain_colors(axes, look)
        return as_svg(figure, title=f"Days with values: {name}", description=_told(rows))


def _draw_row(axes: Axes, place: int, row: Coverage, look: Look) -> None:
    from matplotlib.dates import date2num  # noqa: PLC0415 (matplotlib takes half a second to import)

    for step, first, days in _runs(row.shares):
        axes.barh(
            place,
            days,
            left=float(date2num(first)),
            height=0.72,
            color=look.colors.accent if step is not None else "none",
            alpha=STEPS[step][1] if step is not None else None,
            edgecolor=look.colors.failed if step is None else "none",
            linewidth=0.8,
        )


def _runs(shares: Mapping[date, float]) -> Iterator[tuple[int | None, date, int]]:
    """(step, first day, days) of days in a row that look alike; the step is None where no hour has a value."""
    days = sorted(shares)
    # Days in a row have the same distance to their place in the list.
    keyed = [((day - timedelta(place), _step(shares[day])), day) for place, day in enumerate(days)]
    for (_, step), run in groupby(keyed, key=lambda one: one[0]):
        alike = [day for _, day in run]
        yield step, alike[0], len(alike)


def _step(share: float) -> int | None:
    return next((place for place, (least, *_) in enumerate(STEPS) if share >= least), None) if share > 0 else None


def label_days(axes: Axes, words: str) -> None:
    """As many days, months or years as there is room for."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415 (as above)

    locator = AutoDateLocator(minticks=3, maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, **DAYS_WITH_MONTHS))
    axes.grid(visible=True, axis="x", alpha=0.6)
    axes.set_xlabel(words)


def _days(rows: Sequence[Coverage]) -> str:
    days = sorted({day for row in rows for day in row.shares})
    return f"day (UTC), {days[0]} to {days[-1]}" if days else "day (UTC)"


def _explain_colors(axes: Axes, look: Look) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415 (as above)

    full = [Patch(facecolor=look.colors.accent, alpha=alpha, label=words) for _, alpha, words in STEPS]
    none = Patch(facecolor="none", edgecolor=look.colors.failed, linewidth=0.8, label="none")
    axes.legend(
        handles=[*full, none],
        title="hours with a value",
        title_fontsize=8,
        fontsize=8,
        ncols=5 if look.size == "wide" else 3,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        frameon=False,
        handlelength=1.2,
        columnspacing=1.2,
    )


def _told(rows: Sequence[Coverage]) -> str:
    if not any(row.shares for row in rows):
        return "There are no days."
    return "; ".join(_told_row(row) for row in rows if row.shares) + "."


def _told_row(row: Coverage) -> str:
    first, last, shares = min(row.shares), max(row.shares), row.shares.values()
    whole, empty = sum(share >= 1 for share in shares), sum(share == 0 for share in shares)
    return f"{row.name}: {first} to {last}, {len(shares)} days, {whole} whole, {empty} without any value"
