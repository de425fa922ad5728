"""Values → pictures (SVG), the same for the dashboard and for notebooks.

Every function takes values and returns bytes: the same values make the same bytes. Each picture has a title and a
description for screen readers, two themes and two sizes. matplotlib is loaded by the first picture that is drawn;
`MissingPartError` says how to install it.
"""

from qalita_ingest.charts.canvas import Look
from qalita_ingest.charts.checks import Outcome, Timing, duration_chart, history_strip
from qalita_ingest.charts.lineage import LineageNode, lineage_picture
from qalita_ingest.charts.scores import DimensionScore, ScoredRun, dimension_chart, score_trend

__all__ = [
    "DimensionScore",
    "LineageNode",
    "Look",
    "Outcome",
    "ScoredRun",
    "Timing",
    "dimension_chart",
    "duration_chart",
    "history_strip",
    "lineage_picture",
    "score_trend",
]
