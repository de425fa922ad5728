"""What pages are made of: charts, files, the style sheet, errors, words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from qalita_ingest.sandbox.dashboard.rendering import ago, per_cent, query, seconds, size
from qalita_ingest.sandbox.dashboard.tables import as_csv
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.database.model import Asset, Job, Recommendation, Upload, UploadedMetric
from sandbox_pages import HTML
from sandboxes import Sandbox, open_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CHARTS = [
    "/charts/score.svg?project=opendata_dbt&environment=dev",
    "/charts/score.svg?project=opendata_dbt&environment=dev&dataset=model.opendata.stg_airquality",
    "/charts/dimensions/2.svg",
    "/charts/checks/1/history.svg?environment=dev",
    "/charts/checks/1/duration.svg?environment=dev",
    "/charts/datasets/1/lineage.svg",
]


class Row(msgspec.Struct):
    cell: object


@pytest.mark.parametrize("address", CHARTS)
def test_a_chart_is_kept_by_the_browser_until_it_changes(shown: Sandbox, address: str) -> None:
    response = shown.client.get(address)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("image/svg+xml")
    again = shown.client.get(address, headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    dark = shown.client.get(f"{address}{'&' if '?' in address else '?'}theme=dark&size=narrow")
    assert dark.headers["etag"] != response.headers["etag"]


def test_a_chart_that_is_opened_runs_nothing(shown: Sandbox) -> None:
    assert shown.client.get(CHARTS[0]).headers["content-security-policy"].startswith("default-src 'none'")


def test_the_chart_of_a_score_tells_the_scores_of_the_store(shown: Sandbox) -> None:
    ((score,),) = shown.rows("select value from scores where run_id = 2 and perimeter = 'project'")
    assert (
        f"2 runs, 2026-01-01 01:00 UTC to 2026-01-01 02:00 UTC. Latest {score:.1%}" in shown.client.get(CHARTS[0]).text
    )


def test_every_chart_on_a_page_is_there(shown: Sandbox) -> None:
    for page in ("/overview", "/projects/opendata_dbt?environment=dev", "/runs/2", "/datasets/1", "/checks/1"):
        text = shown.client.get(page, headers=HTML).text
        addresses = re.findall(r'(?:src|srcset)="(/charts/[^"]+)"', text)
        assert addresses, page
        for address in addresses:
            assert shown.client.get(address.replace("&amp;", "&")).status_code == 200, address


def test_every_link_on_a_page_leads_somewhere(shown: Sandbox) -> None:
    for page in ("/overview", "/projects/opendata_dbt?environment=dev", "/runs", "/runs/2", "/issues", "/issues/1"):
        for address in set(re.findall(r'href="(/[^"]+)"', shown.client.get(page, headers=HTML).text)):
            assert shown.client.get(address.replace("&amp;", "&")).status_code == 200, f"{page}: {address}"


def test_the_style_sheet_may_be_kept_for_ever_under_the_address_of_its_content(shown: Sandbox) -> None:
    (address,) = re.findall(r'href="(/static/[^"]+\.css)"', shown.client.get("/overview").text)
    response = shown.client.get(address)
    assert response.headers["content-type"].startswith("text/css")
    assert "immutable" in response.headers["cache-control"]
    assert shown.client.get("/static/dashboard.000000000000.css").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/nonsense",
        "/runs/999",
        "/issues/999",
        "/projects/unheard_of",
        "/checks/999",
        *(f"/{kind}/{2**63}" for kind in ("runs", "datasets", "checks", "issues", "jobs")),
        "/runs/0",
    ],
)
def test_a_browser_is_shown_a_page_where_nothing_is(shown: Sandbox, address: str) -> None:
    response = shown.client.get(address, headers=HTML)
    assert response.status_code == 404
    assert "<h1>Not Found</h1>" in response.text
    assert "Back to the overview" in response.text


@pytest.mark.parametrize(
    ("address", "accept"),
    [
        (f"/charts/dimensions/{2**63}.svg", "*/*"),
        ("/runs/999", "*/*"),
        ("/runs/999.json", HTML["Accept"]),
        ("/api/v2/runs/999", HTML["Accept"]),
    ],
)
def test_a_program_is_told_the_problem(shown: Sandbox, address: str, accept: str) -> None:
    response = shown.client.get(address, headers={"Accept": accept})
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("status=x", "status: expected 'passed', 'warning', 'failed', 'error', "),
        ("dimension=x", "dimension: expected 'accuracy', "),
    ],
)
def test_a_filter_that_no_result_can_match_is_refused_on_the_page_and_its_twins(
    shown: Sandbox, asked: str, told: str
) -> None:
    for ending in ("", ".json", ".csv"):
        refused = shown.client.get(f"/runs/2{ending}?{asked}")
        assert refused.status_code == 422
        assert refused.json()["detail"].startswith(told)


def test_an_empty_filter_is_none(shown: Sandbox) -> None:
    everything = shown.client.get("/runs/2.json").json()
    assert shown.client.get("/runs/2.json?status=&dimension=&dataset=").json() == everything


def test_a_cursor_of_another_list_is_refused(shown: Sandbox) -> None:
    assert shown.client.get("/runs?cursor=nonsense", headers=HTML).status_code == 400


def test_an_upload_is_handed_out_as_a_file_and_the_log_is_text(new_store: Callable[[], Settings]) -> None:
    settings = new_store()
    database = open_database(settings)
    with database.writing() as session:
        session.add(Job(id=1, kind="pack", status="failed", name="nightly", error="exit code 1", created_at=NOON))
        session.flush()
        content = b"<script>alert(1)</script>"
        for number, (bucket, name) in enumerate((("logs", "job.log"), ("outputs", "figure.html")), start=1):
            session.add(
                Asset(
                    id=number, name=name, version="1", bucket=bucket, type="text", file_name=name, job_id=1,
                    size_bytes=len(content), sha256="0" * 64, content=content, created_at=NOON,
                )
            )  # fmt: skip
        session.add(Upload(id=1, kind="metrics", job_id=1, content="[]", created_at=NOON))
        session.flush()
        session.add(UploadedMetric(upload_id=1, key="score", value="0.5", number=0.5))
        session.add(Recommendation(upload_id=1, content="Ask the supplier", level="high"))
    database.close()
    with open_sandbox(settings.store, settings.url) as sandbox:
        text = sandbox.client.get("/jobs/1", headers=HTML).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "exit code 1" in text
        assert text.index("Ask the supplier") < text.index(">score<")
        response = sandbox.client.get("/assets/2")
        assert response.content == content
        assert response.headers["content-disposition"].startswith('attachment; filename="figure.html"')
        assert response.headers["content-type"] == "application/octet-stream"
        assert "sandbox" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        ("plain, with a comma", '"plain, with a comma"'),
        (-1.5, "-1.5"),
        (None, '""'),
        (True, "true"),
        (NOON, "2026-01-01T12:00:00+00:00"),
        (["=1"], '"[""=1""]"'),
    ],
)
def test_no_cell_of_a_table_is_a_formula(cell: object, written: str) -> None:
    assert as_csv(Row, [Row(cell)]).decode() == f"cell\r\n{written}\r\n"


@pytest.mark.parametrize(("score", "shown_as"), [(1, "100.0 %"), (0.99996, "99.9 %"), (0.875, "87.5 %"), (0, "0.0 %")])
def test_only_a_perfect_score_is_shown_as_one_hundred_per_cent(score: float, shown_as: str) -> None:
    assert per_cent(score) == shown_as


@pytest.mark.parametrize(
    ("away", "told"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=89), "89 minutes ago"),
        (timedelta(minutes=100), "2 hours ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=-3), "in 3 days"),
    ],
)
def test_times_are_told_as_people_do(away: timedelta, told: str) -> None:
    assert ago(NOON, NOON + away) == told


def test_sizes_durations_and_addresses_are_short() -> None:
    assert [size(one) for one in (1, 999, 1500, 2_500_000)] == ["1 byte", "999 bytes", "1.5 kB", "2.5 MB"]
    assert [seconds(one) for one in (0.123, 12.3, 150)] == ["0.12 s", "12 s", "2.5 min"]
    assert query({"status": "open", "page": None, "who": ""}, cursor="a&b") == "?status=open&cursor=a%26b"
