"""Is the data good enough to go on?"""

from checks.metrics_checks import columns_are_documented
from checks.qalita_gate import QualityGate
from checks.quality_gate import quality_gate
from checks.raw_checks import columns_are_the_seeds, month_has_rows, reaches_the_end_of_the_month

__all__ = ["QualityGate", "all_checks"]

all_checks = [
    columns_are_documented,
    columns_are_the_seeds,
    month_has_rows,
    quality_gate,
    reaches_the_end_of_the_month,
]
