"""Write the examples of the OpenAPI from a real run; --check writes nothing and fails on drift.

The run is the report on docs/contract.md: a sandbox with a clock that stands still takes it, and each route answers.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import re
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.testclient import TestClient

from qalita_ingest.contract import decode_report, idempotency_key
from qalita_ingest.sandbox.access import Access, Hosts, Tokens
from qalita_ingest.sandbox.app import create_app
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.routers.v2.openapi import EXAMPLES
from qalita_ingest.sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "contract.md"
LOOPBACK = "http://127.0.0.1:3080"
SECRET = "0" * 64
MOMENT = datetime(2026, 11, 22, 3, tzinfo=UTC)
PREFIX = "/api/v2"
OF_PROJECT = {"project": "opendata_dbt"}
ACTOR = {"actor": "data-platform team"}
# In this order: what people do to the issue shows in its story.
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("GET /ingest/capabilities", {}),
    ("GET /projects", {}),
    ("GET /projects/{name}", {"name": "opendata_dbt"}),
    ("GET /datasets", OF_PROJECT),
    ("GET /datasets/{dataset_id}", {"dataset_id": 1}),
    ("GET /checks", OF_PROJECT),
    ("GET /checks/{check_id}", {"check_id": 2}),
    ("GET /checks/{check_id}/results", {"check_id": 2}),
    ("GET /runs", {}),
    ("GET /runs/{run_id}", {"run_id": 1}),
    ("GET /runs/{run_id}/results", {"run_id": 1}),
    ("GET /runs/{run_id}/steps", {"run_id": 1}),
    ("GET /scores", OF_PROJECT | {"perimeter": "dimension"}),
    ("GET /metrics", OF_PROJECT),
    ("GET /data-sources", {}),
    ("GET /job-history", {}),
    ("GET /job-history/{job_id}", {"job_id": 1}),
    ("POST /issues/{issue_id}/assign", {"issue_id": 1, "assignee": "data-platform team"} | ACTOR),
    ("POST /issues/{issue_id}/due", {"issue_id": 1, "due_on": "2026-11-30"} | ACTOR),
    ("POST /issues/{issue_id}/comment", {"issue_id": 1, "text": "The source sent this month late."} | ACTOR),
    ("POST /issues/{issue_id}/mute", {"issue_id": 1, "until": "2026-11-24T00:00:00Z"} | ACTOR),
    ("GET /issues", {}),
    ("GET /issues/{issue_id}", {"issue_id": 1}),
    ("GET /issues/{issue_id}/events", {"issue_id": 1}),
    ("POST /webhooks", OF_PROJECT | {"url": "https://example.org/qalita", "score_below": 0.9}),
    ("POST /webhooks/{webhook_id}/test", {"webhook_id": 1}),
    ("GET /webhooks", {}),
    ("GET /webhooks/{webhook_id}/deliveries", {"webhook_id": 1}),
    ("POST /tokens", {"name": "ci", "role": "dataengineer", "days": 30}),
    ("GET /tokens", {}),
)
# What is another one each time, and may not be written down: secrets, tokens, random ids.
RANDOM = (
    (re.compile(r"whsec_[A-Za-z0-9+/=]+"), "whsec_…"),
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"), "eyJ…"),
    (re.compile(r"\b(msg_)?[0-9a-f]{32}\b"), r"\g<1>0123456789abcdef0123456789abcdef"),
)


def examples() -> bytes:
    """Method and path → what the route answered."""
    report = _report()
    with _empty_sandbox() as client:
        in_parts = _sent_in_parts(client, report)
    with _empty_sandbox() as client:
        answer = client.post(f"{PREFIX}/ingest/runs", content=report)
        answered = {f"POST {PREFIX}/ingest/runs": answer.raise_for_status().json()} | in_parts
        answered |= {_route(call): _answer(client, call, values) for call, values in CALLS}
    return msgspec.json.format(msgspec.json.encode(answered), indent=1) + b"\n"


@contextmanager
def _empty_sandbox() -> Iterator[TestClient]:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Settings(Path(folder)))
        access = Access(Tokens(database, SECRET), Hosts(), is_token_required=False)
        app = create_app(database, clock=lambda: MOMENT, access=access)
        with TestClient(app, base_url=LOOPBACK, client=("127.0.0.1", 50000)) as client:
            # Nobody is told of it.
            app.state.webhooks.stop()
            yield client
        database.close()


def _report() -> bytes:
    found = re.search(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{PAGE} shows no report"  # noqa: S101 (the page is ours)
    return found[1].encode()


def _sent_in_parts(client: TestClient, report: bytes) -> dict[str, Any]:
    packed, key = gzip.compress(report, mtime=0), idempotency_key(decode_report(report))
    middle = len(packed) // 2
    upload = f"{PREFIX}/ingest/uploads"
    for number, part in enumerate((packed[:middle], packed[middle:]), start=1):
        client.put(f"{upload}/{key}/parts/{number}", content=part).raise_for_status()
    wish = {"parts": 2, "sha256": hashlib.sha256(packed).hexdigest()}
    answer = client.post(f"{upload}/{key}/complete", json=wish)
    return {f"POST {upload}/{{key}}/complete": answer.raise_for_status().json()}


def _route(call: str) -> str:
    method, path = call.split()
    return f"{method} {PREFIX}{path}"


def _answer(client: TestClient, call: str, values: dict[str, Any]) -> Any:
    """The values that the path does not name are asked for, or sent."""
    method, path = call.split()
    others = {name: value for name, value in values.items() if f"{{{name}}}" not in path}
    address = PREFIX + path.format(**values)
    answer = client.get(address, params=others) if method == "GET" else client.post(address, json=others)
    return _without_chance(answer.raise_for_status().text)


def _without_chance(text: str) -> Any:
    for random, shown in RANDOM:
        text = random.sub(shown, text)
    return msgspec.json.decode(text)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the examples of the OpenAPI from a real run.")
    parser.add_argument("--check", action="store_true", help="compare only")
    if not parser.parse_args().check:
        EXAMPLES.write_bytes(examples())
    elif not EXAMPLES.exists() or EXAMPLES.read_bytes() != examples():
        print(
            f"{EXAMPLES.name} is not what the routes answer; run `.venv/bin/python scripts/generate_api_examples.py`",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
