"""Webhooks and tokens are managed by API and by command line; secrets are shown once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from factories import report
from guarded_sandboxes import bearer, open_guarded
from qalita_ingest.errors import QalitaIngestError
from qalita_ingest.sandbox.__main__ import sandbox as command
from qalita_ingest.sandbox.access import Role
from sandboxes import Sandbox, open_sandbox
from webhook_receivers import NOWHERE, add_webhook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")
PATH = "/api/v2/webhooks"


@pytest.fixture
def ready(sandbox: Sandbox) -> Sandbox:
    sandbox.client.app.state.webhooks.stop()
    sandbox.take(report(1, {"a": "passed"}))
    return sandbox


def test_a_webhook_is_listed_without_its_secret(ready: Sandbox) -> None:
    secret = add_webhook(ready, score_below=0.9)["secret"]
    ready.client.post(f"{PATH}/1/test")

    listed = ready.client.get(PATH, params={"project": "opendata_dbt"})

    assert secret not in listed.text
    (one,) = listed.json()["items"]
    assert (one["url"], one["score_below"], one["last_delivery"]["event"]) == (NOWHERE, 0.9, "ping")
    assert ready.client.get(PATH, params={"project": "another"}).json()["items"] == []


def test_each_webhook_has_a_secret_of_its_own(ready: Sandbox) -> None:
    first, second = add_webhook(ready)["secret"], add_webhook(ready)["secret"]

    assert first != second
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", first)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org",
        "file:///etc/passwd",
        "example.org",
        "http://",
        "http://planted:planted@example.org",
        "https://example.org/#planted",
        "https://example.org/pl anted",
        "https://exämple.org",
        "http://example.org:99999",
        "http://[::1",
        "http://a\x00b",
        "http://example.org/" + "x" * 2048,
    ],
)
def test_what_is_no_address_of_a_receiver_is_refused_without_repeating_it(ready: Sandbox, url: str) -> None:
    response = ready.client.post(PATH, json={"project": "opendata_dbt", "url": url})

    assert response.status_code == 422
    assert "http:// or https:// and a host" in response.json()["detail"]
    assert "planted" not in response.text


@pytest.mark.parametrize("url", ["http://localhost:9000/hook", "http://[::1]:9/x?y=z", "https://hooks.example.org/a"])
def test_addresses_of_this_machine_and_of_others_are_taken(ready: Sandbox, url: str) -> None:
    assert add_webhook(ready, url)["url"] == url


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"events": []}, "score_below"),
        ({"events": ["issue.exploded"]}, "events"),
        ({"score_below": 0}, "score_below"),
        ({"score_below": 1.1}, "score_below"),
        ({"threshold": 0.9}, "threshold"),
        ({"project": "another"}, "no such project"),
    ],
)
def test_a_webhook_that_could_tell_nothing_is_refused(ready: Sandbox, wish: dict[str, object], said: str) -> None:
    response = ready.client.post(PATH, json={"project": "opendata_dbt", "url": NOWHERE} | wish)

    assert response.status_code == 422
    assert said in response.json()["detail"]


def test_a_webhook_that_is_deleted_is_not_there_any_more(ready: Sandbox) -> None:
    add_webhook(ready)
    ready.client.post(f"{PATH}/1/test")

    assert ready.client.delete(f"{PATH}/1").status_code == 204

    assert ready.client.get(PATH).json()["items"] == []
    asked = ("DELETE", ""), ("GET", "/deliveries"), ("POST", "/test")
    assert {ready.client.request(method, f"{PATH}/1{path}").status_code for method, path in asked} == {404}


def test_deliveries_come_by_the_page_newest_first(ready: Sandbox) -> None:
    add_webhook(ready)
    ids = [ready.client.post(f"{PATH}/1/test").json()["id"] for _ in range(3)]

    first = ready.client.get(f"{PATH}/1/deliveries", params={"limit": 2}).json()
    second = ready.client.get(f"{PATH}/1/deliveries", params={"limit": 2, "cursor": first["next"]}).json()

    assert [one["id"] for one in first["items"] + second["items"]] == ids[::-1]


def test_a_token_is_given_out_shown_once_and_taken_back(new_store: Callable[[], Settings]) -> None:
    settings = new_store()
    with open_guarded(settings.store, settings.url, is_token_required=True) as closed:
        admin = bearer(closed.token(Role.ADMIN))
        response = closed.client.post("/api/v2/tokens", json={"name": "ci", "role": "viewer"}, headers=admin)
        given = response.json()
        assert response.status_code == 201
        assert closed.client.get("/api/v2/runs", headers=bearer(given["token"])).status_code == 200

        listed = closed.client.get("/api/v2/tokens", headers=admin)
        assert given["token"] not in listed.text
        assert ("ci", "viewer") in {(one["name"], one["role"]) for one in listed.json()["items"]}

        path = f"/api/v2/tokens/{given['id']}"
        assert closed.client.delete(path, headers=admin).status_code == 204
        assert closed.client.get("/api/v2/runs", headers=bearer(given["token"])).status_code == 401
        assert closed.client.delete(path, headers=admin).status_code == 404


@pytest.mark.parametrize(
    "wish", [{"name": "a b"}, {"name": ""}, {"name": "x", "days": 0}, {"name": "x", "role": "king"}]
)
def test_a_token_that_is_no_good_is_not_given_out(tmp_path: Path, wish: dict[str, object]) -> None:
    with open_guarded(tmp_path) as opened:
        assert opened.client.post("/api/v2/tokens", json=wish).status_code == 422


def test_a_sandbox_within_a_process_gives_out_no_tokens(ready: Sandbox) -> None:
    assert ready.client.post("/api/v2/tokens", json={"name": "ci"}).status_code == 409
    assert ready.client.get("/api/v2/tokens").json() == {"items": [], "next": None}


def run(*words: str) -> Result:
    return CliRunner().invoke(command, ["webhook", *words])


@pytest.fixture
def named(named_store: Settings) -> None:
    """The command line finds a store with a project."""
    with open_sandbox(named_store.store, named_store.url) as opened:
        opened.take(report(1, {"a": "passed"}))


@pytest.mark.usefixtures("named")
def test_the_command_line_adds_lists_and_removes_webhooks() -> None:
    added = run("add", "--project", "opendata_dbt", "--url", NOWHERE, "--score-below", "0.9")
    secret = added.output.split()[-1]
    assert re.fullmatch(r"webhook 1, signed with whsec_\S+\n", added.output)

    listed = run("list").output
    assert secret not in listed
    assert listed == (
        f"1  opendata_dbt  {NOWHERE}  issue.opened, issue.reopened, issue.resolved, score below 0.9  nothing sent yet\n"
    )

    assert run("remove", "1").output == "removed webhook 1\n"
    assert run("list").output == "there is no webhook\n"


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "--project", "another", "--url", NOWHERE), "--project: there is no project 'another'"),
        (("add", "--project", "opendata_dbt", "--url", "ftp://planted"), "--url: expected http:// or https://"),
        (("remove", "7"), "there is no webhook 7"),
    ],
)
def test_the_command_line_says_in_a_line_what_is_wrong(words: tuple[str, ...], said: str) -> None:
    failed = run(*words).exception

    assert isinstance(failed, QalitaIngestError)
    assert said in str(failed)
    assert "planted" not in str(failed)
