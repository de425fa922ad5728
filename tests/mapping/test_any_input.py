"""Whatever stands in the files: one clear line, or numbers that a plain count confirms. Never a traceback.

The files are real ones (`corpus`), changed at random; the sequence of changes is the same on every machine.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plain_count import STEP, TEST, count, unique_id_of
from qalita_ingest.contract import RunReport, decode_report, encode
from qalita_ingest.errors import InputError
from qalita_ingest.mapping import RunLabels
from qalita_ingest.pipeline import DbtFiles, prepare_dbt
from qalita_ingest.readers.dbt import artifacts
from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")
LABELS = RunLabels("any", "dev")
RESULTS = "brooklyn-data__dbt_integration_test_project/schema_v4/build/run_results@4707cc46cc.json"
BROOKLYN = "brooklyn-data__dbt_integration_test_project/schema_v4/source_freshness/"
# Stand where lists are written inside one another, so deep that Python's writer would not write them.
DEEP = {"nested 400 times": 400, "nested 900 times": 900, "nested 100,000 times": 100_000}


def settled(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


Json = dict[str, Any]
Step = str | int
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=12)
WORDS = st.sampled_from([
    *TEST, *STEP, "skipped", "no-op", "reused", "NoOp", "Pass", "test", "model", "source", "unit_test", "operation",
    "macro", "", "0", "-1", "2026-13-45", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", *DEEP,
])  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-2, 3), st.sampled_from([2**53 + 1, 2**63 - 1, 2**63, 2**64, 10**30, -(10**30)]), st.floats()
)
REMOVED = object()
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS, ANY_TEXT)
KEYS = st.sampled_from(["name", "nodes", "kwargs", "unique_id", "status", "count", "warn_after", "enforced"]) | ANY_TEXT
VALUES = st.one_of(
    SCALARS,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=5,
    ),
)
KINDS_OF_FILES = st.sampled_from(["manifest", "results", "sources"])


class Originals:
    """Small artifacts of real projects, cut to a few nodes and rows: each example is quick, each change hits something.

    No dataclass: its content would stand in every report of a failed example.
    """

    def __init__(self, manifest: Json, results: Json, sources: Json, old_results: Json) -> None:
        self.manifest = manifest
        self.results = results
        self.sources = sources
        self.old_results = old_results


KINDS = ["model", "seed", "snapshot", "test"]


def a_few(rows: list[Json]) -> list[Json]:
    """Three of a kind."""
    return [row for kind in KINDS for row in [row for row in rows if unique_id_of(row).startswith(f"{kind}.")][:3]]


@pytest.fixture(scope="module")
def originals(corpus: Path) -> Originals:
    def loaded(path: str) -> Json:
        content: Json = json.loads((corpus / path).read_bytes())
        return content

    manifest, results = loaded(BROOKLYN + "manifest@879a551e49.json"), loaded(RESULTS)
    old = loaded("dbt-labs__dbt-docs/data/run_results@8958fef842.json")
    results["results"] = a_few(results["results"])
    nodes = {unique_id_of(row): manifest["nodes"][unique_id_of(row)] for row in results["results"]}
    for row in old["results"]:
        row["node"] = {"unique_id": row["node"]["unique_id"]}
    return Originals(
        manifest=manifest | {"nodes": nodes, "macros": {}},
        results=results,
        sources=loaded(BROOKLYN + "sources@267e29ef37.json"),
        old_results=old | {"results": a_few(old["results"])},
    )


FIELDS_THAT_ARE_READ = {
    field.encode_name
    for record in vars(artifacts).values()
    if isinstance(record, type) and issubclass(record, msgspec.Struct)
    for field in msgspec.structs.fields(record)
}


# What teams and adapters name themselves.
OWN = {"columns", "kwargs", "meta", "adapter_response", "vars"}


def places(value: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Where something stands that may be read."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, one in value.items():
            if "." in key or key in FIELDS_THAT_ARE_READ or (path and path[-1] in OWN):
                yield from places(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from places(one, (*path, number))


def replaced(content: Json, path: tuple[Step, ...], value: Any) -> Json:
    """`REMOVED` for a value takes the place away."""
    changed: Any = copy.deepcopy(content)
    parent = changed
    for step in path[:-1]:
        parent = parent[step]
    if value is REMOVED:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return changed


def as_written(content: Any) -> bytes:
    """As Python's json writes it, NaN and lone surrogates included."""
    text = json.dumps(content)
    for name, depth in DEEP.items():
        text = text.replace(f'"{name}"', "[" * depth + "]" * depth)
    return text.encode()


def read_back(content: bytes) -> Any:
    """NaN and Infinity are no JSON: they stand for nothing. Half a character stands for a question mark."""
    text = json.dumps(json.loads(content, parse_constant=lambda _: None), ensure_ascii=False)
    return json.loads(text.encode(errors="replace"))


def check_refusal(message: str, folder: Path) -> None:
    assert "\n" not in message
    assert message.startswith(str(folder))


def answered(manifest: bytes, results: bytes | None, sources: bytes | None, folder: Path) -> RunReport | None:
    """None where the files are refused, in one line that names one of them."""
    paths = {"manifest.json": manifest, "run_results.json": results, "sources.json": sources}
    for name, content in paths.items():
        if content is not None:
            (folder / name).write_bytes(content)
    files = DbtFiles(
        folder / "manifest.json",
        [folder / "run_results.json"] if results is not None else [],
        folder / "sources.json" if sources is not None else None,
    )
    try:
        report, summary = prepare_dbt(files, LABELS, allow_mixed=True)
    except InputError as error:
        check_refusal(str(error), folder)
        return None
    summary.as_json()
    read = [read_back(one) if one is not None else None for one in paths.values()]
    counted = count(read[0], read[1], read[2])
    assert +Counter(summary.counts) == counted.counts
    assert (summary.steps, summary.contracts) == (counted.steps, counted.contracts)
    assert set(summary.not_in_manifest) == counted.not_in_manifest
    assert report.inconsistency() is None
    assert decode_report(encode(report)) == report
    return report


@settled(60)
@given(
    content=st.one_of(st.binary(max_size=200), VALUES.map(as_written)), kind=st.sampled_from(["manifest", "results"])
)
def test_whatever_is_no_artifact_is_refused_in_one_line(
    originals: Originals, tmp_path: Path, content: bytes, kind: str
) -> None:
    files = {name: as_written(getattr(originals, name)) for name in ("manifest", "results", "sources")} | {
        kind: content
    }

    assert answered(files["manifest"], files["results"], files["sources"], tmp_path) is None


@settled(60)
@given(share=st.floats(0, 1, exclude_max=True), kind=KINDS_OF_FILES)
def test_a_file_that_was_cut_off_is_refused(originals: Originals, tmp_path: Path, share: float, kind: str) -> None:
    files = {name: as_written(getattr(originals, name)) for name in ("manifest", "results", "sources")}
    files[kind] = files[kind][: int(len(files[kind]) * share)]

    assert answered(files["manifest"], files["results"], files["sources"], tmp_path) is None


@settled(250)
@given(data=st.data())
def test_anything_in_a_row_of_results_is_counted_or_refused(
    originals: Originals, tmp_path: Path, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(["results", "old_results"]))
    changed = mutated(getattr(originals, kind), data)

    answered(as_written(originals.manifest), as_written(changed), None, tmp_path)


@settled(250)
@given(data=st.data())
def test_anything_in_a_manifest_is_mapped_or_refused(originals: Originals, tmp_path: Path, data: st.DataObject) -> None:
    changed = mutated(originals.manifest, data)

    answered(as_written(changed), as_written(originals.results), as_written(originals.sources), tmp_path)


@settled(120)
@given(data=st.data())
def test_anything_in_sources_is_counted_or_refused(originals: Originals, tmp_path: Path, data: st.DataObject) -> None:
    changed = mutated(originals.sources, data)

    answered(as_written(originals.manifest), None, as_written(changed), tmp_path)


def mutated(content: Json, data: st.DataObject) -> Json:
    """One to three places hold something else, or nothing; or a field that was not there."""
    for _ in range(data.draw(st.integers(1, 3))):
        if not (found := list(places(content))):
            break
        path = data.draw(st.sampled_from(found))
        if data.draw(st.booleans()) and isinstance(at(content, path), dict):
            path = (*path, data.draw(st.sampled_from(sorted(FIELDS_THAT_ARE_READ | {"rows_affected"}))))
            content = replaced(content, path, data.draw(VALUES))
        else:
            content = replaced(content, path, data.draw(VALUES | st.just(REMOVED)))
    return content


def at(content: Any, path: tuple[Step, ...]) -> Any:
    for step in path:
        content = content[step]
    return content


@settled(120)
@given(
    status=st.one_of(ANY_TEXT, WORDS.filter(lambda word: word not in DEEP)), which=st.sampled_from(["build", "compile"])
)
def test_any_word_for_a_status_is_counted_and_an_unknown_one_is_an_error(
    originals: Originals, tmp_path: Path, status: str, which: str
) -> None:
    rows = [row | {"status": status} for row in originals.results["results"]]
    content = originals.results | {"results": rows, "args": {"which": which}}

    report = answered(as_written(originals.manifest), as_written(content), None, tmp_path)

    known = {*TEST, "skipped", "no-op", "noop", "reused", "no status"}
    kept = status.encode(errors="replace").decode()
    if report and kept.strip().lower() not in known:
        assert {(one.status, one.tool_status) for one in report.results} == {("error", kept)}


@settled(20)
@given(data=st.data())
def test_what_is_mapped_is_taken_in_by_the_sandbox(
    originals: Originals, sandbox: Sandbox, tmp_path: Path, data: st.DataObject
) -> None:
    manifest, results = originals.manifest, mutated(originals.results, data)
    if data.draw(st.booleans()):
        manifest, results = mutated(originals.manifest, data), originals.results
    report = answered(as_written(manifest), as_written(results), None, tmp_path)
    if report is None:
        return
    response = sandbox.post(report)

    # The store outlives an example: the same invocation with other rows is refused, and says so.
    assert response.status_code in {200, 201, 422}, response.text
