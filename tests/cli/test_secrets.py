"""Secrets planted in a real dbt run are found nowhere: not in the store, the outbox, any output or any request."""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from qalita_ingest.formats import FORMATS
from servers import serving
from store_dump import full_dump
from store_templates import variables_of
from workspaces import BIN, write_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")
TIMEOUT_SECONDS = 90
UNREACHABLE = "http://127.0.0.1:9"
# Of the command line (--vars), of variables, of a connection; one has what JSON and addresses escape.
TOKEN, PASSWORD, SECRET, SERVER_TOKEN = "tkn-4f9c\"a'b/é", "hunter2-warehouse", "env5ecret-77ab", "srv-tok-91d2"
OF_CONNECTION = "pg-pass-55xy"
PLANTED = (TOKEN, PASSWORD, SECRET, SERVER_TOKEN, OF_CONNECTION)
VARIABLES = {"api_token": TOKEN, "connection": f"postgres://etl:{OF_CONNECTION}@db.example.org/shop"}
PROJECT = {
    "dbt_project.yml": """
name: shop
version: "1.0"
profile: shop
flags: {send_anonymous_usage_stats: false}
models: {+materialized: table}
data_tests: {+store_failures: true}
""",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, threads: 1}}}",
    # The failing rows hold them.
    "models/orders.sql": """
select 1 as order_id, {{ "'" ~ env_var('WAREHOUSE_PASSWORD') ~ "'" }} as note
union all select null, '{{ var('api_token') | replace("'", "''") }} {{ var('connection') }}'
""",
    # dbt's error messages quote them.
    "models/broken.sql": "select cast('{{ env_var('WAREHOUSE_PASSWORD') }} {{ var('connection') }}' as integer) as n",
    "models/broken_too.sql": "select cast('{{ var('api_token') | replace(\"'\", \"''\") }}' as integer) as n",
    "tests/quoting.sql": "select 1 where 1 = cast('{{ env_var('WAREHOUSE_PASSWORD') }}' as int)",
    "models/schema.yml": """
models:
  - name: orders
    description: "asked with {{ var('api_token') }} of {{ var('connection') }}"
    config:
      meta: {asked_with: "{{ var('api_token') }}", password: "{{ env_var('WAREHOUSE_PASSWORD') }}"}
      tags: ["by-{{ env_var('WAREHOUSE_PASSWORD') }}"]
    columns:
      - name: order_id
        description: "{{ var('connection') }}"
        data_tests:
          - not_null: {name: order_id_not_null, description: "{{ var('api_token') }}"}
      - name: note
        data_tests:
          - accepted_values: {name: note_accepted, arguments: {values: ["{{ env_var('WAREHOUSE_PASSWORD') }}"]}}
exposures:
  - name: board
    type: dashboard
    url: "https://board.example.org/?token={{ env_var('WAREHOUSE_PASSWORD') }}"
    description: "{{ var('api_token') }}"
    owner: {name: data team, email: data@example.org}
    depends_on: [ref('orders')]
""",
}


def environment(folder: Path, **variables: str) -> dict[str, str]:
    return {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(folder),
        "DO_NOT_TRACK": "1",
        "WAREHOUSE_PASSWORD": PASSWORD,
        "DBT_ENV_SECRET_KEY": SECRET,
        "QALITA_AGENT_TOKEN": SERVER_TOKEN,
        **{name: value for name, value in os.environ.items() if name == "PYTHONPATH"},
    } | variables


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after `dbt build`, with failed, broken and skipped nodes."""
    folder = tmp_path_factory.mktemp("secrets") / "shop"
    write_files(folder, PROJECT)
    subprocess.run(
        ["dbt", "build", "--vars", json.dumps(VARIABLES)],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    return folder


@pytest.fixture
def shop(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "shop")
    return tmp_path / "shop"


def ingested(shop: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["qalita", "ingest", "dbt", "--project", "shop", *options],
        cwd=shop,
        env=environment(shop, **variables),
        capture_output=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )


def as_written(secret: str) -> Iterator[bytes]:
    """As it is, in JSON, in an address, in base64 at any offset."""
    yield secret.encode()
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(secret, ensure_ascii=False)[1:-1].encode()
    yield quote(secret).encode()
    for offset in range(3):
        # Without the characters that depend on the neighbours.
        yield base64.b64encode(b"\0" * offset + secret.encode())[4:-4]


def unpacked(content: bytes) -> bytes:
    """And what is inside, where it is gzip."""
    return content + (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else b"")


def leaks(*contents: bytes) -> list[str]:
    return [
        f"{secret} as {written!r}"
        for secret in PLANTED
        for written in as_written(secret)
        for content in contents
        if written in unpacked(content)
    ]


def kept(folder: Path) -> list[bytes]:
    """Every file that we wrote: SQLite's store, its write-ahead log, the outbox."""
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


def stored(store: Settings) -> list[bytes]:
    """Every value of every row, and every file."""
    tables = full_dump(store.database_url).values()
    return [*kept(store.store), *(as_bytes(value) for rows in tables for row in rows for value in row)]


def as_bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value, default=str)).encode()


def test_dbts_own_files_are_full_of_what_was_planted(built: Path) -> None:
    results = json.loads((built / "target" / "run_results.json").read_text())
    messages = " ".join(row["message"] or "" for row in results["results"])

    assert results["args"]["vars"] == VARIABLES
    assert PASSWORD in messages
    assert OF_CONNECTION in messages
    assert TOKEN in messages
    assert leaks((built / "target" / "manifest.json").read_bytes())


def test_neither_store_nor_output_holds_a_secret(shop: Path, new_store: Callable[[], Settings]) -> None:
    store = new_store()
    done = ingested(shop, **variables_of(store))

    assert done.returncode == 0, done.stderr.decode()
    assert b"broken" in done.stdout
    assert any(b"broken" in content for content in stored(store))
    assert leaks(done.stdout, done.stderr, *stored(store)) == []


def test_failing_rows_that_were_asked_for_hold_no_secret(shop: Path, new_store: Callable[[], Settings]) -> None:
    store = new_store()
    done = ingested(shop, "--sample-failures", "5", "--format", "json", **variables_of(store))

    assert done.returncode == 0, done.stderr.decode()
    assert any(b"order_id" in content for content in stored(store))
    assert leaks(done.stdout, done.stderr, *stored(store)) == []


@pytest.mark.parametrize("output", FORMATS)
def test_no_format_holds_a_secret(shop: Path, output: str) -> None:
    done = ingested(shop, "--dry-run", "--format", output, "--fail-on", "warning")

    assert (done.returncode, b"broken" in done.stdout) == (5, True)
    assert leaks(done.stdout, done.stderr) == []


def test_a_run_that_waits_in_the_outbox_holds_no_secret(shop: Path) -> None:
    done = ingested(shop, "--endpoint", UNREACHABLE)

    assert done.returncode == 3
    assert any(b"broken" in unpacked(content) for content in kept(shop / ".qalita"))
    assert leaks(done.stdout, done.stderr, *kept(shop / ".qalita")) == []


def test_a_run_that_is_refused_and_parked_holds_no_secret(shop: Path) -> None:
    with serving(lambda _call: (400, b'{"detail": "no"}')) as server:
        done = ingested(shop, "--endpoint", server.url)

    assert done.returncode == 4
    assert (
        leaks(done.stdout, done.stderr, *kept(shop / ".qalita"), *(unpacked_body(call.body) for call in server.calls))
        == []
    )


def unpacked_body(body: bytes) -> bytes:
    try:
        return body + zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body)
    except zlib.error:
        return body


def test_the_wrapper_leaves_no_secret_either(shop: Path) -> None:
    command = ["--", "dbt", "--quiet", "test", "--select", "orders", "--vars", json.dumps(VARIABLES)]

    done = ingested(shop, "--format", "json", *command)

    assert done.returncode == 1
    # Its stderr is dbt's output here. In SQLite only: dbt takes seconds, and the way into the store is that of above.
    assert leaks(done.stdout, *kept(shop / ".qalita")) == []
