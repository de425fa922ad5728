"""dbt's artifacts: manifest.json, run_results.json, sources.json, catalog.json.

Formats: https://schemas.getdbt.com (read by field, never validated as a whole: real files differ from them).
"""

from qalita_ingest.readers.dbt.artifacts import (
    Arguments,
    Catalog,
    CatalogStatistic,
    DataTest,
    Described,
    Exposure,
    FreshnessRow,
    Node,
    NodeColumn,
    Owner,
    ResultRow,
    RunResults,
    SourcesFile,
    TestMetadata,
    UnitTest,
)
from qalita_ingest.readers.dbt.files import read_arguments, read_catalog, read_manifest, read_run_results, read_sources
from qalita_ingest.readers.dbt.manifest import Manifest
from qalita_ingest.readers.dbt.times import parse_time

__all__ = [
    "Arguments",
    "Catalog",
    "CatalogStatistic",
    "DataTest",
    "Described",
    "Exposure",
    "FreshnessRow",
    "Manifest",
    "Node",
    "NodeColumn",
    "Owner",
    "ResultRow",
    "RunResults",
    "SourcesFile",
    "TestMetadata",
    "UnitTest",
    "parse_time",
    "read_arguments",
    "read_catalog",
    "read_manifest",
    "read_run_results",
    "read_sources",
]
