"""`qalita ingest` in this process, as users type it, on the smallest files of dbt in the current folder."""

from __future__ import annotations

from click.testing import CliRunner, Result

from qalita_ingest.cli.ingest import ingest

UNREACHABLE = "http://127.0.0.1:9"
FILES = ("--manifest", "manifest.json", "--results", "run_results.json")


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(ingest, list(arguments))


def ingested(*more: str) -> Result:
    return typed("dbt", *FILES, "--project", "air", "--env", "dev", *more)
