"""Servers that send a byte now and then, over a real socket."""

from __future__ import annotations

import time

import httpx2
import pytest

from qalita_ingest import punctual
from qalita_ingest.punctual import PunctualClient
from servers import dribbling, serving

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"


@pytest.fixture
def short_exchanges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(punctual, "LONGEST_EXCHANGE_SECONDS", 0.3)


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\nX-Long: ", HEAD, CHUNKED], ids=["headers", "body", "chunk"])
def test_an_answer_that_dribbles_is_a_timeout(begin: bytes, short_exchanges: None) -> None:
    started = time.monotonic()
    with dribbling(begin) as url, PunctualClient() as client:
        with pytest.raises(httpx2.ReadTimeout, match="no whole answer within 0 seconds") as caught:
            client.get(url)

    assert time.monotonic() - started < 3
    assert caught.value.request.url.host == "127.0.0.1"


def test_a_streamed_body_that_dribbles_is_a_timeout(short_exchanges: None) -> None:
    with dribbling(HEAD) as url, PunctualClient() as client, client.stream("GET", url) as response:
        with pytest.raises(httpx2.ReadTimeout):
            response.read()


def test_a_slow_body_that_moves_gets_the_time_it_needs(short_exchanges: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(punctual, "SLOWEST_BYTES_PER_SECOND", 10)
    with dribbling(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", last=12) as url, PunctualClient() as client:
        assert client.get(url).content == b"x" * 12


def test_nobody_who_listens_is_the_error_of_httpx2() -> None:
    with PunctualClient() as client, pytest.raises(httpx2.ConnectError):
        client.get("http://127.0.0.1:9")


def test_a_usual_answer_is_read_whole_and_its_connection_used_again() -> None:
    content = b"0123456789" * 100_000
    with serving(lambda _call: (200, content)) as server, PunctualClient() as client:
        answers = [client.post(server.url, content=content).content for _ in range(2)]

    assert answers == [content, content]
