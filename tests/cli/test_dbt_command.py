"""`qalita ingest dbt -- dbt build`: the real dbt on a small project."""

from __future__ import annotations

import json
import shutil
import signal
import time
from typing import TYPE_CHECKING

import pytest

from workspaces import Done, write_files
from wrapped_commands import TIMEOUT_SECONDS, Shop

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, threads: 1}}}\n",
    "models/orders.sql": "select unnest([1, null]) as order_id, now()::timestamp as loaded_at\n",
    # Some seconds: long enough to be interrupted, and over soon should the interruption come before the query.
    "models/slow.sql": "{{ config(enabled=var('slow', false), materialized='table') }}\n"
    "select count(*) as n from {{ ref('orders') }}, range(2000000000) t(x) where x % 7 = 3\n",
    "models/schema.yml": """
sources:
  - name: lake
    schema: main
    tables:
      - name: orders
        config: {loaded_at_field: loaded_at, freshness: {error_after: {count: 1, period: day}}}
models:
  - name: orders
    columns:
      - name: order_id
        data_tests: [unique, not_null]
""",
}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Done]:
    """The project after `dbt build` through the wrapper; one of its two tests fails."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    write_files(shop.folder, PROJECT)
    return shop, shop.wrapped("dbt", "build")


@pytest.fixture
def shop(first: tuple[Shop, Done], tmp_path: Path) -> Shop:
    """The built project, for a test of its own, without anything taken in."""
    shutil.copytree(first[0].folder, tmp_path / "shop", ignore=shutil.ignore_patterns(".qalita"))
    return Shop(tmp_path / "shop")


def test_a_build_with_a_failed_test_is_taken_in_and_keeps_its_exit_code(first: tuple[Shop, Done]) -> None:
    _, done = first

    assert done.status == 1
    assert "Done. PASS=2 WARN=0 ERROR=1" in done.stdout
    assert "passed 1 · warning 0 · failed 1" in done.stdout
    assert "opened    #1 [QALITA] orders: not_null_orders_order_id (high)" in done.stdout
    assert done.stderr == ""


def test_results_of_before_are_not_taken_when_the_project_does_not_parse(shop: Shop) -> None:
    (shop.folder / "models" / "orders.sql").write_text("select * from {{ ref('nowhere') }}")

    done = shop.wrapped("dbt", "build")

    assert done.status == 2
    assert "target/run_results.json is not taken: the command left it as it was" in done.stderr
    assert "nothing to take in: the command ended with exit code 2 before it wrote results" in done.stderr
    assert not (shop.folder / ".qalita").exists()


def test_a_retry_takes_the_rows_that_it_ran(shop: Shop) -> None:
    done = shop.wrapped("dbt", "retry", options=("--format", "json"))

    content = json.loads(done.stdout)
    assert (done.status, content["counts"]["failed"], content["not_selected"]) == (1, 1, 1)
    assert "FAIL 1 not_null_orders_order_id" in done.stderr


def test_freshness_is_taken_without_the_results_of_before(shop: Shop) -> None:
    done = shop.wrapped("dbt", "--quiet", "source", "freshness", options=("--format", "json", "--dry-run"))

    content = json.loads(done.stdout)
    assert done.status == 0
    assert [(one["kind"], one["status"]) for one in content["results"]] == [("freshness", "passed")]
    assert "is not taken" not in done.stderr
    assert not (shop.folder / ".qalita").exists()


def test_a_compile_executes_no_test(shop: Shop) -> None:
    done = shop.wrapped("dbt", "compile", "--target-path", "elsewhere", options=("--format", "json"))

    content = json.loads(done.stdout)
    assert (done.status, content["counts"]["passed"], content["counts"]["not_executed"]) == (0, 0, 2)
    assert (shop.folder / "elsewhere" / "run_results.json").exists()
    assert done.stderr.endswith(
        "qalita ingest: no test was executed: the results are of `dbt compile`, "
        "which overwrote those of your build; ingest before you run `dbt compile`\n"
    )


def test_a_command_that_writes_a_manifest_alone_leaves_nothing_to_take_in(shop: Shop) -> None:
    done = shop.wrapped("sh", "-c", "echo '{}' > target/manifest.json", options=("--fail-on", "error"))

    assert done.status == 0
    assert "nothing to take in: the command wrote no results" in done.stderr
    assert not (shop.folder / ".qalita").exists()


def test_an_interrupted_dbt_winds_up_and_what_it_did_is_taken_in(shop: Shop) -> None:
    with shop.started("dbt", "run", "--vars", "{slow: true}") as (wrapper, lines):
        next(line for line in lines if "START sql table model main.slow" in line)
        time.sleep(0.5)

        wrapper.send_signal(signal.SIGINT)
        stdout, _ = wrapper.communicate(timeout=TIMEOUT_SECONDS)

    assert "Exited because of keyboard interrupt" in stdout
    assert "Steps   model success 1" in stdout
    assert wrapper.returncode == 2
