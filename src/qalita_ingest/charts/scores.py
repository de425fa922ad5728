"""The score over time, and by dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qalita_ingest.charts.canvas import Look, as_svg, canvas, label_runs, words_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from matplotlib.axes import Axes

FEW_RUNS = 40


class ScoredRun(NamedTuple):
    """`score` is 0–1; `at` is when the run ended, or a name for it."""

    at: datetime | str
    score: float


class DimensionScore(NamedTuple):
    """`score` is 0–1 over `checks` checks."""

    name: str
    score: float
    checks: int


def score_trend(runs: Sequence[ScoredRun], *, name: str, look: Look = Look()) -> bytes:  # noqa: B008 (immutable)
    """Oldest first. The axis is 0 to 100 %: a small change looks small."""
    per_cents = [100 * run.score for run in runs]
    with canvas(look, inches=2.3) as (figure, axes):
        color = look.colors.accent
        axes.plot(per_cents, color=color, linewidth=2, marker="o" if len(runs) <= FEW_RUNS else None, markersize=4)
        axes.fill_between(range(len(runs)), per_cents, color=color, alpha=0.12, linewidth=0)
        _per_cent_axis(axes, "y")
        axes.set_ylabel("score (%)")
        label_runs(axes, [run.at for run in runs], look)
        return as_svg(figure, title=f"Score of {name}", description=_told(runs))


def _told(runs: Sequence[ScoredRun]) -> str:
    if not runs:
        return "No run has a score yet."
    last, scores = runs[-1], [run.score for run in runs]
    return (
        f"{len(runs)} runs, {words_for(runs[0].at)} to {words_for(last.at)}. "
        f"Latest {last.score:.1%}, lowest {min(scores):.1%}, highest {max(scores):.1%}."
    )


def dimension_chart(
    dimensions: Sequence[DimensionScore],
    *,
    name: str,
    look: Look = Look(),  # noqa: B008 (immutable)
) -> bytes:
    """One bar each, in the given order from the top."""
    with canvas(look, inches=0.8 + 0.32 * len(dimensions)) as (figure, axes):
        places = range(len(dimensions))
        axes.barh(places, [100] * len(dimensions), color=look.colors.grid, height=0.5, alpha=0.6)
        axes.barh(places, [100 * one.score for one in dimensions], color=look.colors.accent, height=0.5)
        for place, one in zip(places, dimensions, strict=True):
            axes.text(102, place, _short(one), va="center", fontsize=9)
        axes.set_yticks(places, [one.name for one in dimensions])
        axes.tick_params(axis="y", length=0, labelcolor=look.colors.ink)
        axes.invert_yaxis()
        _per_cent_axis(axes, "x")
        axes.spines["left"].set_visible(False)
        axes.set_xlim(0, 145 if look.size == "wide" else 190)
        axes.set_xlabel("score (%)")
        axes.set_ylabel("dimension")
        return as_svg(figure, title=f"Score of {name} by dimension", description="; ".join(map(_long, dimensions)))


def _short(one: DimensionScore) -> str:
    return f"{100 * one.score:.1f} %, {one.checks} {'check' if one.checks == 1 else 'checks'}"


def _long(one: DimensionScore) -> str:
    return f"{one.name} {_short(one)}"


def _per_cent_axis(axes: Axes, axis: str) -> None:
    ticks = [0, 25, 50, 75, 100]
    if axis == "y":
        axes.set_ylim(0, 104)
        axes.set_yticks(ticks)
        axes.grid(visible=True, axis="y")
    else:
        axes.set_xticks(ticks)
