"""`qalita ingest doctor`: what is set up here, and what is to be mended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from qalita_ingest.cli.options import endpoint_option, format_option

if TYPE_CHECKING:
    from qalita_ingest.cli.diagnosis import Finding

MARKS = {"fine": ("✓", "green"), "note": ("!", "yellow"), "mend": ("✗", "red")}
TO_BE_MENDED = 2


@click.command()
@format_option
@endpoint_option
def doctor(*, endpoint: str | None, output: str) -> None:
    """Say what is set up here: ✓ fine, ! worth knowing, ✗ to be mended (exit code 2)."""
    from qalita_ingest.cli.diagnosis import examine  # noqa: PLC0415

    findings = list(examine(endpoint))
    is_usable = all(finding.state != "mend" for finding in findings)
    if output == "json":
        _print_json(findings, is_usable=is_usable)
    else:
        for finding in findings:
            _print_line(finding)
    sys.exit(0 if is_usable else TO_BE_MENDED)


def _print_line(finding: Finding) -> None:
    mark, color = MARKS[finding.state]
    text = " ".join(finding.text.split())
    click.echo(f"{click.style(mark, fg=color)} {click.style(f'{finding.subject:15}', bold=True)} {text}")


def _print_json(findings: list[Finding], *, is_usable: bool) -> None:
    import msgspec  # noqa: PLC0415

    document = msgspec.json.encode({"usable": is_usable, "findings": findings})
    click.echo(msgspec.json.format(document, indent=2))
