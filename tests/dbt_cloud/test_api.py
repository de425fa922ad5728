"""Requests to dbt Cloud over a real socket: what is tried again, for how long, and what is said in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud_stand_in import Cloud, Run, serving_cloud
from qalita_ingest import punctual
from qalita_ingest.dbt_cloud import Api, finished_run
from qalita_ingest.dbt_cloud.api import ATTEMPTS
from qalita_ingest.errors import InputError, SettingsError
from servers import Server, dribbling, serving

ApiOf = Callable[..., Api]
RUN = Run(1, steps={"build": {"manifest.json": b"{}"}})


def test_too_many_requests_are_tried_again_after_the_time_asked_for(api_of: ApiOf) -> None:
    with serving_cloud(RUN) as cloud:
        cloud.answers_before = [(429, b"", {"Retry-After": "1"})]
        started = time.monotonic()

        assert finished_run(api_of(cloud), 1).id == 1
        assert time.monotonic() - started >= 1
        assert len(cloud.server.calls) == 2


def test_a_server_error_is_tried_again(api_of: ApiOf, without_waits: None) -> None:
    with serving_cloud(RUN) as cloud:
        cloud.answers_before = [(503, b""), (502, b"")]

        assert finished_run(api_of(cloud), 1).id == 1


def test_attempts_are_bounded_and_the_reason_is_said(api_of: ApiOf, without_waits: None) -> None:
    with serving_cloud(RUN) as cloud:
        cloud.answers_before = [(503, b"")] * 20

        with pytest.raises(InputError, match=r"can't be read at 127\.0\.0\.1 .HTTP 503.*try again later"):
            finished_run(api_of(cloud), 1)
        assert len(cloud.server.calls) == ATTEMPTS


def test_a_wait_that_is_too_long_is_left_to_the_user(api_of: ApiOf) -> None:
    with serving_cloud(RUN) as cloud:
        cloud.answers_before = [(429, b"", {"Retry-After": "3600"})]

        with pytest.raises(InputError, match="HTTP 429, which asks to wait 3600 s"):
            finished_run(api_of(cloud), 1)
        assert len(cloud.server.calls) == 1


def test_an_expired_token_is_one_line_that_does_not_show_it(api_of: ApiOf) -> None:
    with serving_cloud(RUN) as cloud:
        with pytest.raises(SettingsError, match=r"refused the token .HTTP 401.*expired") as caught:
            finished_run(api_of(cloud, "dbtc_expired"), 1)

        assert "dbtc_expired" not in str(caught.value)
        assert len(cloud.server.calls) == 1


def test_a_token_without_permission_names_the_account(api_of: ApiOf) -> None:
    with serving_cloud(RUN) as cloud:
        cloud.answers_before = [(403, b"")]

        with pytest.raises(SettingsError, match="may not read the runs of account 4711"):
            finished_run(api_of(cloud), 1)


def test_a_host_that_is_not_dbt_cloud_is_recognised(api_of: ApiOf) -> None:
    with serving_cloud(RUN) as cloud:
        cloud.answers_before = [(200, b"<html>Sign in</html>")]

        with pytest.raises(InputError, match="the answer is not dbt Cloud's"):
            finished_run(api_of(cloud), 1)


def test_nobody_there_is_one_line(api_of: ApiOf, without_waits: None) -> None:
    with serving_cloud(RUN) as cloud:
        api = api_of(cloud)

    with pytest.raises(InputError, match=r"can't be read at 127\.0\.0\.1"):
        finished_run(api, 1)


def test_an_account_that_has_moved_is_followed_and_another_host_gets_no_token(api_of: ApiOf) -> None:
    with serving(lambda _call: (404, b"")) as elsewhere, serving_cloud(RUN) as cloud:
        cloud.answers_before = [(302, b"", {"Location": f"{elsewhere.url}/api/v2/accounts/4711/runs/1/"})]

        with pytest.raises(InputError, match="no such run"):
            finished_run(api_of(cloud), 1)
        assert "authorization" in cloud.server.calls[0].headers
        assert "authorization" not in elsewhere.calls[0].headers


def test_redirects_in_a_circle_end(api_of: ApiOf) -> None:
    with serving_cloud(RUN) as cloud:
        cloud.answers_before = [(302, b"", {"Location": "/api/v2/accounts/4711/runs/1/"})] * 20

        with pytest.raises(InputError, match="can't be read"):
            finished_run(api_of(cloud), 1)


def test_a_download_that_broke_off_begins_anew(api_of: ApiOf, tmp_path: Path, without_waits: None) -> None:
    with serving_cloud(RUN) as cloud:
        # Announces more than it sends: the connection ends in the middle of the file.
        cloud.answers_before = [(200, b'{"broken', {"Content-Length": "100", "Connection": "close"})]

        assert api_of(cloud).download("runs/1/artifacts/manifest.json", {"step": "1"}, tmp_path / "manifest.json")
        assert (tmp_path / "manifest.json").read_bytes() == b"{}"


def test_what_is_not_there_leaves_no_file(api_of: ApiOf, tmp_path: Path) -> None:
    with serving_cloud(RUN) as cloud:
        assert not api_of(cloud).download("runs/1/artifacts/catalog.json", {"step": "1"}, tmp_path / "catalog.json")

    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_dribbles_is_one_line_in_the_end(
    api_of: ApiOf, without_waits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(punctual, "LONGEST_EXCHANGE_SECONDS", 0.2)
    with dribbling(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n") as url:
        with pytest.raises(InputError, match=r"can't be read at .*no whole answer.*try again later"):
            finished_run(api_of(Cloud({}, server=Server(url))), 1)
