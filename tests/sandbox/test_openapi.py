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
from sandboxes import Sandbox, open_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
REQUESTS_OF_EACH = 8


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with three runs, an issue that is open and one that is resolved."""
    with open_sandbox(tmp_path_factory.mktemp("openapi")) as opened:
        for hour, statuses in enumerate(
            ({"a": "failed", "b": "failed"}, {"a": "passed", "b": "failed"}, {"a": "passed", "b": "warning"})
        ):
            opened.take(report(hour, statuses, steps={"model.opendata.stg_airquality": "success"}))
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
    sent: Counter[str] = Counter()
    failures = [failure for operation in tried for failure in failures_of(operation, mode, sent)]
    assert len(sent) > 50
    assert not failures, "\n\n".join(failures)


def failures_of(operation: Any, mode: GenerationMode, sent: Counter[str]) -> list[str]:
    """What answers of the operation were not as described, in words; none where nothing unsound can be sent."""

    @settings(
        max_examples=REQUESTS_OF_EACH,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        sent[operation.label] += 1
        case.call_and_validate(checks=CHECKS)

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
        if status in {"200", "201"} and "complete" not in route
    }
    assert len(contents) > 20
    for route, content in contents.items():
        assert content["schema"], route
        # The references in it begin at the root of the document.
        whole = content["schema"] | {"components": document["components"]}
        Draft202012Validator(whole).validate(content["example"])


def test_every_refusal_is_a_problem(operations: dict[str, dict[str, Any]]) -> None:
    for route, operation in operations.items():
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (route, status)
