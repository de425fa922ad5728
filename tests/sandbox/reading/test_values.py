"""What is read is what plain counts over the runs give."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import text

from factories import DATASET, MIDNIGHT, report
from qalita_ingest.contract import Dataset, Exposure
from qalita_ingest.sandbox import reading
from qalita_ingest.sandbox.database.model import Asset, Job
from qalita_ingest.sandbox.intake import take_in
from qalita_ingest.sandbox.reading import Window, recent_results
from sandbox_history import HISTORY, NOW

if TYPE_CHECKING:
    import pytest
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.database import Database

STORES = ("sqlite", "postgresql")
VALUES = {"passed": 1.0, "warning": 0.5, "failed": 0.0, "error": 0.0}


def prod(session: Session) -> reading.EnvironmentRef:
    found = reading.find_environment(session, "opendata_dbt", "prod")
    assert found
    return found


def score_of_hour(hour: int) -> float:
    values = [VALUES[history[hour]] for history in HISTORY.values() if history[hour] in VALUES]
    return sum(values) / len(values)


def test_without_a_name_the_environment_is_that_of_the_newest_run(session: Session) -> None:
    named = [reading.find_environment(session, "opendata_dbt", name) for name in (None, "prod", "staging")]
    assert [one and one.name for one in named] == ["dev", "prod", None]
    assert reading.find_environment(session, "nobody") is None


def test_a_project_shows_the_newest_run_of_each_environment(session: Session) -> None:
    project = reading.find_project(session, "opendata_dbt", NOW)
    assert project
    dev, production = project.environments
    assert (project.datasets, project.checks) == (1, 3)
    assert (dev.name, dev.runs, dev.score, dev.previous_score, dev.open_issues) == ("dev", 1, 0.0, None, 1)
    assert (production.name, production.runs) == ("prod", 6)
    assert production.last_run_at == MIDNIGHT + timedelta(hours=5)
    assert (production.score, production.previous_score) == (score_of_hour(5), score_of_hour(4))
    # a failed last; c warned, and skipped after that.
    assert production.open_issues == 2


def test_an_unknown_thing_is_none(session: Session) -> None:
    environment = prod(session)
    assert reading.find_project(session, "nobody", NOW) is None
    assert reading.find_run(session, 99) is None
    assert reading.find_job(session, 99) is None
    assert reading.find_check(session, 99, environment) is None
    assert reading.find_dataset(session, 99, environment) is None
    assert reading.find_pack(session, 99) is None
    assert reading.find_registered_source(session, 99) is None


def test_runs_are_counted_by_status(session: Session) -> None:
    runs = reading.list_runs(session, project="opendata_dbt", environment="prod").items
    assert [run.run_id for run in runs] == [f"invocation-{hour:02d}" for hour in range(5, -1, -1)]
    assert [run.counts for run in reversed(runs)] == [
        Counter(history[hour] for history in HISTORY.values()) for hour in range(6)
    ]
    assert [run.score for run in reversed(runs)] == [score_of_hour(hour) for hour in range(6)]


def test_a_run_of_an_older_version_is_counted_when_it_is_read(database: Database) -> None:
    with database.reading() as session:
        before = reading.list_runs(session).items, reading.find_run(session, 2)
    with database.writing() as session:
        session.execute(text("update runs set counts = null"))
    with database.reading() as session:
        assert (reading.list_runs(session).items, reading.find_run(session, 2)) == before


def test_a_run_tells_its_context_its_scores_and_what_it_changed(session: Session) -> None:
    run = reading.find_run(session, 2)
    assert run
    assert (run.environment, run.git_sha, run.tool, run.job_id) == ("prod", f"{1:040x}", "dbt", None)
    assert run.score == run.scores[0].value == score_of_hour(1)
    assert [(one.perimeter, one.checks, one.excluded) for one in run.scores] == [
        ("project", 2, 1),
        ("dimension", 2, 1),
        ("dataset", 2, 1),
    ]
    assert [one.id for one in run.invocations] == ["invocation-01"]
    assert (run.steps, run.metrics) == (1, 1)
    assert [change.title for change in run.opened] == ["[QALITA] stg_airquality: a"]


def test_results_of_a_run_come_worst_first_and_can_be_chosen(session: Session) -> None:
    found = reading.list_run_results(session, 2).items
    assert [(one.name, one.status, one.score) for one in found] == [
        ("a", "failed", 0.0),
        ("c", "skipped", None),
        ("b", "passed", 1.0),
    ]

    def names(**wanted: str) -> list[str]:
        return [one.name for one in reading.list_run_results(session, 2, **wanted).items]

    assert names(status="passed") == ["b"]
    assert names(dimension="validity") == ["a", "c", "b"]
    assert names(dimension="accuracy") == names(dataset="model.opendata.other") == names(kind="freshness") == []
    assert names(dataset=DATASET, kind="data_test") == ["a", "c", "b"]


def test_a_check_shows_its_last_results_newest_first(session: Session) -> None:
    a, b, c = reading.list_checks(session, prod(session)).items
    for check in (a, b, c):
        assert [one.status for one in check.recent] == HISTORY[check.name][::-1]
        assert check.status == HISTORY[check.name][-1]
        assert check.score == VALUES.get(HISTORY[check.name][-1])
        assert check.last_seen_at == MIDNIGHT + timedelta(hours=5)
        assert (check.dataset, check.dataset_name, check.owner) == (DATASET, "stg_airquality", "data team")
    assert [check.is_flaky for check in (a, b, c)] == [True, False, False]


def test_a_check_has_a_state_of_its_own_in_each_environment(session: Session) -> None:
    dev = reading.find_environment(session, "opendata_dbt", "dev")
    assert dev
    found = {check.name: check.status for check in reading.list_checks(session, dev).items}
    assert found == {"a": "error", "b": None, "c": None}
    assert [one.status for one in reading.list_check_results(session, 1, dev.id).items] == ["error"]


def test_checks_can_be_chosen(session: Session) -> None:
    environment = prod(session)
    assert len(reading.list_checks(session, environment, dataset=DATASET, kind="data_test").items) == 3
    assert not reading.list_checks(session, environment, dimension="accuracy").items
    other = reading.find_environment(session, "other")
    assert other
    assert [check.name for check in reading.list_checks(session, other).items] == ["z"]
    assert reading.find_check(session, 1, other) is None


def test_the_history_of_a_check_is_that_of_the_environment(session: Session) -> None:
    found = reading.list_check_results(session, 1, prod(session).id).items
    assert [one.status for one in found] == HISTORY["a"][::-1]
    assert [one.invocation for one in found] == [f"invocation-{hour:02d}" for hour in range(5, -1, -1)]
    rows = session.execute(
        text(
            "select r.id, r.run_id from results r join invocations i on i.id = r.invocation_id "
            "join environments e on e.id = i.environment_id where r.check_id = 1 and e.name = 'prod' "
            "order by i.finished_at desc"
        )
    )
    assert [(one.id, one.run) for one in found] == [tuple(row) for row in rows]


def test_only_so_many_recent_results_are_read(database: Database) -> None:
    for hour in range(8, 20):
        take_in(database, report(hour, {"b": "failed"}, environment="prod"), NOW)
    with database.reading() as session:
        b = reading.find_check(session, 2, prod(session))
    assert b
    assert [one.status for one in b.recent] == ["failed"] * 10


def test_flaky_is_judged_by_the_latest_outcomes_however_many_results_lie_between(database: Database) -> None:
    for hour in range(8, 20):
        take_in(database, report(hour, {"a": "skipped"}, environment="prod"), NOW)
    with database.reading() as session:
        a = reading.find_check(session, 1, prod(session))
    assert a
    assert ([one.status for one in a.recent], a.is_flaky) == (["skipped"] * 10, True)


def test_outcomes_before_the_latest_ten_make_no_check_flaky(database: Database) -> None:
    for hour in range(8, 30):
        status = "passed" if hour % 2 else "not_executed"
        take_in(database, report(hour, {"a": status}, environment="prod"), NOW)
    with database.reading() as session:
        a = reading.find_check(session, 1, prod(session))
    assert a
    assert a.is_flaky is False


def test_outcomes_are_looked_for_only_so_far_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_results, "LOOKED_AT", 14)
    for hour in range(8, 18):
        take_in(database, report(hour, {"a": "skipped"}, environment="prod"), NOW)
    with database.reading() as session:
        before = reading.find_check(session, 1, prod(session))
    take_in(database, report(18, {"a": "skipped"}, environment="prod"), NOW)
    with database.reading() as session:
        after = reading.find_check(session, 1, prod(session))
    assert before
    assert after
    assert (before.is_flaky, after.is_flaky) == (True, False)


def test_a_dataset_shows_the_newest_score_of_its_environment(session: Session) -> None:
    (dataset,) = reading.list_datasets(session, prod(session)).items
    assert (dataset.key, dataset.source, dataset.checks) == (DATASET, "duckdb:opendata", 3)
    assert (dataset.score, dataset.scored_run) == (score_of_hour(5), 6)
    assert not reading.list_datasets(session, prod(session), kind="seed").items
    assert not reading.list_datasets(session, prod(session), source="elsewhere").items


def test_scores_of_a_perimeter_come_newest_first(session: Session) -> None:
    environment = prod(session)
    points = reading.list_scores(session, environment.id).items
    assert [one.value for one in points] == [score_of_hour(hour) for hour in range(5, -1, -1)]
    assert {one.key for one in points} == {"opendata_dbt"}
    of_dataset = reading.list_scores(session, environment.id, perimeter="dataset", key=DATASET).items
    assert [one.checks for one in of_dataset] == [2, 3, 3, 3, 2, 2]
    assert not reading.list_scores(session, environment.id, perimeter="dimension", key="accuracy").items


def test_metrics_can_be_chosen(session: Session) -> None:
    environment = prod(session)
    assert [one.run for one in reading.list_metrics(session, environment.id).items] == [6, 5, 4, 3, 2, 1]
    (one,) = reading.list_metrics(session, environment.id, run=3, key="rows", perimeter="dataset", scope=DATASET).items
    assert (one.value, one.scope, one.finished_at) == (10, DATASET, MIDNIGHT + timedelta(hours=2))
    assert not reading.list_metrics(session, environment.id, key="seconds").items


def test_sources_are_listed_with_their_datasets(session: Session) -> None:
    found = [(one.project, one.name, one.datasets) for one in reading.list_sources(session).items]
    assert found == [("opendata_dbt", "duckdb:opendata", 1), ("other", "duckdb:opendata", 1)]
    assert len(reading.list_sources(session, project="other").items) == 1


def test_lineage_goes_three_levels_up_and_down(database: Database) -> None:
    chain = [f"model.opendata.{name}" for name in "abcdefghi"]
    datasets = [
        Dataset(key=key, name=key[-1], kind="model", source="duckdb:opendata", depends_on=tuple(chain[:place][-1:]))
        for place, key in enumerate(chain)
    ]
    used = [
        Exposure(key="exposure.opendata.board", name="board", depends_on=(chain[6],)),
        Exposure(key="exposure.opendata.elsewhere", name="elsewhere", depends_on=(chain[0],)),
    ]
    run = report(9, {"n": "passed"}, project="chained")
    take_in(database, msgspec.structs.replace(run, datasets=(*run.datasets, *datasets), exposures=tuple(used)), NOW)
    with database.reading() as session:
        environment = reading.find_environment(session, "chained")
        assert environment
        middle = next(one for one in reading.list_datasets(session, environment).items if one.name == "e")
        found = reading.find_dataset(session, middle.id, environment)
    assert found
    assert {node.name: node.level for node in found.lineage.datasets} == dict(zip("bcdefgh", range(-3, 4), strict=True))
    assert [one.name for one in found.lineage.exposures] == ["board"]
    assert {(edge.source[-1], edge.target[-1]) for edge in found.lineage.edges} == {
        *zip("bcdefg", "cdefgh", strict=True),
        ("g", "d"),
    }


def test_a_circle_of_datasets_ends(database: Database) -> None:
    names = ("p", "q")
    datasets = tuple(
        Dataset(key=f"model.{one}", name=one, kind="model", source="duckdb:opendata", depends_on=(f"model.{other}",))
        for one, other in zip(names, names[::-1], strict=True)
    )
    run = report(9, {"n": "passed"}, project="round")
    take_in(database, msgspec.structs.replace(run, datasets=(*run.datasets, *datasets)), NOW)
    with database.reading() as session:
        environment = reading.find_environment(session, "round")
        assert environment
        first = next(one for one in reading.list_datasets(session, environment).items if one.name == "p")
        found = reading.find_dataset(session, first.id, environment)
    assert found
    assert {node.name for node in found.lineage.datasets} == {"p", "q"}


def test_a_job_shows_its_files_and_the_end_of_a_long_log(database: Database) -> None:
    with database.writing() as session:
        session.add(job := Job(kind="pack", status="failed", name="a pack", created_at=NOW, started_at=NOW))
        session.flush()
        for bucket, content in (("logs", b"begin" + b"x" * 300_000 + b"end"), ("outputs", b"<svg/>")):
            session.add(
                Asset(
                    name="one",
                    version="1.0.0",
                    bucket=bucket,
                    type="log",
                    file_name=f"{bucket}.txt",
                    size_bytes=len(content),
                    sha256="0" * 64,
                    content=content,
                    job_id=job.id,
                    created_at=NOW,
                )
            )
        number = job.id
    with database.reading() as session:
        found = reading.find_job(session, number)
        newest = reading.list_jobs(session, kind="pack", window=Window(1)).items
    assert found
    assert (found.job.status, found.job.seconds) == ("failed", None)
    assert newest == (found.job,)
    assert [one.file_name for one in found.files] == ["logs.txt", "outputs.txt"]
    (log,) = found.logs
    assert log.is_cut
    assert log.text.endswith("end")
    assert "begin" not in log.text
