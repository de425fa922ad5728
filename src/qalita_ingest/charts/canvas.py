"""What all pictures share: colours, sizes, axes of runs, and SVG that a screen reader can tell."""

from __future__ import annotations

import io
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from xml.sax.saxutils import escape

from qalita_ingest.errors import MissingPartError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES = {"wide": 5.8, "narrow": 3.7}
MOST_TIMES = {"wide": 5, "narrow": 3}
# matplotlib keeps its settings in one place for all threads.
_DRAWING = threading.RLock()


class Colors(NamedTuple):
    """Of one theme. Outcomes are told apart also by people who confuse red and green (after Okabe and Ito)."""

    surface: str
    ink: str
    quiet: str
    grid: str
    accent: str
    passed: str
    warning: str
    failed: str
    error: str
    none: str


COLORS = {
    "light": Colors(
        surface="#ffffff",
        ink="#1c2430",
        quiet="#566072",
        grid="#dfe3ea",
        accent="#0b63b0",
        passed="#0a8f6a",
        warning="#e0a100",
        failed="#cc4a00",
        error="#8f2d6b",
        none="#a9b1bd",
    ),
    "dark": Colors(
        surface="#171c24",
        ink="#e8ecf2",
        quiet="#a8b2c1",
        grid="#323a47",
        accent="#6db3f2",
        passed="#35c19a",
        warning="#f2c14e",
        failed="#ff8a50",
        error="#e08fc4",
        none="#6b7686",
    ),
}


@dataclass(frozen=True)
class Look:
    theme: Literal["light", "dark"] = "light"
    size: Literal["wide", "narrow"] = "wide"

    @property
    def colors(self) -> Colors:
        return COLORS[self.theme]


@contextmanager
def canvas(look: Look, *, inches: float, width: float | None = None) -> Iterator[tuple[Figure, Axes]]:
    """A figure with one pair of axes, `inches` high, while matplotlib is ours alone."""
    matplotlib = _matplotlib()
    from matplotlib.figure import Figure  # noqa: PLC0415 (matplotlib takes half a second to import)

    with _DRAWING, matplotlib.rc_context(_settings(look.colors)):
        figure = Figure(figsize=(width or INCHES[look.size], inches), layout="constrained")
        yield figure, figure.subplots()


def _matplotlib() -> Any:
    try:
        import matplotlib as mpl  # noqa: PLC0415 (heavy, and only pictures need it)
    except ImportError:
        raise MissingPartError(
            "charts need matplotlib, which is not installed; run: pip install 'qalita-ingest[server]'"
        ) from None
    return mpl


def _settings(colors: Colors) -> dict[str, Any]:
    return {
        # Without a salt the names inside of the file differ each time.
        "svg.hashsalt": "qalita",
        # Text stays text: smaller, and it can be read aloud and searched.
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        # They are named with each text: few names are a small picture.
        "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
        "font.size": 9,
        "figure.facecolor": colors.surface,
        "axes.facecolor": colors.surface,
        "axes.edgecolor": colors.grid,
        "axes.labelcolor": colors.quiet,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.color": colors.grid,
        "text.color": colors.ink,
        "text.parse_math": False,
        "xtick.color": colors.quiet,
        "ytick.color": colors.quiet,
        "hatch.color": colors.surface,
        "hatch.linewidth": 1.2,
    }


def as_svg(figure: Figure, *, title: str, description: str) -> bytes:
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    # What matplotlib writes before it is for validators; a page needs none of it.
    start = drawn.getvalue().index("<svg ")
    opening, rest = drawn.getvalue()[start:].split(">", 1)
    told = f'<title id="title">{escape(title)}</title><desc id="description">{escape(description)}</desc>'
    return f'{opening} role="img" aria-labelledby="title description">{told}{rest}'.encode()


def label_runs(axes: Axes, runs: Sequence[datetime | str], look: Look) -> None:
    """Runs stand side by side, evenly: those of a night and those of a minute can be read alike.

    One that is called by a name has it in place of its time.
    """
    places = _spread(len(runs), MOST_TIMES[look.size])
    days = {run.date() for run in runs if not isinstance(run, str)}
    pattern = "%d %b" if len(days) > len(places) else "%d %b %H:%M"
    shown = [runs[place] for place in places]
    axes.set_xticks(places, [run if isinstance(run, str) else run.strftime(pattern) for run in shown])
    axes.set_xlim(-0.6, max(len(runs) - 0.4, 0.6))
    axes.set_xlabel("runs, oldest first" + (" (UTC)" if days else ""))


def _spread(count: int, most: int) -> list[int]:
    """The last, and others evenly before it."""
    step = max(1, -(-count // most))
    return list(range(count - 1, -1, -step))[::-1]


def in_utc(at: datetime) -> datetime:
    """Without its zone, which matplotlib's own types don't know. A time that has none is of UTC already."""
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def words_for(run: datetime | str) -> str:
    return run if isinstance(run, str) else in_utc(run).strftime("%Y-%m-%d %H:%M UTC")
