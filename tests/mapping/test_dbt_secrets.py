"""From artifacts to a report, where secrets stand in them."""

from pathlib import Path

import pytest

from air_artifacts import MANIFEST, STAGING, TEST, prepared, row, run_results
from qalita_ingest.mapping import secrets_in_variables


def test_arguments_of_dbt_never_reach_the_report(tmp_path: Path) -> None:
    secret = "hunter2-in-vars"
    run, summary = prepared(
        tmp_path,
        run_results(
            row(TEST, "pass"),
            which="test",
            vars={"token": secret},
            profiles_dir=f"/home/{secret}",
            invocation_command=secret,
        ),
    )

    assert secret not in repr(run)
    assert secret.encode() not in summary.as_json()


def test_a_password_in_an_error_message_is_struck_out(tmp_path: Path) -> None:
    message = 'could not connect to "postgresql://svc:hunter2@db/prod"'
    run, summary = prepared(
        tmp_path, run_results(row(STAGING, "error", message=message), row(TEST, "error", message=message))
    )

    assert run.steps[0].message == run.results[0].message == 'could not connect to "postgresql://***@db/prod"'
    assert b"hunter2" not in summary.as_json()


def test_variables_that_are_names_of_tables_leave_the_names_alone(tmp_path: Path) -> None:
    run, _ = prepared(
        tmp_path,
        run_results(row(TEST, "fail", message="stg is late"), vars={"table": "not_null_stg_value", "x": "stg"}),
    )

    assert run.results[0].check == TEST
    assert run.results[0].message == "stg is late"


def test_two_secrets_in_two_keys_leave_two_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = "test.air.is_Winter2024", "test.air.is_Summer2024"
    nodes = {key: MANIFEST["nodes"][TEST] | {"unique_id": key, "name": key.split(".")[-1]} for key in (first, second)}
    monkeypatch.setitem(MANIFEST, "nodes", MANIFEST["nodes"] | nodes)
    hidden = {"db_pass": "Winter2024", "old_pwd": "Summer2024"}

    run, summary = prepared(tmp_path, run_results(row(first, "pass"), row(second, "fail"), vars=hidden))

    assert len({result.check for result in run.results}) == 2
    assert not any(secret in str(run) + str(summary) for secret in hidden.values())


def test_an_unknown_id_that_holds_a_secret_is_not_printed(tmp_path: Path) -> None:
    gone = row("test.air.is_tk9f8e7d6c5b4a.abc", "pass")

    _, summary = prepared(tmp_path, run_results(gone, vars={"api_token": "tk9f8e7d6c5b4a"}), allow_mixed=True)

    assert summary.mixed
    assert b"tk9f8e7d6c5b4a" not in summary.as_json()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"link": "postgres://etl:pa@ss9xyz@db/shop"}, {"pa@ss9xyz"}),
        ("{db_password: 'correct horse, battery', day: 2026-01-01}", {"correct horse, battery"}),
        ({"author": "orders_team", "authority": "main_office", "path": "a/b/c/d"}, set()),
        ({"table": "orders_2024_eu", "at": "20260101T000000Z", "schema": "ci_pr_123_ab"}, set()),
        ({"nested": {"db": {"pwd": "hunter2x8y"}}}, {"hunter2x8y"}),
        ({"anything": "Zk3f9QmX72LpWv"}, {"Zk3f9QmX72LpWv"}),
    ],
)
def test_which_variables_hold_secrets(variables: object, expected: set[str]) -> None:
    assert secrets_in_variables(variables) == expected
