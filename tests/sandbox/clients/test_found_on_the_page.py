"""What clients sent of a job is on its page."""

from __future__ import annotations

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
