"""What a run looks like to other programs: one module per format, values in, bytes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.mapping import Summary

__all__ = ["FORMATS", "render"]

# `text` is for people and printed by the command line itself.
FORMATS = ("text", "json", "junit", "github", "gitlab", "sarif", "markdown")

# The formats are imported when one is asked for: `--help` needs the names alone.


def render(name: str, summary: Summary, report: RunReport, answer: IngestAnswer | None) -> bytes:
    """The run in the format `name`, any of `FORMATS` but text, as UTF-8. `answer`: None where nothing was delivered."""
    from qalita_ingest.formats import github, gitlab, junit, markdown, sarif, summary_json  # noqa: PLC0415

    writers = {
        "json": summary_json.write,
        "junit": junit.write,
        "github": github.write,
        "gitlab": gitlab.write,
        "sarif": sarif.write,
        "markdown": markdown.write,
    }
    return writers[name](summary, report, answer)
