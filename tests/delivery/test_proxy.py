"""A proxy of the environment stands between us and others, never between us and this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qalita_ingest.delivery import Endpoint, http_client
from servers import saying, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Server


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(saying(502)) as server:
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTP_PROXY", server.url)
        yield server


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_of_this_machine_is_asked_without_the_proxy(proxy: Server, host: str) -> None:
    with serving(saying(200)) as server:
        endpoint = Endpoint(server.url.replace("127.0.0.1", host))
        with http_client(endpoint) as client:
            assert client.get("/api/v2/ingest/capabilities").status_code == 200
    assert not proxy.calls


def test_any_other_server_is_asked_through_it(proxy: Server) -> None:
    with http_client(Endpoint("http://qalita.example.org")) as client:
        assert client.get("/api/v2/ingest/capabilities").status_code == 502
    assert [call.path for call in proxy.calls] == ["http://qalita.example.org/api/v2/ingest/capabilities"]
