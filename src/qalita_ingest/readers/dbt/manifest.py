"""A manifest whose nodes are decoded one at a time: a large one never stands in memory as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from qalita_ingest.errors import ArtifactError
from qalita_ingest.readers.dbt.artifacts import DataTest, Exposure, ManifestFile, Metadata, Node, Owner, UnitTest
from qalita_ingest.readers.dbt.lenient import decode_leniently

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Decoded = TypeVar("Decoded", Node, DataTest)
_nodes = msgspec.json.Decoder(Node)
_data_tests = msgspec.json.Decoder(DataTest)
TESTS = "test."


class Manifest:
    """What a manifest defines, by unique_id."""

    def __init__(self, file: ManifestFile, path: Path) -> None:
        self._file = file
        self._path = path

    @property
    def head(self) -> Metadata:
        return self._file.metadata or Metadata()

    @property
    def unit_tests(self) -> dict[str, UnitTest]:
        return self._file.unit_tests or {}

    @property
    def exposures(self) -> dict[str, Exposure]:
        return self._file.exposures or {}

    @property
    def owners_of_groups(self) -> dict[str, Owner]:
        """Name of a group of models → who answers for them."""
        groups = self._file.groups or {}
        # `group.<package>.<name>`; a node names its group by name only.
        return {key.rpartition(".")[2]: group.owner for key, group in groups.items() if group.owner}

    @property
    def others(self) -> dict[str, str]:
        """unique_id → kind of what dbt never executes as a check or a step."""
        kinds = {
            "exposure": self._file.exposures,
            "saved_query": self._file.saved_queries,
            "metric": self._file.metrics,
            "semantic_model": self._file.semantic_models,
            "macro": self._file.macros,
        }
        return {key: kind for kind, found in kinds.items() for key in found or ()}

    def node(self, unique_id: str) -> Node | None:
        """Raises `ArtifactError`, as do the two below."""
        for group, nodes in self._groups():
            if unique_id in nodes:
                return self._decoded(_nodes, group, unique_id, nodes[unique_id])
        return None

    def tested_nodes(self) -> Iterator[tuple[str, Node]]:
        """Models, seeds, snapshots, sources, functions and hooks: all but tests."""
        for group, nodes in self._groups():
            for key, raw in nodes.items():
                if not key.startswith(TESTS):
                    yield key, self._decoded(_nodes, group, key, raw)

    def data_tests(self) -> Iterator[tuple[str, DataTest]]:
        for group, nodes in self._groups():
            for key, raw in nodes.items():
                if key.startswith(TESTS):
                    yield key, self._decoded(_data_tests, group, key, raw)

    def _groups(self) -> Iterator[tuple[str, dict[str, msgspec.Raw]]]:
        yield "nodes", {} if isinstance(self._file.nodes, msgspec.UnsetType) else self._file.nodes
        yield "functions", self._file.functions or {}
        yield "sources", self._file.sources or {}

    def _decoded(self, decoder: msgspec.json.Decoder[Decoded], group: str, key: str, raw: msgspec.Raw) -> Decoded:
        try:
            return decode_leniently(raw, decoder)
        except (msgspec.DecodeError, ValueError) as error:
            what, _, field = str(error).partition(" - at ")
            where = f"{group}.{key}{field.strip('`').removeprefix('$')}"
            raise ArtifactError(
                f"{self._path}: field {where}: {what[:1].lower()}{what[1:]}; "
                "give --manifest the file that `dbt parse` writes"
            ) from None
