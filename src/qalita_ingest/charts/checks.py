"""One check over time: what came out, and how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qalita_ingest.charts.canvas import Look, as_svg, canvas, label_runs, words_for
from qalita_ingest.contract import ResultStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

FEW_RUNS = 40
# Height tells the outcome as well as colour does; what measured nothing is a stub.
LEVELS = {
    ResultStatus.PASSED: 1,
    ResultStatus.WARNING: 2,
    ResultStatus.FAILED: 3,
    ResultStatus.ERROR: 4,
}
NO_OUTCOME_LEVEL = 0.3


class Outcome(NamedTuple):
    """`at` is when the run ended, or a name for it; `status` may be its word, such as "passed"."""

    at: datetime | str
    status: ResultStatus | str


class Timing(NamedTuple):
    """`seconds` is None where the tool measured none."""

    at: datetime
    seconds: float | None


def history_strip(outcomes: Sequence[Outcome], *, name: str, look: Look = Look()) -> bytes:  # noqa: B008 (immutable)
    """Oldest first, one bar per run: the higher, the worse."""
    colors, statuses = look.colors, [ResultStatus(one.status) for one in outcomes]
    with canvas(look, inches=1.9) as (figure, axes):
        for place, status in enumerate(statuses):
            axes.bar(
                place,
                LEVELS.get(status, NO_OUTCOME_LEVEL),
                width=0.82,
                color=getattr(colors, status.value, colors.none),
                hatch="///" if status is ResultStatus.ERROR else None,
            )
        axes.set_ylim(0, 4.3)
        axes.set_yticks([NO_OUTCOME_LEVEL / 2, *LEVELS.values()], ["no outcome", *(one.value for one in LEVELS)])
        axes.grid(visible=True, axis="y", alpha=0.6)
        axes.set_ylabel("outcome")
        label_runs(axes, [one.at for one in outcomes], look)
        return as_svg(figure, title=f"History of {name}", description=_told(outcomes))


def _told(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return "The check has no result yet."
    counts = {status: sum(one.status == status for one in outcomes) for status in ResultStatus}
    words = ", ".join(f"{count} {status.value.replace('_', ' ')}" for status, count in counts.items() if count)
    last = outcomes[-1]
    return f"{len(outcomes)} results: {words}. Latest: {last.status.replace('_', ' ')}, {words_for(last.at)}."


def duration_chart(timings: Sequence[Timing], *, name: str, look: Look = Look()) -> bytes:  # noqa: B008 (immutable)
    """Oldest first; a run that measured no time is a gap."""
    seconds = [float("nan") if one.seconds is None else one.seconds for one in timings]
    measured = [one.seconds for one in timings if one.seconds is not None]
    with canvas(look, inches=1.8) as (figure, axes):
        axes.plot(
            seconds,
            color=look.colors.accent,
            linewidth=1.8,
            marker="o" if len(timings) <= FEW_RUNS else None,
            markersize=3.5,
        )
        axes.set_ylim(0, 1.15 * max(measured, default=1) or 1)
        axes.grid(visible=True, axis="y")
        axes.set_ylabel("duration (s)")
        label_runs(axes, [one.at for one in timings], look)
        return as_svg(figure, title=f"Duration of {name}", description=_told_seconds(measured))


def _told_seconds(measured: Sequence[float]) -> str:
    if not measured:
        return "No duration was measured."
    latest, shortest, longest = measured[-1], min(measured), max(measured)
    return f"{len(measured)} runs. Latest {latest:.2f} s, shortest {shortest:.2f} s, longest {longest:.2f} s."
