"""People hand in a token once; a cookie stands for it afterwards."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING

import jwt
import pytest

from guarded_sandboxes import HTML, LOOPBACK, GuardedSandbox, bearer, open_guarded
from qalita_ingest.sandbox.access import Identity, Role, Tokens

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2

STORES = ("sqlite", "postgresql")
ORIGIN = {"Origin": LOOPBACK}
SHOWN = re.compile(r'<textarea id="[^"]+" name="(\w+)">\n(.*?)</textarea>', re.DOTALL)
KEPT = re.compile(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', re.DOTALL)


def log_in(sandbox: GuardedSandbox, token: str, wanted: str = "/docs") -> httpx2.Response:
    return sandbox.client.post("/login", data={"token": token, "next": wanted}, headers=ORIGIN)


def test_a_token_opens_the_pages(closed: GuardedSandbox) -> None:
    response = log_in(closed, f"  {closed.token()}\n")

    assert (response.status_code, response.headers["location"]) == (303, "/docs")
    assert closed.client.get("/docs", headers=HTML).status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(closed: GuardedSandbox) -> None:
    token = closed.token()
    cookie = SimpleCookie(log_in(closed, token).headers["set-cookie"])["qalita_session"]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "strict", "/", "")
    assert int(cookie["max-age"]) == 12 * 3600
    assert cookie["secure"] == ""
    assert token not in cookie.value


def test_over_tls_the_cookie_never_goes_without(tmp_path: Path) -> None:
    with open_guarded(tmp_path, is_token_required=True, address="https://127.0.0.1:3080") as sandbox:
        fields = {"token": sandbox.token()}
        response = sandbox.client.post("/login", data=fields, headers={"Origin": "https://127.0.0.1:3080"})

    assert SimpleCookie(response.headers["set-cookie"])["qalita_session"]["secure"]


@pytest.mark.parametrize("token", ["", "your-token", "a.b.c"])
def test_a_bad_token_is_said_on_the_page_and_sets_no_cookie(closed: GuardedSandbox, token: str) -> None:
    response = log_in(closed, token)

    assert (response.status_code, response.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert 'role="alert"' in response.text
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "wanted", ["https://attacker.example", "//attacker.example", "/\\attacker.example", "javascript:x", "/\t/x.example"]
)
def test_the_login_leads_to_no_other_site(closed: GuardedSandbox, wanted: str) -> None:
    assert log_in(closed, closed.token(), wanted).headers["location"] == "/"


def test_what_was_asked_for_is_shown_as_text(closed: GuardedSandbox) -> None:
    page = closed.client.get("/login", params={"next": '/"><b>'}).text

    assert '<input type="hidden" name="next" value="/&#34;&gt;&lt;b&gt;">' in page


def test_a_form_that_is_too_large_is_refused(closed: GuardedSandbox) -> None:
    assert log_in(closed, "x" * 200_000).status_code == 413
    assert closed.client.post("/login", content="a=1&" * 11, headers=ORIGIN).status_code == 413


def test_a_session_has_the_role_of_its_token(closed: GuardedSandbox) -> None:
    log_in(closed, closed.token(Role.VIEWER))

    assert closed.client.get("/api/v2/runs").status_code == 200
    assert closed.client.post("/issues/1/mute", headers=ORIGIN).status_code == 403


def test_a_session_writes_only_from_our_own_pages(closed: GuardedSandbox) -> None:
    log_in(closed, closed.token())
    path, wish = "/api/v2/issues/1/mute", {"until": None, "actor": "x"}

    assert closed.client.post(path, json=wish).status_code == 403
    assert closed.client.post(path, json=wish, headers={"Origin": "https://attacker.example"}).status_code == 403
    assert closed.client.post(path, json=wish, headers=ORIGIN).status_code == 404


LONGEST_COMMENT = "été\n" * 2500


@pytest.mark.parametrize(
    ("act", "fields"),
    [("comment", {"text": LONGEST_COMMENT}), ("assign", {"assignee": ""}), ("unmute", {}), ("mute", {"until": "x"})],
)
def test_what_was_typed_when_the_session_ended_is_sent_after_the_login(
    closed: GuardedSandbox, act: str, fields: dict[str, str]
) -> None:
    address = f"/issues/1/{act}"
    asked = closed.client.post(address, data=fields, headers=ORIGIN | HTML)
    assert asked.status_code == 307
    login = asked.headers["location"]
    page = closed.client.post(login, data=fields, headers=ORIGIN | HTML)
    assert page.status_code == 401
    assert f'action="{login}"' in page.text
    assert "it is sent when you log in" in page.text

    kept = {name: html.unescape(value) for name, value in KEPT.findall(page.text)}
    assert kept == fields
    wrong = closed.client.post(login, data=kept | {"token": "a.b.c"}, headers=ORIGIN | HTML)
    assert wrong.status_code == 401
    assert {name: html.unescape(value) for name, value in KEPT.findall(wrong.text)} == fields
    done = closed.client.post(login, data=kept | {"token": closed.token()}, headers=ORIGIN | HTML)

    assert (done.status_code, done.headers["location"]) == (307, address)
    assert "qalita_session" in done.headers["set-cookie"]


def test_a_comment_that_a_viewer_may_not_send_is_shown_again_with_the_reason(closed: GuardedSandbox) -> None:
    login, fields = "/login?next=/issues/1/comment", {"text": LONGEST_COMMENT}

    refused = closed.client.post(login, data=fields | {"token": closed.token(Role.VIEWER)}, headers=ORIGIN | HTML)

    assert refused.status_code == 403
    (reason,) = re.findall(r'role="alert"[^>]*>(.*?)</p>', refused.text)
    assert html.unescape(reason) == "A token of role viewer can't comment: that needs one of role dataengineer."
    ((name, kept),) = SHOWN.findall(refused.text)
    assert {name: html.unescape(kept)} == fields
    assert '<a href="/issues/1">' in refused.text
    assert closed.client.get("/overview", headers=HTML).status_code == 200
    sent = closed.client.post(login, data=fields | {"token": closed.token()}, headers=ORIGIN | HTML)
    assert (sent.status_code, sent.headers["location"]) == (307, "/issues/1/comment")


def test_a_comment_of_a_session_that_has_become_a_viewers_is_shown_again_with_the_reason(
    closed: GuardedSandbox,
) -> None:
    """The form was opened as another; a second tab logged in as a viewer meanwhile."""
    log_in(closed, closed.token(Role.VIEWER))
    address, fields = "/issues/1/comment", {"text": LONGEST_COMMENT}

    asked = closed.client.post(address, data=fields, headers=ORIGIN | HTML)
    assert (asked.status_code, asked.headers["location"]) == (307, "/login?next=%2Fissues%2F1%2Fcomment")
    refused = closed.client.post(asked.headers["location"], data=fields, headers=ORIGIN | HTML)

    assert refused.status_code == 403
    assert "A token of role viewer can&#39;t comment: that needs one of role dataengineer." in refused.text
    assert [(name, html.unescape(kept)) for name, kept in SHOWN.findall(refused.text)] == [("text", LONGEST_COMMENT)]
    assert closed.client.get("/overview", headers=HTML).status_code == 200
    typed = fields | {"token": closed.token()}
    sent = closed.client.post(asked.headers["location"], data=typed, headers=ORIGIN | HTML)
    assert (sent.status_code, sent.headers["location"]) == (307, address)


def test_what_strangers_send_with_a_viewers_session_never_comes_to_the_login(closed: GuardedSandbox) -> None:
    log_in(closed, closed.token(Role.VIEWER))

    for stranger in ({"Origin": "https://attacker.example"}, {}):
        sent = closed.client.post("/issues/1/comment", data={"text": "x"}, headers=HTML | stranger)
        assert (sent.status_code, "location" in sent.headers) == (403, False)


def test_a_page_of_strangers_can_leave_nothing_to_be_sent_after_a_login(closed: GuardedSandbox) -> None:
    stranger = HTML | {"Origin": "https://attacker.example"}

    assert closed.client.post("/issues/1/comment", data={"text": "x"}, headers=stranger).status_code == 403
    sent = closed.client.post("/login?next=/issues/1/comment", data={"text": "x"}, headers=stranger)
    assert sent.status_code == 403


def test_a_revoked_token_ends_its_sessions(closed: GuardedSandbox) -> None:
    log_in(closed, closed.token())
    (row,) = closed.tokens.listed()
    closed.tokens.revoke(row.jti, datetime.now(UTC))

    assert closed.client.get("/docs", headers=HTML).headers["location"].startswith("/login")


def test_a_session_ends_after_twelve_hours(closed: GuardedSandbox) -> None:
    identity = closed.tokens.verify(closed.token())
    session = closed.tokens.session(identity, datetime.now(UTC) - timedelta(hours=12, seconds=1))
    closed.client.cookies.set("qalita_session", session)

    assert closed.client.get("/api/v2/runs").status_code == 401


def test_the_logout_takes_the_cookie_away(closed: GuardedSandbox) -> None:
    log_in(closed, closed.token())
    response = closed.client.post("/logout", headers=ORIGIN)

    assert (response.status_code, response.headers["location"]) == (303, "/login")
    assert closed.client.get("/api/v2/runs").status_code == 401


def test_a_cookie_is_no_token_and_a_token_no_cookie(closed: GuardedSandbox) -> None:
    token = closed.token()
    log_in(closed, token)
    cookie = closed.client.cookies["qalita_session"]
    closed.client.cookies.clear()

    assert closed.client.get("/api/v2/runs", headers=bearer(cookie)).status_code == 401
    closed.client.cookies.set("qalita_session", token)
    assert closed.client.get("/api/v2/runs").status_code == 401


def test_a_forged_session_is_none(closed: GuardedSandbox) -> None:
    forger = Tokens(None, "f" * 64)  # type: ignore[arg-type]
    claims = jwt.decode(closed.token(), options={"verify_signature": False})
    identity = Identity("somebody", Role.ADMIN, frozenset(Role.ADMIN.scopes), claims["jti"])
    closed.client.cookies.set("qalita_session", forger.session(identity, datetime.now(UTC)))

    assert closed.client.get("/api/v2/runs").status_code == 401


def test_on_loopback_an_old_cookie_is_as_good_as_none(opened: GuardedSandbox) -> None:
    opened.client.cookies.set("qalita_session", "of.an.earlier-store")

    assert opened.client.get("/api/v2/runs").status_code == 200
