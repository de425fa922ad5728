"""What Prometheus, a feed reader and DuckDB get is what the store holds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import duckdb
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from factories import report
from qalita_ingest.contract import RunReport
from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")
ATOM = {"a": "http://www.w3.org/2005/Atom"}
PLACE = {"project": "opendata_dbt", "environment": "dev"}


def saying(message: str, run: RunReport) -> RunReport:
    results = tuple(msgspec.structs.replace(one, message=message) for one in run.results)
    return msgspec.structs.replace(run, results=results)


def metrics(sandbox: Sandbox) -> dict[tuple[str, str], float]:
    """Name and status, where there is one → value, of the environment `dev`."""
    families = text_string_to_metric_families(sandbox.client.get("/metrics").text)
    samples = [sample for family in families for sample in family.samples]
    return {
        (sample.name, sample.labels.get("status", "")): sample.value
        for sample in samples
        if sample.labels.get("environment", "dev") == "dev"
    }


def test_prometheus_reads_score_issues_and_results_of_the_last_run(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "passed", "b": "passed"}))
    sandbox.take(report(2, {"a": "passed", "b": "failed", "c": "skipped"}))

    found = metrics(sandbox)

    assert found["qalita_score_ratio", ""] == 0.5
    assert found["qalita_scored_checks", ""] == 2
    assert found["qalita_open_issues", ""] == 1
    assert found["qalita_runs", ""] == 2
    assert [found["qalita_last_run_results", status] for status in ("passed", "failed", "skipped")] == [1, 1, 1]
    assert found["qalita_jobs", "succeeded"] == 2


def test_an_empty_store_has_metrics_without_values(sandbox: Sandbox) -> None:
    assert metrics(sandbox) == {}


def test_a_name_with_quotes_breaks_no_metric(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "passed"}, project='a "quoted"\\name\nin two lines'))

    assert metrics(sandbox)["qalita_score_ratio", ""] == 1


def test_the_feed_tells_of_what_changed_last_first(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed", "b": "passed"}))
    sandbox.take(report(2, {"a": "failed", "b": "failed"}))
    sandbox.take(report(3, {"a": "passed", "b": "passed"}))
    sandbox.take(report(4, {"a": "passed", "b": "failed"}))

    feed = ET.fromstring(sandbox.client.get("/issues.atom").content)  # noqa: S314 (our own)

    titles = [one.text or "" for one in feed.findall("a:entry/a:title", ATOM)]
    assert [title.split(":")[0] for title in titles] == ["open", "resolved"]
    assert titles[0].endswith(": b")
    ids = [one.text or "" for one in feed.findall("a:entry/a:id", ATOM)]
    assert len(set(ids)) == 2
    assert sandbox.client.get(ids[0]).is_success


def updates(sandbox: Sandbox) -> list[tuple[str, str]]:
    """The feed's own, and the first entry's: title and time."""
    feed = ET.fromstring(sandbox.client.get("/issues.atom").content)  # noqa: S314 (our own)
    first = feed.find("a:entry", ATOM)
    assert first is not None
    return [(one.findtext("a:title", "", ATOM), one.findtext("a:updated", "", ATOM)) for one in (feed, first)]


def test_what_people_do_and_the_end_of_a_silence_are_news_of_the_feed(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed", "b": "failed"}))
    (_, first) = updates(sandbox)
    end = (sandbox.now + timedelta(hours=1)).isoformat()
    sandbox.client.post("/api/v2/issues/1/mute", json={"until": end, "actor": "lead"}).raise_for_status()

    feed, muted = updates(sandbox)
    assert feed[1] == muted[1] == sandbox.now.isoformat()
    assert first[1] < muted[1]
    assert muted[0].startswith("muted: ")
    sandbox.now += timedelta(hours=2)
    assert [updates(sandbox)[1][0].split(":")[0], updates(sandbox)[1][1]] == ["open", end]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"project": "nope"}, "there is no project 'nope'; "),
        ({"environment": "nope"}, "there is no environment 'nope'; "),
        ({"project": "opendata_dbt", "environment": "x"}, "there is no project 'opendata_dbt' with environment 'x'; "),
    ],
)
def test_a_feed_of_what_is_not_there_is_a_404_and_says_so(sandbox: Sandbox, asked: dict[str, str], told: str) -> None:
    sandbox.take(report(1, {"a": "passed"}))
    missing = sandbox.client.get("/issues.atom", params=asked)

    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert missing.json()["detail"].startswith(told)
    assert sandbox.client.get("/issues.atom", params=PLACE).status_code == 200


def test_a_message_that_is_no_xml_breaks_no_feed(sandbox: Sandbox) -> None:
    sandbox.take(saying("<b>&\x01\x08]]>", report(1, {"a": "failed"})))

    feed = ET.fromstring(sandbox.client.get("/issues.atom").content)  # noqa: S314 (our own)

    assert (feed.findtext("a:entry/a:summary", "", ATOM)).startswith("<b>&??]]>")


def test_duckdb_reads_the_history_from_both_forms(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.take(saying('one "quoted", and\ntwo lines', report(1, {"a": "passed", "b": "failed"})))
    sandbox.take(report(2, {"a": "skipped", "b": "passed"}))
    sandbox.take(report(3, {"a": "passed"}, environment="prod"))
    rows = []
    for form in ("csv", "parquet"):
        kept = tmp_path / f"results.{form}"
        kept.write_bytes(sandbox.client.get(f"/export/results.{form}", params=PLACE).content)
        query = f'select run, name, status, message, environment from "{kept}" order by run, name'  # noqa: S608
        # Not the connection that the whole process shares.
        with duckdb.connect() as connection:
            rows.append(connection.execute(query).fetchall())

    assert rows[0] == rows[1]
    assert [(run, status) for run, _, status, _, _ in rows[0]] == [
        (1, "passed"), (1, "failed"), (2, "skipped"), (2, "passed"),
    ]  # fmt: skip
    assert rows[0][1][3] == 'one "quoted", and\ntwo lines'


def test_a_column_that_is_empty_so_far_keeps_its_type(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.take(report(1, {"a": "passed"}))
    (tmp_path / "results.parquet").write_bytes(sandbox.client.get("/export/results.parquet", params=PLACE).content)

    with duckdb.connect() as connection:
        table = connection.read_parquet(str(tmp_path / "results.parquet"))
        types = dict(zip(table.columns, map(str, table.types), strict=True))

    assert (types["failures"], types["finished_at"]) == ("BIGINT", "TIMESTAMP")


def test_the_history_of_an_unknown_project_is_a_404(sandbox: Sandbox) -> None:
    assert sandbox.client.get("/export/results.csv", params={"project": "nobody"}).status_code == 404
