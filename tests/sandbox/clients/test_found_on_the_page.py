"""What clients sent of a job is on its page."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from sandbox_pages import HTML

if TYPE_CHECKING:
    from sandbox.clients.conftest import Caller

STORES = ("sqlite", "postgresql")
SCOPE = {"perimeter": "dataset", "value": "air"}


def page(caller: Caller) -> str:
    return caller.sandbox.client.get("/jobs/1", headers=HTML).raise_for_status().text


def values(caller: Caller) -> dict[str, Any]:
    shown: dict[str, Any] = caller.get("/jobs/1.json").raise_for_status().json()
    return shown


def test_figures_are_on_the_page_of_their_job(ready: Caller) -> None:
    ready.job(status="running")
    bars = {"key": "bars", "title": "Values by <b>month</b> \ud800", "scope": SCOPE, "data": [1, None]}

    ready.document("figures", [bars, "no figure", {"title": "Without a key"}])

    found = [(one["kind"], one["label"], one["content"], one["scope"]) for one in values(ready)["uploads"]]
    assert found == [
        ("figure", "bars", "Values by <b>month</b> ?", "air"),
        ("figure", None, "Without a key", None),
    ]
    assert ">bars<" in page(ready)
    assert "Values by &lt;b&gt;month&lt;/b&gt;" in page(ready)


def entries(number: int) -> list[dict[str, Any]]:
    return [{"key": f"k{place}", "content": f"c{place}", "value": place} for place in range(number)]


def test_many_entries_of_one_kind_leave_room_for_the_others(ready: Caller) -> None:
    ready.job(status="running")
    for kind, number in (("recommendations", 520), ("metrics", 2), ("schemas", 1), ("figures", 501)):
        ready.document(kind, entries(number))

    shown = Counter(one["kind"] for one in values(ready)["uploads"])
    assert shown == {"recommendation": 500, "metric": 2, "schema": 1, "figure": 500}
    assert values(ready)["counts"] == {"recommendation": 520, "metric": 2, "schema": 1, "figure": 501}
    text = page(ready)
    assert "520 recommendations, 2 metrics, 1 schema, 501 figures." in text
    assert re.findall(r"… and .+?;", text) == ["… and 20 more recommendations;", "… and 1 more figure;"]
    assert text.count("<tr><th") == 1 + 500 + 2 + 1 + 500


def test_a_page_on_which_all_entries_stand_says_of_no_more(ready: Caller) -> None:
    ready.job(status="running")
    ready.document("metrics", entries(500))

    assert "500 metrics." in page(ready)
    assert "… and" not in page(ready)


def test_the_table_of_a_job_has_all_that_was_found(ready: Caller) -> None:
    ready.job(status="running")
    for kind, number in (("recommendations", 520), ("figures", 501)):
        ready.document(kind, entries(number))

    table = ready.get("/jobs/1.csv").raise_for_status()

    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert Counter(one["kind"] for one in rows) == {"recommendation": 520, "figure": 501}
    assert [one["content"] for one in rows[:520]] == [f"c{place}" for place in range(520)]
    assert '<a href="/jobs/1.csv">the CSV</a>' in page(ready)
