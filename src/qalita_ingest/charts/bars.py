"""Numbers side by side: one bar for each name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qalita_ingest.charts.canvas import Look, as_svg, canvas

if TYPE_CHECKING:
    from collections.abc import Sequence


class Bar(NamedTuple):
    name: str
    value: float


def bar_chart(
    bars: Sequence[Bar],
    *,
    name: str,
    quantity: str,
    names: str = "",
    look: Look = Look(),  # noqa: B008 (immutable)
) -> bytes:
    """From the top in the given order.

    `quantity` is what is counted or measured, with its unit: "missing (%)"; `names` what a bar stands for: "month".
    """
    with canvas(look, inches=0.75 + 0.24 * len(bars)) as (figure, axes):
        places = range(len(bars))
        drawn = axes.barh(places, [one.value for one in bars], color=look.colors.accent, height=0.62)
        axes.bar_label(drawn, [f"{one.value:,.5g}" for one in bars], padding=3, fontsize=8)
        axes.set_yticks(places, [one.name for one in bars], fontsize=8)
        axes.tick_params(axis="y", length=0, labelcolor=look.colors.ink)
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.margins(x=0.12)
        axes.xaxis.set_major_formatter("{x:,.5g}")
        axes.grid(visible=True, axis="x", alpha=0.6)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(quantity)
        axes.set_ylabel(names)
        return as_svg(figure, title=name, description=_told(bars, quantity))


def _told(bars: Sequence[Bar], quantity: str) -> str:
    if not bars:
        return "There are no bars."
    return f"{quantity}: " + "; ".join(f"{one.name} {one.value:,.5g}" for one in bars) + "."
