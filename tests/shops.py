"""A small dbt project on DuckDB whose tests fail and keep their rows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from qalita_ingest.mapping import RunLabels
from qalita_ingest.pipeline import DbtFiles, prepare_dbt
from qalita_ingest.samples import SampleRequest, attach_samples
from workspaces import write_files

if TYPE_CHECKING:
    from qalita_ingest.contract import RunReport, Sample

# Apart: in a build, what lies behind a failed test is skipped. In one process: importing dbt takes seconds.
RUN_AND_TEST = "from dbt.cli.main import dbtRunner; [dbtRunner().invoke([command]) for command in ('run', 'test')]"
PLANTED = "ada.planted@example.org"

FILES = {
    "dbt_project.yml": """
name: shop
version: "1.0"
profile: shop
models: {+materialized: table}
data_tests: {+store_failures: true}
""",
    "profiles.yml": """
shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: "{{ env_var('SHOP_DATABASE', 'shop.duckdb') }}"
      # With retries, dbt-duckdb prints what it gives up.
      retries: {connect_attempts: 1, query_attempts: 1}
    elsewhere: {type: duckdb, path: nowhere.duckdb}
    broken: {type: duckdb, path: shop.duckdb, extensions: hunter2}
    unheard_of: {type: lotus123, password: hunter2}
""",
    "models/customers.sql": "select * from {{ source('raw', 'customers') }}",
    "models/orders.sql": "select * from {{ source('raw', 'orders') }}",
    "models/people.sql": "select * from {{ ref('customers') }}",
    "models/wide.sql": "select {% for n in range(60) %}{{ n }} as c{{ n }},{% endfor %} 'x' as last",
    "models/odd.sql": r"""
select 'nan'::double as not_a_number, 0.1::double as tenth, '\x01\xff'::blob as bytes, 12.340::decimal(10, 3) as price,
    ['x', null] as list, {'k': date '2024-01-31'} as nested, map {1: true} as mapped, repeat('ab', 5000) as long_text,
    'Zürich 🚲' as city, timestamp '2024-01-31 10:00:00' as at, date '2024-01-31' as day, true as yes, null as nothing,
    chr(27) || '[31mred' || chr(27) || '[0m' || chr(0) || chr(10) || 'line' as coloured, 'null' as word
""",
    "models/schema.yml": """
sources:
  - name: raw
    tables: [{name: customers}, {name: orders}]
models:
  - name: customers
    columns:
      - {name: customer_id, data_tests: [{not_null: {name: id_not_null}}, {unique: {name: id_unique}}]}
      - name: EMAIL
        config: {meta: {pii: true}}
        data_tests:
          - unique: {name: email_unique}
          - accepted_values: {name: email_accepted, arguments: {values: ["x"]}}
          - not_null: {name: email_not_null}
      - name: city
        data_tests:
          - accepted_values: {name: city_accepted, arguments: {values: [Oslo]}}
          - not_null: {name: city_not_null_unstored, config: {store_failures: false}}
          - unique: {name: city_unique_view, config: {store_failures_as: view, severity: warn}}
          - shouting: {name: city_shouting}
  - name: orders
    columns:
      - name: customer_email
        config: {tags: [PII]}
        data_tests:
          - relationships: {name: order_of_customer, arguments: {to: ref('customers'), field: EMAIL}}
      - {name: order_id, data_tests: [{not_null: {name: order_not_null}}]}
      - {name: status, data_tests: [{accepted_values: {name: status_accepted, arguments: {values: [paid]}}}]}
  - name: people
    config: {meta: {pii: true}}
    columns: [{name: city, data_tests: [{not_null: {name: people_city}}]}]
""",
    "macros/shouting.sql": """
{% test shouting(model, column_name) %}
select upper(email) as loud, {{ column_name }} from {{ model }}
{% endtest %}
""",
    "tests/aliased.sql": """
select c.email as contact, c.city, o.order_id, o.note
from {{ ref('customers') }} as c join {{ ref('orders') }} as o on o.customer_email = c.email
""",
    "tests/oddities.sql": "select * from {{ ref('odd') }}",
    "tests/too_wide.sql": "select * from {{ ref('wide') }}",
    "tests/unreferenced.sql": "select email as contact from raw.customers",
    "tests/breaks.sql": "select city::integer as n from {{ ref('customers') }}",
}
RAW = f"""
create schema raw;
create table raw.customers as from (values
    (1, '{PLANTED}', 'Oslo', 'Ada {PLANTED}'), (null, '{PLANTED}', null, 'Bo'), (null, 'bo@example.org', null, 'Cy'),
    (4, 'cy@example.org', 'Pisa', 'Di'), (4, null, 'Oslo', 'Ed {PLANTED}')) as t(customer_id, email, city, nickname);
create table raw.orders as from (values
    (1, '{PLANTED}', 'paid', 'n1'), (2, 'gone.planted@example.org', 'lost', 'n2'))
    as t(order_id, customer_email, status, note);
"""


@dataclass(frozen=True)
class Shop:
    """The project, and the files of its run."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "shop.duckdb"

    @property
    def manifest(self) -> Path:
        return self.folder / "target" / "manifest.json"

    def report(self) -> RunReport:
        files = DbtFiles(self.manifest, [self.folder / "target" / "run_results.json"])
        return prepare_dbt(files, RunLabels(project="shop", environment="dev"))[0]

    def sampled(self, rows: int = 10, **asked: Any) -> Sampled:
        report, remarks = attach_samples(self.report(), self.request(rows, **asked))
        return Sampled(report, remarks)

    def request(self, rows: int, **asked: Any) -> SampleRequest:
        return SampleRequest(rows=rows, manifest=self.manifest, project_dir=self.folder, **asked)

    def copied_to(self, folder: Path) -> Shop:
        shutil.copytree(self.folder, folder)
        return Shop(folder)

    def execute(self, sql: str) -> None:
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(sql)


@dataclass(frozen=True)
class Sampled:
    report: RunReport
    remarks: list[str]

    @property
    def samples(self) -> dict[str, Sample]:
        """Name of the test → sample."""
        names = {check.key: check.name for check in self.report.checks}
        return {names[result.check]: result.sample for result in self.report.results if result.sample}

    def remark(self, name: str) -> str:
        """The one about the test, without its name."""
        (found,) = [remark for remark in self.remarks if remark.startswith(f"{name}: ")]
        return found.removeprefix(f"{name}: ")


def build_shop(folder: Path) -> Shop:
    shop = Shop(folder)
    write_files(folder, FILES)
    shop.execute(RAW)
    # Failed tests are what is wanted: dbt's status says nothing.
    subprocess.run([sys.executable, "-c", RUN_AND_TEST], cwd=folder, capture_output=True, check=True, timeout=300)
    return shop
