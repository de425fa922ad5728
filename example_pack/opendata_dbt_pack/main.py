"""dbt's files → the documents that a QALITA worker uploads.

`pack_conf.json` says which files; paths are relative to the folder of the source (`source_conf.json`, `config.path`).
"""

# ruff: noqa: INP001 (a script, part of no package)
from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from qalita_ingest import DbtFiles, InputError, QalitaIngestError, RunLabels, platform_files, prepare_dbt


def main() -> int:
    try:
        write_documents(read_object(Path("pack_conf.json")), read_object(Path("source_conf.json")))
    except QalitaIngestError as error:
        # Clients of 2.x take the job for failed when this word is on stderr.
        sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
        return error.exit_code
    return 0


def write_documents(pack: dict[str, Any], source: dict[str, Any]) -> None:
    job = pack.get("job") or {}
    labels = RunLabels(project=setting(job, "project"), environment=setting(job, "environment"))
    files = find_files(job, folder_of(source))
    report, _ = prepare_dbt(files, labels, allow_mixed=job.get("allow_mixed") is True)
    documents = platform_files(report)
    for name, content in documents.as_json().items():
        Path(name).write_bytes(content)
    sys.stdout.write(
        f"{len(documents.metrics)} metrics, {len(documents.recommendations)} recommendations, "
        f"{len(documents.schemas)} schema entries\n"
    )


def setting(job: dict[str, Any], name: str) -> str:
    if not isinstance(job.get(name), str) or not job[name].strip():
        raise InputError(f"pack_conf.json: job.{name}: expected a text, found {job.get(name)!r}")
    return str(job[name])


def find_files(job: dict[str, Any], folder: Path) -> DbtFiles:
    """`results` may hold patterns: all files that fit are taken, each execution once."""
    target = folder / setting(job, "target_path")
    patterns = job.get("results")
    if not isinstance(patterns, list) or not all(isinstance(one, str) and one for one in patterns):
        raise InputError(f"pack_conf.json: job.results: expected a list of file names, found {patterns!r}")
    results = sorted({path for pattern in patterns for path in target.glob(pattern)})
    sources = target / setting(job, "sources")
    if not results and not sources.is_file():
        raise InputError(f"{target}: no file fits {', '.join(patterns)}; has dbt run, and is target_path right?")
    catalog = target / "catalog.json"
    return DbtFiles(
        target / setting(job, "manifest"),
        results,
        sources if sources.is_file() else None,
        catalog if catalog.is_file() else None,
    )


def folder_of(source: dict[str, Any]) -> Path:
    """Of a source of type folder or file; others have none, and their `target_path` is absolute."""
    path = Path((source.get("config") or {}).get("path") or ".").expanduser()
    return path.parent if path.is_file() else path


def read_object(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; the worker puts it beside run.sh") from None
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}") from None
    if not isinstance(document, dict):
        raise InputError(f"{path}: expected an object")
    return document


if __name__ == "__main__":
    sys.exit(main())
