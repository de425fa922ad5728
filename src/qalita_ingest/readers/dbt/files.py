"""One artifact file → its record, or one clear line saying what is wrong with it."""

from __future__ import annotations

import codecs
import hashlib
from os import SEEK_END
from typing import TYPE_CHECKING, TypeVar

import msgspec

from qalita_ingest.errors import ArtifactError
from qalita_ingest.readers.dbt.artifacts import (
    Arguments,
    Caller,
    Catalog,
    FreshnessRow,
    ManifestFile,
    Metadata,
    RunResults,
    SourcesFile,
)
from qalita_ingest.readers.dbt.lenient import decode_leniently
from qalita_ingest.readers.dbt.manifest import Manifest
from qalita_ingest.readers.dbt.times import parse_time

if TYPE_CHECKING:
    from pathlib import Path

Artifact = TypeVar("Artifact", ManifestFile, Caller, RunResults, SourcesFile, Catalog)

_manifests = msgspec.json.Decoder(ManifestFile)
_run_results = msgspec.json.Decoder(RunResults)
_callers = msgspec.json.Decoder(Caller)
_sources = msgspec.json.Decoder(SourcesFile)
# A number or nothing: dbt before 0.19.
STATUS_TYPES = frozenset({str, int, type(None)})
_catalogs = msgspec.json.Decoder(Catalog)


def read_manifest(path: Path) -> Manifest:
    """Raises `ArtifactError` when the file is missing, broken or something else; of a bad node when it is decoded."""
    file, _ = _decode(path, _manifests, "manifest")
    if isinstance(file.nodes, msgspec.UnsetType):
        raise ArtifactError(
            f"{path}: field nodes: expected the nodes of a dbt manifest, found none; {_advice('manifest')}"
        )
    return Manifest(file, path)


def read_arguments(path: Path) -> Arguments:
    """How the command was called, and nothing else of the file. Raises `ArtifactError` as `read_run_results` does."""
    return _arguments_at_the_end(path) or _decode(path, _callers, "run-results")[0].args or Arguments()


# dbt writes its arguments last, and of a large file nothing else is wanted.
_END_BYTES = 64 * 1024
_BEFORE_ARGUMENTS = b'"elapsed_time"'


def _arguments_at_the_end(path: Path) -> Arguments | None:
    """None where they are not there; the whole file has the say then.

    From a key of the outermost object to the end of the file is an object but for its brace. From a key further
    inside it is none: one brace too many is left.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, SEEK_END) - _END_BYTES))
            _, key, rest = file.read().rpartition(_BEFORE_ARGUMENTS)
        return _callers.decode(b"{" + key + rest).args if key else None
    except (OSError, msgspec.DecodeError, ValueError, RecursionError):
        return None


def read_run_results(path: Path) -> RunResults:
    """Raises `ArtifactError` when the file is missing, broken, something else, or has no time.

    A file without an invocation id (dbt before 0.19) gets one from its content.
    """
    run_results, content = _decode(path, _run_results, "run-results")
    _require_results(path, run_results, "run-results", content)
    for number, row in enumerate(run_results.rows):
        row.unique_id = row.unique_id or (row.node.unique_id if row.node else "")
        if type(row.status) not in STATUS_TYPES:
            found = "none" if row.status is msgspec.UNSET else type(row.status).__name__
            raise ArtifactError(
                f"{path}: field results[{number}].status: expected a text, found {found}; {_advice('run-results')}"
            )
    return run_results


def read_sources(path: Path) -> SourcesFile:
    """Raises `ArtifactError` when the file is missing, broken, something else, or has no time."""
    sources, content = _decode(path, _sources, "sources")
    if sources.sources is not None and isinstance(sources.results, msgspec.UnsetType):
        sources.results = [
            FreshnessRow(
                unique_id=key,
                status=old.state,
                max_loaded_at=old.max_loaded_at,
                snapshotted_at=old.snapshotted_at,
                error=old.error,
            )
            for key, old in sources.sources.items()
        ]
    _require_results(path, sources, "sources", content)
    return sources


def read_catalog(path: Path) -> Catalog:
    """Raises `ArtifactError` when the file is missing, broken or something else."""
    catalog, _ = _decode(path, _catalogs, "catalog")
    if isinstance(catalog.nodes, msgspec.UnsetType):
        raise ArtifactError(
            f"{path}: field nodes: expected the tables of a dbt catalog, found none; {_advice('catalog')}"
        )
    return catalog


_FLAGS = {"manifest": "--manifest", "run-results": "--results", "sources": "--sources", "catalog": "--catalog"}
_WRITERS = {
    "manifest": "dbt parse",
    "run-results": "dbt build",
    "sources": "dbt source freshness",
    "catalog": "dbt docs generate",
}


def _advice(kind: str) -> str:
    return f"give {_FLAGS[kind]} the file that `{_WRITERS[kind]}` writes"


def _read_bytes(path: Path, kind: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ArtifactError(f"{path}: no such file; expected a dbt {kind} file: run `{_WRITERS[kind]}` first") from None
    except OSError as error:
        raise ArtifactError(f"{path}: can't be read: {error.strerror}; {_advice(kind)}") from None
    return content.removeprefix(codecs.BOM_UTF8)


def _decode(path: Path, decoder: msgspec.json.Decoder[Artifact], kind: str) -> tuple[Artifact, bytes]:
    content = _read_bytes(path, kind)
    try:
        artifact = decode_leniently(content, decoder)
    except msgspec.ValidationError as error:
        what, _, field = str(error).partition(" - at ")
        where = field.strip("`").removeprefix("$.") or "the file"
        raise ArtifactError(f"{path}: field {where}: {_lower_first(what)}; {_advice(kind)}") from None
    except RecursionError:
        raise ArtifactError(f"{path}: values are nested too deep to be read; {_advice(kind)}") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise ArtifactError(
            f"{path}: not complete JSON ({_lower_first(str(error))}); run dbt again: it writes the file anew"
        ) from None
    _refuse_other_kinds(path, artifact.metadata or Metadata(), kind)
    return artifact, content


def _lower_first(text: str) -> str:
    return text if text[:4].isupper() else text[:1].lower() + text[1:]


def _refuse_other_kinds(path: Path, metadata: Metadata, kind: str) -> None:
    """`https://schemas.getdbt.com/dbt/manifest/v12.json` names the kind; files before dbt 0.19 name none."""
    schema = metadata.dbt_schema_version
    if schema and f"/dbt/{kind}/" not in schema:
        raise ArtifactError(
            f"{path}: field metadata.dbt_schema_version: expected a dbt {kind} file, found {schema}; {_advice(kind)}"
        )


def _require_results(path: Path, artifact: RunResults | SourcesFile, kind: str, content: bytes) -> None:
    if isinstance(artifact.results, msgspec.UnsetType):
        raise ArtifactError(f"{path}: field results: expected the results of dbt, found none; {_advice(kind)}")
    head = artifact.metadata = artifact.head
    head.generated_at = head.generated_at or artifact.generated_at
    # The same file is the same execution, whatever it is called.
    head.invocation_id = head.invocation_id or f"file-{hashlib.sha256(content).hexdigest()[:32]}"
    if not head.generated_at:
        raise ArtifactError(
            f"{path}: field metadata.generated_at: expected the time of the dbt invocation, found none; {_advice(kind)}"
        )
    try:
        parse_time(head.generated_at)
    except (ValueError, OverflowError):
        raise ArtifactError(
            f"{path}: field metadata.generated_at: expected a time (ISO 8601), "
            f"found {head.generated_at[:40]!r}; {_advice(kind)}"
        ) from None
