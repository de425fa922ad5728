"""Values → pictures (SVG), the same for the dashboard and for notebooks.

Every function takes values and returns bytes: the same values make the same bytes. Each picture has a title and a
description for screen readers, two themes and two sizes. matplotlib is loaded by the first picture that is drawn;
`MissingPartError` says how to install it.
"""

from qalita_ingest.charts.bars import Bar, bar_chart
from qalita_ingest.charts.canvas import Look
from qalita_ingest.charts.checks import Outcome, Timing, duration_chart, history_strip
from qalita_ingest.charts.coverage import Coverage, coverage_chart
from qalita_ingest.charts.distribution import Values, distribution_chart
from qalita_ingest.charts.lineage import LineageNode, lineage_picture
from qalita_ingest.charts.multiples import Series, small_multiples
from qalita_ingest.charts.places import Place, place_map
from qalita_ingest.charts.scores import DimensionScore, ScoredRun, dimension_chart, score_trend
from qalita_ingest.charts.series import Measurement, series_chart

__all__ = [
    "Bar",
    "Coverage",
    "DimensionScore",
    "LineageNode",
    "Look",
    "Measurement",
    "Outcome",
    "Place",
    "ScoredRun",
    "Series",
    "Timing",
    "Values",
    "bar_chart",
    "coverage_chart",
    "dimension_chart",
    "distribution_chart",
    "duration_chart",
    "history_strip",
    "lineage_picture",
    "place_map",
    "score_trend",
    "series_chart",
    "small_multiples",
]
