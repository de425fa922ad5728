"""What `/openapi.json` says is what the routes do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from factories import report
from guarded_sandboxes import GuardedSandbox, bearer, open_guarded
from qalita_ingest.contract import encode
from qalita_ingest.sandbox.access import Role, needed_role
from sandboxes import Sandbox, open_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.testclient import TestClient

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
REQUESTS_OF_EACH = 8
# Route and status → how often it was answered so.
Answered = Counter[tuple[str, int]]
# Of the same routes once more, with the door before them.
REQUESTS_WITH_TOKEN = 3


def fill(client: TestClient, headers: dict[str, str]) -> None:
    """With something of each kind that has an address of its own."""
    for run in runs():
        client.post("/api/v2/ingest/runs", content=encode(run), headers=headers).raise_for_status()
    # Nobody listens there, and nothing is sent.
    client.app.state.webhooks.stop()
    webhook = {"project": "opendata_dbt", "url": "http://127.0.0.1:9", "score_below": 0.9}
    assert client.post("/api/v2/webhooks", json=webhook, headers=headers).is_success


def runs() -> Iterator[RunReport]:
    """Three, that leave an issue open and one resolved."""
    for hour, statuses in enumerate(
        ({"a": "failed", "b": "failed"}, {"a": "passed", "b": "failed"}, {"a": "passed", "b": "warning"})
    ):
        yield report(hour, statuses, steps={"model.opendata.stg_airquality": "success"})


@pytest.fixture(scope="module")
def filled(store_of_module: Callable[[], Settings]) -> Iterator[Sandbox]:
    settings = store_of_module()
    with open_sandbox(settings.store, settings.url) as opened:
        fill(opened.client, {})
        yield opened


@pytest.fixture(scope="module")
def guarded(store_of_module: Callable[[], Settings]) -> Iterator[GuardedSandbox]:
    """Where every request needs a token."""
    settings = store_of_module()
    with open_guarded(settings.store, settings.url, is_token_required=True) as opened:
        fill(opened.client, bearer(opened.token(Role.ADMIN)))
        yield opened


@pytest.fixture(scope="module")
def described(filled: Sandbox) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", filled.client.app)


@pytest.fixture(scope="module")
def document(filled: Sandbox) -> dict[str, Any]:
    return filled.client.get("/openapi.json").json()


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Method and path → operation."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture(scope="module")
def ours(operations: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Without those whose shapes are the clients' choice."""
    return {route: operation for route, operation in operations.items() if operation["tags"] != ["clients"]}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["sound", "unsound"])
def test_no_request_is_answered_otherwise_than_described(described: Any, mode: GenerationMode) -> None:
    tried = [result.ok() for result in described.get_all_operations()]
    sent: Answered = Counter()
    failures = [failure for operation in tried for failure in failures_of(operation, mode, sent)]
    assert len({route for route, _ in sent}) > 50
    assert not failures, "\n\n".join(failures)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.VIEWER])
def test_where_a_token_is_required_none_is_answered_otherwise_either(guarded: GuardedSandbox, role: Role) -> None:
    headers = bearer(guarded.token(role))
    described = schemathesis.openapi.from_asgi("/openapi.json", guarded.client.app, headers=headers)
    answered: Answered = Counter()
    failures = [
        failure
        for operation in described.get_all_operations()
        for failure in failures_of(operation.ok(), GenerationMode.POSITIVE, answered, REQUESTS_WITH_TOKEN, headers)
    ]
    assert len({route for route, _ in answered}) > 50
    statuses = {status for _, status in answered}
    assert (401 in statuses, 403 in statuses) == (False, role is Role.VIEWER)
    assert not failures, "\n\n".join(failures)


def failures_of(
    operation: Any,
    mode: GenerationMode,
    sent: Answered,
    requests: int = REQUESTS_OF_EACH,
    headers: dict[str, str] | None = None,
) -> list[str]:
    """What answers of the operation were not as described, in words; none where nothing unsound can be sent."""

    @settings(
        max_examples=requests,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        response = case.call_and_validate(checks=CHECKS, headers=headers)
        sent[operation.label, response.status_code] += 1

    try:
        ask()
    except Unsatisfiable:
        return []
    except BaseExceptionGroup as failed:
        return [f"{operation.label}: {one}" for one in failed.exceptions]
    return []


def test_every_operation_says_what_it_does(operations: dict[str, dict[str, Any]], document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    assert len(operations) > 50
    for route, operation in operations.items():
        assert operation["summary"], route
        assert operation["description"], route
        assert set(operation["tags"]) <= tags, route
    assert all(tag["description"] for tag in document["tags"])


def test_every_success_of_ours_has_a_schema_and_a_real_example_that_fits_it(
    ours: dict[str, dict[str, Any]], document: dict[str, Any]
) -> None:
    contents = {
        route: answer["content"]["application/json"]
        for route, operation in ours.items()
        for status, answer in operation["responses"].items()
        if status in {"200", "201"}
    }
    assert len(contents) > 20
    for route, content in contents.items():
        assert content["schema"], route
        # The references in it begin at the root of the document.
        whole = content["schema"] | {"components": document["components"]}
        Draft202012Validator(whole).validate(content["example"])


def test_whoever_is_turned_away_at_the_door_was_told_so(operations: dict[str, dict[str, Any]]) -> None:
    for route, operation in operations.items():
        is_guarded = needed_role(*route.split()) is not None
        assert ({"401", "403"} <= operation["responses"].keys()) is is_guarded, route


def test_every_refusal_is_a_problem(operations: dict[str, dict[str, Any]]) -> None:
    for route, operation in operations.items():
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (route, status)
