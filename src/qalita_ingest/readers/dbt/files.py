"""One artifact file → its record, or one clear line saying what is wrong with it."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, TypeVar

import msgspec

from qalita_ingest.errors import ArtifactError
from qalita_ingest.readers.dbt.artifacts import Manifest, Metadata, RunResults, SourcesFile
from qalita_ingest.readers.dbt.times import parse_time

if TYPE_CHECKING:
    from pathlib import Path

Artifact = TypeVar("Artifact", Manifest, RunResults, SourcesFile)

_manifests = msgspec.json.Decoder(Manifest)
_run_results = msgspec.json.Decoder(RunResults)
_sources = msgspec.json.Decoder(SourcesFile)


def read_manifest(path: Path) -> Manifest:
    """Raises `ArtifactError` when the file is missing, broken or something else."""
    manifest = _decode(path, _manifests, "manifest")
    if isinstance(manifest.nodes, msgspec.UnsetType):
        raise ArtifactError(
            f"{path}: field nodes: expected the nodes of a dbt manifest, found none; {_advice('manifest')}"
        )
    return manifest


def read_run_results(path: Path) -> RunResults:
    """Raises `ArtifactError` when the file is missing, broken, something else, or has no invocation id."""
    run_results = _decode(path, _run_results, "run-results")
    _require_results(path, run_results, "run-results")
    return run_results


def read_sources(path: Path) -> SourcesFile:
    """Raises `ArtifactError` when the file is missing, broken, something else, or has no invocation id."""
    sources = _decode(path, _sources, "sources")
    _require_results(path, sources, "sources")
    return sources


_FLAGS = {"manifest": "--manifest", "run-results": "--results", "sources": "--sources"}
_WRITERS = {"manifest": "dbt parse", "run-results": "dbt build", "sources": "dbt source freshness"}


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


def _decode(path: Path, decoder: msgspec.json.Decoder[Artifact], kind: str) -> Artifact:
    content = _read_bytes(path, kind)
    try:
        artifact = _decode_leniently(content, decoder)
    except msgspec.ValidationError as error:
        what, _, field = str(error).partition(" - at ")
        where = field.strip("`").removeprefix("$.") or "the file"
        raise ArtifactError(f"{path}: field {where}: {_lower_first(what)}; {_advice(kind)}") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ArtifactError(
            f"{path}: not complete JSON ({_lower_first(str(error))}); run dbt again: it writes the file anew"
        ) from None
    _refuse_other_kinds(path, artifact.head, kind)
    return artifact


def _decode_leniently(content: bytes, decoder: msgspec.json.Decoder[Artifact]) -> Artifact:
    """dbt writes Python's NaN and Infinity, which are no JSON; only a file that holds them pays for a second look."""
    try:
        return decoder.decode(content)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if b"NaN" not in content and b"Infinity" not in content:
            raise
        return decoder.decode(msgspec.json.encode(json.loads(content)))


def _lower_first(text: str) -> str:
    return text if text[:4].isupper() else text[:1].lower() + text[1:]


def _refuse_other_kinds(path: Path, metadata: Metadata, kind: str) -> None:
    """`https://schemas.getdbt.com/dbt/manifest/v12.json` names the kind; files before dbt 0.19 name none."""
    schema = metadata.dbt_schema_version
    if schema and f"/dbt/{kind}/" not in schema:
        raise ArtifactError(
            f"{path}: field metadata.dbt_schema_version: expected a dbt {kind} file, found {schema}; {_advice(kind)}"
        )


def _require_results(path: Path, artifact: RunResults | SourcesFile, kind: str) -> None:
    if isinstance(artifact.results, msgspec.UnsetType):
        raise ArtifactError(f"{path}: field results: expected the results of dbt, found none; {_advice(kind)}")
    if not artifact.head.invocation_id or not artifact.head.generated_at:
        raise ArtifactError(
            f"{path}: field metadata.invocation_id: expected the id and time of the dbt invocation, found none; "
            f"dbt writes them since 0.19: run it again with a newer one"
        )
    try:
        parse_time(artifact.head.generated_at)
    except (ValueError, OverflowError):
        raise ArtifactError(
            f"{path}: field metadata.generated_at: expected a time (ISO 8601), "
            f"found {artifact.head.generated_at[:40]!r}; {_advice(kind)}"
        ) from None
