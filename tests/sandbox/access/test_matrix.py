"""Every route of the application × every kind of token, on loopback and where a token is required."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import jwt
import pytest
from fastapi.routing import iter_route_contexts

from guarded_sandboxes import LOOPBACK, GuardedSandbox, bearer, open_guarded
from qalita_ingest.sandbox.access import Access, Hosts, Role, Tokens, needed_role
from qalita_ingest.sandbox.access.rules import rule_for
from qalita_ingest.sandbox.app import create_app
from qalita_ingest.sandbox.database import Database
from qalita_ingest.sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STORES = ("sqlite", "postgresql")
REFUSED = {401, 403}
ROLES = list(Role)


def routes() -> list[tuple[str, str]]:
    """Method and path of every route; nothing is opened for it."""
    database = Database(Settings(Path("nowhere")).database_url)
    app = create_app(database, access=Access(Tokens(database, "x" * 64), Hosts(), is_token_required=True))
    found = {(method, route.path) for route in iter_route_contexts(app.routes) for method in route.methods or ["GET"]}
    return sorted(found, key=lambda each: each[::-1])


ALL = routes()
# What GET and HEAD need is one rule: of HEAD the refusals alone are asked, all in one test.
HEADS, ROUTES = [route for route in ALL if route[0] == "HEAD"], [route for route in ALL if route[0] != "HEAD"]
RULED = [route for route in ROUTES if needed_role(*route) is not None]
every_route = pytest.mark.parametrize(("method", "path"), ROUTES, ids=[" ".join(route) for route in ROUTES])
every_ruled_route = pytest.mark.parametrize(("method", "path"), RULED, ids=[" ".join(route) for route in RULED])


@pytest.fixture(scope="module", params=[False, True], ids=["loopback", "token required"])
def guarded(request: pytest.FixtureRequest, store_of_module: Callable[[], Settings]) -> Iterator[GuardedSandbox]:
    settings = store_of_module()
    with open_guarded(settings.store, settings.url, is_token_required=request.param) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def tokens(guarded: GuardedSandbox) -> dict[str, str]:
    """One of each role, and what is no good; made once, for nobody changes them."""
    claims = jwt.decode(guarded.token(Role.ADMIN), options={"verify_signature": False})
    return {
        **{role.value: guarded.token(role) for role in Role},
        "badly signed": jwt.encode(claims, "f" * 64),
        "expired": guarded.expired(),
        "revoked": guarded.revoked(),
        # Below a viewer there is no role; a token without scopes is what comes next to it.
        "without scopes": guarded.token(Role.VIEWER, scopes=[]),
    }


def ask(sandbox: GuardedSandbox, method: str, path: str, token: str | None) -> int:
    """The status. The ids in the path are nobody's, and the body is none, so that nothing changes."""
    filled = re.sub(r"\{[^}]+\}", "4711", path)
    headers = {"Origin": LOOPBACK} | (bearer(token) if token else {})
    status: int = sandbox.client.request(method, filled, headers=headers).status_code
    return status


def test_there_are_routes_to_ask() -> None:
    assert {("GET", "/api/v2/runs"), ("POST", "/api/v2/ingest/runs"), ("POST", "/login")} <= set(ROUTES)
    assert {("HEAD", path) for path in ("/overview", "/runs/{run_id}.csv", "/login", "/metrics")} <= set(HEADS)


@every_route
def test_a_route_has_a_rule(method: str, path: str) -> None:
    assert rule_for(method, path), f"say in access/rules.py who may {method} {path}; until then only an admin may"


@every_route
def test_without_a_token(guarded: GuardedSandbox, method: str, path: str) -> None:
    status = ask(guarded, method, path, None)

    is_refused = guarded.is_token_required and needed_role(method, path) is not None
    if path == "/login" and method == "POST":
        assert status == 401  # the form was sent without a token
    else:
        assert (status == 401) is is_refused
        assert status != 403


@every_route
@pytest.mark.parametrize("kind", ["badly signed", "expired", "revoked"])
def test_with_a_token_that_is_no_good(
    guarded: GuardedSandbox, tokens: dict[str, str], method: str, path: str, kind: str
) -> None:
    assert ask(guarded, method, path, tokens[kind]) == 401


@every_ruled_route
def test_with_the_wrong_role(guarded: GuardedSandbox, tokens: dict[str, str], method: str, path: str) -> None:
    needed = needed_role(method, path) or Role.VIEWER
    lesser = "without scopes" if needed is Role.VIEWER else ROLES[ROLES.index(needed) - 1].value

    assert ask(guarded, method, path, tokens[lesser]) == 403


@every_route
def test_with_the_right_role(guarded: GuardedSandbox, tokens: dict[str, str], method: str, path: str) -> None:
    status = ask(guarded, method, path, tokens[(needed_role(method, path) or Role.VIEWER).value])

    assert status not in REFUSED or (method, path) == ("POST", "/login")
    assert status < 500


def test_a_head_is_refused_as_a_get_is(guarded: GuardedSandbox, tokens: dict[str, str]) -> None:
    for method, path in HEADS:
        needed = needed_role(method, path)
        refused = {None: 401 if guarded.is_token_required else None, "expired": 401, "without scopes": 403}
        found = {kind: ask(guarded, method, path, tokens[kind] if kind else None) for kind in refused}
        expected = refused if needed else {**refused, None: None, "without scopes": None}

        assert {kind: status if status in REFUSED else None for kind, status in found.items()} == expected, path
        assert ask(guarded, method, path, tokens[(needed or Role.VIEWER).value]) not in {401, 403, 405}


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/", Role.VIEWER),
        ("GET", "/issues.json", Role.VIEWER),
        ("HEAD", "/api/v2/runs", Role.VIEWER),
        ("GET", "//api//v2/runs", Role.VIEWER),
        ("GET", "/metrics", Role.VIEWER),
        ("POST", "/issues/7/mute", Role.DATAENGINEER),
        ("POST", "/api/v2/ingest/runs", Role.DATAENGINEER),
        ("PUT", "/api/v2/workers/1", Role.DATAENGINEER),
        ("POST", "/api/v1/metrics/upload", Role.DATAENGINEER),
        ("GET", "/api/v1/workers/1/jobs/next", Role.DATAENGINEER),
        ("GET", "/api/v2/webhooks/1", Role.ADMIN),
        ("DELETE", "/api/v2/tokens/1", Role.ADMIN),
        ("POST", "/of-tomorrow", Role.ADMIN),
        ("GET", "/of-tomorrow", Role.ADMIN),
        ("GET", "/issues-of-tomorrow", Role.ADMIN),
        ("POST", "/runs/1", Role.ADMIN),
        ("BREW", "/api/v2/runs", Role.ADMIN),
        ("GET", "/login", None),
        ("GET", "/loginess", Role.ADMIN),
    ],
)
def test_what_a_request_needs(method: str, path: str, needed: Role | None) -> None:
    assert needed_role(method, path) == needed
