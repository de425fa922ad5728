"""From the CSV to QALITA: load and build the data, then run a pack on it with QALITA's own client.

Each step hands on what the next one needs as its output, through Dagster's I/O manager: so the steps may run in
processes or containers of their own, without a disk that they share.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource
from pydantic import Field

from assets.dbt_project import PROJECT_FOLDER
from hooks import qalita_on_failure, qalita_on_success
from resources.client_process import run_program
from resources.qalita_resource import QalitaResource

DATABASE = "opendata.duckdb"
CSV = PROJECT_FOLDER / "seeds" / "opendata_airquality.csv"
VALIDATION_SECONDS = 120
# What the pack reads; its source is the folder with `target/` in it.
ARTIFACTS = ("manifest.json", "run_results.json")
# dbt ends with 1 when a test failed, and with 2 when it could not run at all.
COULD_NOT_RUN = 2
# A server that is away for a moment. Other failures say that they are not to be tried again.
RETRIES = dg.RetryPolicy(max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
AFTER = {"after": dg.In(dg.Nothing)}


class PackToRun(dg.Config):
    """Numbers of the server: `qalita source list` and `qalita pack list` show them."""

    source_id: int = Field(default=1, description="The source: that of the open data is 1 in the sandbox.")
    pack_id: int = Field(default=1, description="The pack: example_pack is 1 in the sandbox.")


@dg.op(out=dg.Out(description="The DuckDB file."), tags={"dagster/kind/duckdb": ""})
def extract(context: dg.OpExecutionContext, dbt: DbtCliResource) -> bytes:
    """CSV → a DuckDB file of this run's own."""
    with tempfile.TemporaryDirectory() as folder:
        _validate_csv(context)
        _run_dbt(context, dbt, ["seed", "--full-refresh"], Path(folder))
        content = (Path(folder) / DATABASE).read_bytes()
    context.add_output_metadata({"size_bytes": len(content)})
    return content


@dg.op(out=dg.Out(description="dbt's artifacts: name → content."), tags={"dagster/kind/dbt": ""})
def transform(context: dg.OpExecutionContext, dbt: DbtCliResource, database: bytes) -> dict[str, bytes]:
    """`dbt build` on this run's file. Failed tests are no failure here: QALITA is to see them."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / DATABASE).write_bytes(database)
        _run_dbt(context, dbt, ["build", "--exclude", "resource_type:seed"], Path(folder))
        artifacts = {name: (Path(folder) / "target" / name).read_bytes() for name in ARTIFACTS}
    results = json.loads(artifacts["run_results.json"])["results"]
    context.add_output_metadata(_counts(results))
    if broken := [one for one in results if one["status"] == "error" and not _is_test(one)]:
        raise dg.Failure(f"dbt could not build {broken[0]['unique_id']}: {broken[0]['message']}", allow_retries=False)
    return artifacts


@dg.op(out=dg.Out(description="Of QALITA's client."), tags={"dagster/kind/qalita": ""})
def version(qalita: QalitaResource) -> str:
    return qalita.version()


@dg.op(ins=AFTER, out=dg.Out(dg.Nothing), retry_policy=RETRIES, tags={"dagster/kind/qalita": ""})
def login(qalita: QalitaResource) -> None:
    """Register the worker with the server."""
    qalita.login()


@dg.op(ins=AFTER, out=dg.Out(dg.Nothing), tags={"dagster/kind/qalita": ""})
def source_list(context: dg.OpExecutionContext, qalita: QalitaResource) -> None:
    sources = qalita.source_list()
    context.log.info("%s sources: %s", len(sources), ", ".join(source["name"] for source in sources))


@dg.op(ins=AFTER, out=dg.Out(dg.Nothing), retry_policy=RETRIES, tags={"dagster/kind/qalita": ""})
def pack_list(context: dg.OpExecutionContext, qalita: QalitaResource) -> None:
    packs = qalita.pack_list()
    context.log.info("%s packs: %s", len(packs), ", ".join(str(pack["name"]) for pack in packs))


@dg.op(
    ins=AFTER,
    out=dg.Out(description="The number of the job in QALITA."),
    retry_policy=RETRIES,
    tags={"dagster/kind/qalita": ""},
)
def run(context: dg.OpExecutionContext, config: PackToRun, qalita: QalitaResource, artifacts: dict[str, bytes]) -> str:
    """Run the pack on what dbt found in this run, and read back what the server made of it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "target").mkdir()
        for name, content in artifacts.items():
            (Path(folder) / "target" / name).write_bytes(content)
        done = qalita.run(config.source_id, config.pack_id, source_folder=Path(folder))
    context.add_output_metadata(
        {"job": done.job_id, "name": done.name, "documents": done.documents, "url": dg.MetadataValue.url(done.url)}
    )
    return done.job_id


@dg.job(
    tags={"qalita/project": "opendata_dbt", "qalita/environment": "dev"},
    hooks={qalita_on_success, qalita_on_failure},
)
def example_qalita_job() -> None:
    """Extract, transform, then QALITA's client: version, login, source list, pack list, run."""
    registered = login(version())
    run(transform(extract()), after=[source_list(registered), pack_list(registered)])


def _validate_csv(context: dg.OpExecutionContext) -> None:
    """Before dbt: it would load a bad file without a word."""
    script = PROJECT_FOLDER / "scripts" / "validate_seed.py"
    environment = {"PYTHONDONTWRITEBYTECODE": "1"}
    done = run_program(
        [sys.executable, str(script), str(CSV)],
        environment=environment,
        folder=PROJECT_FOLDER,
        timeout_seconds=VALIDATION_SECONDS,
        on_line=context.log.info,
    )
    if done.exit_code:
        raise dg.Failure(done.last, allow_retries=False)


def _run_dbt(context: dg.OpExecutionContext, dbt: DbtCliResource, command: list[str], folder: Path) -> None:
    """With a database and a target folder in `folder`; what dbt says is in the run's log."""
    variables = json.dumps({"opendata_duckdb": str(folder / DATABASE)})
    invocation = dbt.cli([*command, "--vars", variables], target_path=folder / "target", raise_on_error=False).wait()
    if invocation.process.returncode >= COULD_NOT_RUN:
        raise dg.Failure(f"dbt could not run `dbt {' '.join(command)}`: {invocation.get_error()}", allow_retries=False)
    context.log.info("dbt %s ended with exit code %s", command[0], invocation.process.returncode)


def _counts(results: list[dict[str, Any]]) -> dict[str, int]:
    """Status → number of tests."""
    statuses = [one["status"] for one in results if _is_test(one)]
    return {f"tests_{status}": statuses.count(status) for status in sorted(set(statuses))}


def _is_test(result: dict[str, Any]) -> bool:
    return str(result["unique_id"]).startswith(("test.", "unit_test."))
