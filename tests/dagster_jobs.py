"""Small Dagster jobs that show every outcome, on instances of their own.

The multiprocess executor loads this file in processes of its own, so it imports no other module of the tests. Dagster
reads annotations at run time: none of them may be put off.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from qalita_ingest import report_last_step


@dg.success_hook
def on_success(context: dg.HookContext) -> None:
    report_last_step(context.instance, context.run_id, log=context.log)


@dg.failure_hook
def on_failure(context: dg.HookContext) -> None:
    report_last_step(context.instance, context.run_id, log=context.log)


HOOKS = {on_success, on_failure}


@dg.asset
def orders(context: dg.AssetExecutionContext) -> None:
    schema = dg.TableSchema(columns=[dg.TableColumn("id", "int", description="the key")])
    context.add_output_metadata({"dagster/row_count": 5, "dagster/column_schema": schema, "ratio": 0.5, "note": "text"})


@dg.asset(deps=[orders])
def revenue() -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult(metadata={"total": 12.5})


@dg.asset_check(asset=orders)
def not_null_id() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True, metadata={"rows_looked_at": 5})


@dg.asset_check(asset=orders)
def is_fresh() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=False,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"dimension": "timeliness"},
        description="a day old",
    )


@dg.asset_check(asset=revenue)
def adds_up() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, metadata={"failed_rows": 3}, description="3 do not")


@dg.asset_check(asset=revenue)
def is_broken() -> dg.AssetCheckResult:
    raise RuntimeError("no connection")


ASSETS = [orders, revenue, not_null_id, is_fresh, adds_up, is_broken]
asset_job = dg.define_asset_job("nightly", hooks=HOOKS)
asset_definitions = dg.Definitions(assets=ASSETS[:2], asset_checks=ASSETS[2:], jobs=[asset_job])


@dg.op(out=dg.DynamicOut())
def split() -> Iterator[dg.DynamicOutput[int]]:
    for key, value in (("a", 1), ("b", 2)):
        yield dg.DynamicOutput(value, key)


@dg.op(retry_policy=dg.RetryPolicy(max_retries=1))
def double(context: dg.OpExecutionContext, value: int) -> int:
    if value == 2 and context.retry_number == 0:
        raise RuntimeError("not yet")
    return value * 2


@dg.op
def add(values: list[int]) -> int:
    return sum(values)


@dg.job(hooks=HOOKS)
def mapped_job() -> None:
    add(split().map(double).collect())


@dg.op
def begin() -> int:
    return 1


@dg.op
def fail(value: int) -> int:
    raise RuntimeError("no such table")


@dg.op
def never(value: int) -> int:
    return value


@dg.op
def aside(value: int) -> int:
    return value


@dg.job(hooks=HOOKS)
def failing_job() -> None:
    value = begin()
    never(fail(value))
    aside(value)


@dg.op(out={"wanted": dg.Out(is_required=False), "unwanted": dg.Out(is_required=False)})
def choose() -> Iterator[dg.Output[int]]:
    yield dg.Output(1, "wanted")


@dg.job(hooks=HOOKS)
def branching_job() -> None:
    wanted, unwanted = choose()
    aside(wanted)
    never(unwanted)


@contextmanager
def new_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def run_assets(instance: dg.DagsterInstance) -> str:
    """Materialize and check everything, without hooks; id of the run."""
    return dg.materialize(ASSETS, instance=instance, raise_on_error=False).run_id


def run_job(job: Any, instance: dg.DagsterInstance) -> str:
    return str(job.execute_in_process(instance=instance, raise_on_error=False).run_id)
