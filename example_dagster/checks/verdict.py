"""May the data go on? Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Finding", "Judged", "reasons_to_stop"]


@dataclass(frozen=True)
class Finding:
    """What somebody must act on. `issue` is its number in QALITA, None where QALITA does not say."""

    title: str
    issue: int | None = None


@dataclass(frozen=True)
class Judged:
    """`score` is that of the run, 0 to 1, None when no check had an outcome. `findings` are those of high severity."""

    score: float | None
    findings: Sequence[Finding]


def reasons_to_stop(judged: Judged, minimum_score: float, *, findings_stop: bool) -> list[str]:
    """In words; empty where the data may go on. What nobody measured may not."""
    reasons = []
    if judged.score is None:
        reasons.append("no check had an outcome, so nobody knows how good the data is")
    elif judged.score < minimum_score:
        reasons.append(f"the score is {judged.score:.4f}, below {minimum_score}")
    if findings_stop and judged.findings:
        titles = ", ".join(one.title for one in judged.findings)
        reasons.append(f"issues of high severity: {titles}")
    return reasons
