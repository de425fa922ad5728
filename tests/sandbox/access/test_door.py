"""Names, origins, and what a token says, at the door."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jwt
import pytest
from sqlalchemy import create_engine, text

from factories import report
from guarded_sandboxes import HTML, LOOPBACK, GuardedSandbox, bearer, open_guarded
from qalita_ingest.contract import encode
from qalita_ingest.sandbox.access import Role
from qalita_ingest.sandbox.access.headers import SECURE_HEADERS
from sandboxes import open_sandbox
from store_dump import full_dump

if TYPE_CHECKING:
    from pathlib import Path

STORES = ("sqlite", "postgresql")
RUNS = "/api/v2/runs"
MUTE = "/api/v2/issues/1/mute"
FORM = "/issues/1/mute"
UNSIGNED = jwt.encode({"sub": "x", "role": "admin", "scopes": ["manage"], "jti": "x"}, "", algorithm="none")


def answer(sandbox: GuardedSandbox, token: str) -> tuple[int, str]:
    response = sandbox.client.get(RUNS, headers=bearer(token))
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["detail"]


@pytest.mark.parametrize(
    "placeholder",
    [
        "<YOUR_TOKEN>",
        "your-token",
        "<your_api_token>",
        "replace-with-your-token",
        "TOKEN",
        "$QALITA_AGENT_TOKEN",
        "changeme",
        "xxxxxxxx",
        "...",
    ],
)
def test_a_placeholder_of_the_documentation_is_called_one(opened: GuardedSandbox, placeholder: str) -> None:
    said = "the token is the placeholder of the documentation; `make token` prints a real one"
    assert answer(opened, placeholder) == (401, said)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"exp": 1}, "the token has expired"),
        ({"role": "king"}, "the token has no role that is known here"),
        ({"scopes": "manage"}, "the token has no role that is known here"),
        ({"sub": None}, "the token lacks sub"),
        ({"jti": None}, "the token lacks jti"),
        ({"exp": None}, "the token lacks exp"),
        ({"jti": "of-another-store"}, "the token was not given out by this store"),
        ({"aud": "qalita-sandbox-session"}, "this is no token for the API"),
    ],
)
def test_what_is_wrong_with_a_token_is_said(opened: GuardedSandbox, changed: dict[str, Any], said: str) -> None:
    assert answer(opened, opened.token(**changed)) == (401, f"{said}; `make token` prints a new one")


@pytest.mark.parametrize("token", ["abc", "a.b.c", UNSIGNED, "1" + "2" * 9000])
def test_what_is_no_token_is_refused(opened: GuardedSandbox, token: str) -> None:
    assert answer(opened, token)[0] == 401


def test_a_token_that_is_not_ascii_is_refused(opened: GuardedSandbox) -> None:
    assert opened.client.get(RUNS, headers={"Authorization": b"Bearer \xe4.b.c"}).status_code == 401  # type: ignore[dict-item]


def test_a_token_of_a_secret_that_was_replaced_is_told_so(opened: GuardedSandbox) -> None:
    stranger = jwt.encode(jwt.decode(opened.token(), options={"verify_signature": False}), "f" * 64)

    assert "signed with another secret: it is another QALITA's, or this" in answer(opened, stranger)[1]


def test_a_revoked_token_is_told_so(opened: GuardedSandbox) -> None:
    assert f"the token was revoked on {datetime.now(UTC):%Y-%m-%d}" in answer(opened, opened.revoked())[1]


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "Bearer ", "token"])
def test_another_scheme_than_bearer_is_refused(opened: GuardedSandbox, header: str) -> None:
    response = opened.client.get(RUNS, headers={"Authorization": header})

    assert (response.status_code, response.headers["www-authenticate"][:6]) == (401, "Bearer")


def test_scopes_bound_what_a_role_may(opened: GuardedSandbox) -> None:
    narrow = opened.token(Role.ADMIN, scopes=["read"])

    assert opened.client.get(RUNS, headers=bearer(narrow)).status_code == 200
    assert opened.client.post(MUTE, headers=bearer(narrow)).status_code == 403


def test_scopes_give_no_more_than_the_role(opened: GuardedSandbox) -> None:
    wide = opened.token(Role.VIEWER, scopes=["read", "write", "manage"])

    assert opened.client.post(MUTE, headers=bearer(wide)).status_code == 403


def test_the_use_of_a_token_is_noted(opened: GuardedSandbox) -> None:
    opened.client.get(RUNS, headers=bearer(opened.token()))

    (row,) = opened.tokens.listed()
    assert row.used_at is not None


@pytest.mark.parametrize(
    "host", ["attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example:3080", "127.0.0.2", "", "["]
)
def test_a_foreign_host_is_misdirected(opened: GuardedSandbox, host: str) -> None:
    assert opened.client.get(RUNS, headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "LOCALHOST:3080", "127.0.0.1:3080", "[::1]:3080"])
def test_loopback_s_names_are_answered_on_any_port(opened: GuardedSandbox, host: str) -> None:
    assert opened.client.get(RUNS, headers={"Host": host}).status_code == 200


def test_allowed_names_and_the_address_itself_are_answered(tmp_path: Path) -> None:
    allowed = frozenset({"qalita.example.org"})
    with open_guarded(tmp_path, is_token_required=True, allowed=allowed, address="http://192.0.2.7:3080") as sandbox:
        headers = bearer(sandbox.token())
        for host, status in (("qalita.example.org", 200), ("192.0.2.7:3080", 200), ("192.0.2.8:3080", 421)):
            assert sandbox.client.get(RUNS, headers=headers | {"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("address", "caller"), [("http://192.0.2.7:3080", "127.0.0.1"), ("http://127.0.0.1:3080", "192.0.2.9")]
)
def test_without_tokens_other_machines_are_refused_whatever_started_the_server(
    tmp_path: Path, address: str, caller: str
) -> None:
    with open_guarded(tmp_path, address=address, caller=caller) as sandbox:
        response = sandbox.client.get(RUNS)

    assert response.status_code == 403
    assert "QALITA_SANDBOX_REQUIRE_TOKEN=1" in response.json()["detail"]


FOREIGN = [
    "https://attacker.example",
    "null",
    "http://127.0.0.1:3081",
    "http://localhost:3080",
    "http://127.0.0.1:3080.attacker.example",
    "",
]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("path", [MUTE, FORM, "/login", "/logout"])
def test_a_page_of_another_origin_changes_nothing(opened: GuardedSandbox, origin: str, path: str) -> None:
    response = opened.client.post(path, headers={"Origin": origin} | bearer(opened.token(Role.ADMIN)))

    assert response.status_code == 403
    assert response.json()["detail"] == "a page of another origin may change nothing here"


def test_a_page_of_another_origin_gets_no_leave_to_read(opened: GuardedSandbox) -> None:
    response = opened.client.get(RUNS, headers={"Origin": "https://attacker.example"})

    assert "access-control-allow-origin" not in response.headers
    assert response.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("path", [FORM, "/login", "/logout"])
def test_a_form_without_an_origin_is_refused(opened: GuardedSandbox, path: str) -> None:
    assert opened.client.post(path).status_code == 403


def test_a_program_without_an_origin_may_write_on_loopback(opened: GuardedSandbox) -> None:
    assert opened.client.post(MUTE, json={"until": None, "actor": "x"}).status_code == 404


def test_a_proxy_that_changes_host_is_named(tmp_path: Path) -> None:
    allowed = frozenset({"qalita.example.org"})
    with open_guarded(tmp_path, is_token_required=True, allowed=allowed) as sandbox:
        response = sandbox.client.post("/logout", headers={"Origin": "https://qalita.example.org"})

    assert response.status_code == 303


@pytest.mark.parametrize("path", ["/", "/login", RUNS, "/api/v2/nowhere", "/docs", "/nowhere"])
def test_every_answer_has_the_secure_headers(opened: GuardedSandbox, path: str) -> None:
    headers = opened.client.get(path).headers

    kept = {name: value for name, value in SECURE_HEADERS.items() if name != "Cache-Control"}
    assert {name: headers.get(name) for name in kept} == kept
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "*" not in headers["Content-Security-Policy"]


def test_refusals_and_failures_have_them_too(opened: GuardedSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = opened.client.get(RUNS, headers=bearer("x"))
    monkeypatch.setattr(opened.client.app.state, "clock", lambda: 1 / 0)  # type: ignore[attr-defined]
    failed = opened.client.get("/api/v2/issues")

    assert (refused.status_code, failed.status_code) == (401, 500)
    for response in (refused, failed):
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        assert response.headers["cache-control"] == "no-store"


def test_the_sandbox_of_this_process_has_no_door(tmp_path: Path) -> None:
    with open_sandbox(tmp_path) as sandbox:
        assert sandbox.client.get(RUNS, headers={"Host": "sandbox"} | bearer("anything")).status_code == 200
        assert sandbox.client.get("/login").status_code == 404


def test_the_token_is_not_in_the_store(opened: GuardedSandbox) -> None:
    token = opened.token()
    opened.client.get(RUNS, headers=bearer(token))

    kept = repr(full_dump(opened.url))
    assert "somebody" in kept
    assert token.rpartition(".")[2] not in kept


def test_the_reference_of_the_api_loads_nothing_from_elsewhere(closed: GuardedSandbox) -> None:
    page = closed.client.get("/docs", headers=bearer(closed.token())).text

    assert f"<code><b>POST</b> {MUTE.replace('1', '{issue_id}')}</code> <span>dataengineer</span>" in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page


def test_a_page_without_a_token_leads_to_the_login_and_back(closed: GuardedSandbox) -> None:
    response = closed.client.get("/docs?of=runs", headers=HTML)

    assert (response.status_code, response.headers["location"]) == (303, "/login?next=%2Fdocs%3Fof%3Druns")
    assert LOOPBACK not in response.headers["location"]


def test_a_form_after_the_session_ended_leads_to_the_login(closed: GuardedSandbox) -> None:
    response = closed.client.post(FORM, headers=HTML | {"Origin": LOOPBACK})

    # With what was typed into it.
    assert (response.status_code, response.headers["location"]) == (307, f"/login?next={quote(FORM, safe='')}")


def test_a_store_that_fails_at_the_door_is_told_as_anywhere(opened: GuardedSandbox) -> None:
    token, engine = opened.token(), create_engine(opened.url)
    with engine.begin() as store:
        store.execute(text("drop table tokens"))
    engine.dispose()

    response = opened.client.get("/api/v2/projects", headers=bearer(token))

    assert "the store is of another version" in response.json()["detail"]


def test_who_did_it_is_the_owner_of_the_token_whatever_the_body_says(opened: GuardedSandbox) -> None:
    headers, run = bearer(opened.token()), report(1, {"a": "failed"})
    opened.client.post("/api/v2/ingest/runs", content=encode(run), headers=headers).raise_for_status()
    body = {"text": "looking at it", "actor": "the director"}
    for sent in (headers, {}):
        opened.client.post("/api/v2/issues/1/comment", json=body, headers=sent).raise_for_status()
    events = opened.client.get("/api/v2/issues/1/events").json()

    assert [one["actor"] for one in events if one["kind"] == "commented"] == ["somebody", "the director"]
