"""Every page: its numbers, its twins, and what it does with names that look like orders."""

from __future__ import annotations

import csv
import io
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from factories import report
from sandbox_pages import HTML, TABLES, page_of, pages_of

if TYPE_CHECKING:
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")
HOSTILE = '<script>alert("1")</script>'
FORMULA = "=HYPERLINK(1)"
PAGES = pages_of(project="opendata_dbt")


def html(sandbox: Sandbox, address: str) -> str:
    response = sandbox.client.get(address, headers=HTML)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


def twin(sandbox: Sandbox, address: str) -> dict[str, Any]:
    """The `.json` of a page."""
    path, mark, query = address.partition("?")
    values: dict[str, Any] = sandbox.client.get(f"{path}.json{mark}{query}").raise_for_status().json()
    return values


def table(sandbox: Sandbox, address: str) -> list[dict[str, str]]:
    """The `.csv` of a page."""
    path, mark, query = address.partition("?")
    response = sandbox.client.get(f"{path}.csv{mark}{query}").raise_for_status()
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment; ")
    return list(csv.DictReader(io.StringIO(response.text)))


def rows_in(values: Any, path: str) -> list[dict[str, Any]]:
    for part in path.split("."):
        values = values[part]
    return values


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_there_and_links_its_twins(shown: Sandbox, address: str) -> None:
    text = html(shown, address)
    path, mark, query = address.partition("?")
    assert f'href="{path}.json{mark}{query}"' in text
    assert (f'href="{path}.csv{mark}{query}"' in text) is (page_of(path) in TABLES)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_one_main_heading_and_skips_no_level(shown: Sandbox, address: str) -> None:
    levels = [int(level) for level in re.findall(r"<h(\d)", html(shown, address))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("address", PAGES)
def test_no_page_holds_scripts_or_styles_or_names_another_host(shown: Sandbox, address: str) -> None:
    text = html(shown, address)
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:|https?://", text)


@pytest.mark.parametrize("address", [one for one in PAGES if page_of(one.partition("?")[0]) in TABLES])
def test_the_table_and_the_values_of_a_page_are_the_same(shown: Sandbox, address: str) -> None:
    values = rows_in(twin(shown, address), TABLES[page_of(address.partition("?")[0])])
    rows = table(shown, address)
    assert len(rows) == len(values)
    for row, value in zip(rows, values, strict=True):
        assert row.keys() == value.keys()
        plain = {
            name: one for name, one in value.items() if isinstance(one, str) and not re.match(r"[=+@-]|\d{4}-", one)
        }
        assert {name: row[name] for name in plain} == plain
        numbers = {
            name: one for name, one in value.items() if isinstance(one, (int, float)) and one not in {True, False}
        }
        assert {name: float(row[name]) for name in numbers} == {name: float(one) for name, one in numbers.items()}


def test_the_overview_has_the_score_of_the_newest_run_and_its_change(shown: Sandbox) -> None:
    row = next(one for one in twin(shown, "/overview")["projects"] if one["environment"] == "dev")
    ((score, checks),) = shown.rows("select value, checks from scores where run_id = 2 and perimeter = 'project'")
    assert (row["score"], row["checks"], row["last_run"], row["runs"]) == (score, checks, 2, 2)
    assert row["change"] == pytest.approx(100 * (score - 1))
    assert f"{100 * score:.1f} %" in html(shown, "/overview")


def test_the_overview_counts_the_issues_that_are_open(shown: Sandbox) -> None:
    ((number,),) = shown.rows("select count(*) from issues where state = 'open'")
    assert twin(shown, "/overview")["open_issues"] == number
    assert f"{number} open issues" in html(shown, "/overview")


def test_a_run_has_all_its_results_the_worst_first(shown: Sandbox) -> None:
    statuses = [one["status"] for one in table(shown, "/runs/2")]
    assert statuses == ["failed", "warning", "skipped", "passed"]


def test_what_has_no_outcome_is_shown_apart_from_the_score(shown: Sandbox) -> None:
    for address in ("/runs/2", "/projects/opendata_dbt?environment=dev"):
        found = re.search(r'Not in the score</dt><dd class="number">(\d+)<', html(shown, address))
        assert found, address
        assert found[1] == "1"
        assert "over 3 checks" in html(shown, address)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=failed", ["unit_is_known"]),
        ("dimension=uniqueness", []),
        ("dimension=validity&status=passed", ["value_is_given"]),
        ("status=&dimension=&dataset=", ["unit_is_known", "city_is_known", "hour_is_known", "value_is_given"]),
    ],
)
def test_the_results_of_a_run_are_filtered_by_its_form(shown: Sandbox, query: str, names: list[str]) -> None:
    assert [one["name"] for one in table(shown, f"/runs/2?{query}")] == names


def test_runs_are_filtered_by_project_and_environment(shown: Sandbox) -> None:
    assert [one["id"] for one in table(shown, "/runs?project=opendata_dbt&environment=dev")] == ["2", "1"]
    assert [one["id"] for one in table(shown, "/runs?environment=prod")] == ["3"]


def test_a_project_shows_the_environment_of_its_newest_run_or_the_one_asked_for(shown: Sandbox) -> None:
    assert twin(shown, "/projects/opendata_dbt")["environment"]["name"] == "prod"
    assert twin(shown, "/projects/opendata_dbt?environment=dev")["environment"]["name"] == "dev"
    assert [one["id"] for one in twin(shown, "/projects/opendata_dbt?environment=dev")["history"]] == [2, 1]


def test_a_check_has_its_history_and_its_issue(shown: Sandbox) -> None:
    ((number,),) = shown.rows("select id from checks where name = 'unit_is_known'")
    values = twin(shown, f"/checks/{number}?environment=dev")
    assert [one["status"] for one in values["results"]["items"]] == ["failed", "passed"]
    assert values["issue"]["title"] == "[QALITA] stg_airquality: unit_is_known"


def test_a_dataset_lists_its_checks_with_their_last_outcome(shown: Sandbox) -> None:
    checks = {one["name"]: one["status"] for one in table(shown, "/datasets/1?environment=dev")}
    assert checks == {
        "value_is_given": "passed",
        "unit_is_known": "failed",
        "city_is_known": "warning",
        "hour_is_known": "skipped",
    }


def test_issues_are_those_that_are_open_the_worst_first(shown: Sandbox) -> None:
    severities = [one["severity"] for one in table(shown, "/issues?project=opendata_dbt")]
    assert severities == ["high", "high", "medium"]
    assert table(shown, "/issues?status=resolved") == []
    assert [one["severity"] for one in table(shown, "/issues?severity=medium")] == ["medium"]


def test_issues_are_found_by_who_owns_them(shown: Sandbox) -> None:
    assert {one["owner"] for one in table(shown, "/issues?person=data+team")} == {"data team"}
    assert table(shown, "/issues?person=nobody") == []


def test_failing_rows_stand_on_the_page_of_their_issue(shown: Sandbox) -> None:
    ((number,),) = shown.rows("select id from issues where subject like 'test.opendata.<%'")
    text = html(shown, f"/issues/{number}")
    assert "Failing rows" in text
    assert '<span class="quiet">null</span>' in text


def test_names_are_text_on_every_page(shown: Sandbox) -> None:
    ids = {table: shown.rows(f"select max(id) from {table}")[0][0] for table in ("issues", "checks")}  # noqa: S608
    addresses = pages_of(project=HOSTILE, run=4, dataset=2, check=ids["checks"], issue=ids["issues"])
    for address in addresses:
        text = html(shown, address)
        assert "<script" not in text, address
        assert 'href="javascript' not in text
    assert "&lt;script&gt;" in html(shown, f"/projects/{quote(HOSTILE)}")


def test_a_name_that_begins_a_formula_is_text_in_a_spreadsheet(shown: Sandbox) -> None:
    names = [one["name"] for one in table(shown, "/runs/4")]
    assert f"'{FORMULA}" in names
    assert FORMULA not in names


def test_long_lists_go_on_by_a_link_and_a_download_has_all_of_them(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {f"check_{number:03}": "passed" for number in range(70)}))
    first = html(sandbox, "/runs/1")
    more = re.search(r'href="(/runs/1\?cursor=[^"]+)" rel="next">More rows', first)
    assert more
    second = html(sandbox, more[1])
    assert (first.count("/checks/"), second.count("/checks/")) == (50, 20)
    assert 'href="/runs/1">First rows' in second
    assert len(table(sandbox, "/runs/1")) == 70


def test_an_empty_store_says_what_to_type_next(sandbox: Sandbox) -> None:
    for address in ("/overview", "/runs"):
        text = html(sandbox, address)
        assert "make all" in text
        assert "qalita ingest dbt" in text
    for address in ("/issues", "/sources", "/packs", "/jobs"):
        assert re.search(r'class="empty">\w', html(sandbox, address)), address


@pytest.mark.parametrize(
    "address",
    ["/jobs/soon.csv", "/runs/soon", "/runs/soon.json", "/runs/1.xml", "/assets/1.json", "/charts/checks/x/strip.svg"],
)
def test_an_address_that_names_nothing_is_not_found(shown: Sandbox, address: str) -> None:
    for headers in ({}, HTML):
        assert shown.client.get(address, headers=headers).status_code == 404
    assert "There is no page at this address." in shown.client.get("/jobs/1.xml", headers=HTML).text


def test_only_jobs_that_take_in_runs_tell_their_attempts(sandbox: Sandbox) -> None:
    client = sandbox.client
    client.post("/api/v1/sources/publish", json={"name": "s", "type": "folder"}).raise_for_status()
    client.post("/api/v1/packs/publish", json={"name": "p"}).raise_for_status()
    client.post("/api/v2/jobs/create", json={"source_id": 1, "pack_id": 1}).raise_for_status()
    sandbox.take(report(1, {"a": "passed"}))
    kinds = {job["kind"]: job["id"] for job in twin(sandbox, "/jobs")["jobs"]["items"]}
    told = {kind: "<dt>Attempts</dt>" in html(sandbox, f"/jobs/{number}") for kind, number in kinds.items()}
    assert told == {"ingest": True, "pack": False}


def test_the_root_leads_to_the_overview(shown: Sandbox) -> None:
    response = shown.client.get("/", headers=HTML)
    assert response.status_code == 200
    assert response.url.path == "/overview"
