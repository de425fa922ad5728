"""What is PostgreSQL's own: how it is named, what it refuses, and what is said when it is not there."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from factories import report
from qalita_ingest.connection import connect
from qalita_ingest.delivery import deliver
from qalita_ingest.errors import RejectedError, SettingsError, StoreError
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.embedded import embedded_sandbox
from qalita_ingest.sandbox.settings import Settings, postgresql_url, settings_from
from server_process import free_port
from store_dump import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qalita_ingest.contract import RunReport
    from sandboxes import Sandbox

STORES = ("postgresql",)
SECRET = "hunter2"
RUN = report(1, {"a": "failed"})
# Random enough that PostgreSQL can't press it into its index.
ENDLESS = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(200))
WITH_NUL = replace(RUN, results=(replace(RUN.results[0], message="before\0after"),))
WITH_ENDLESS_KEY = replace(
    RUN, checks=(replace(RUN.checks[0], key=ENDLESS),), results=(replace(RUN.results[0], check=ENDLESS),)
)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_each_way_to_write_the_url_names_the_same_store(scheme: str, tmp_path: Path) -> None:
    settings = settings_from({"QALITA_STORE": str(tmp_path), "QALITA_DATABASE_URL": f"{scheme}://u:{SECRET}@h:1/d"})

    assert settings.database_url.drivername == "postgresql+psycopg"
    assert settings.place == "postgresql+psycopg://u:***@h:1/d"


@pytest.mark.parametrize(
    "url",
    [
        SECRET,
        f"mysql://u:{SECRET}@h/d",
        "sqlite:///hunter2",
        f"postgresql://u:{SECRET}@h:port/d",
        f"postgresql://u:x@{SECRET}@h/d",
    ],
)
def test_a_url_of_another_kind_is_refused_without_saying_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="QALITA_DATABASE_URL: expected postgresql://user:password@") as refused:
        settings_from({"QALITA_DATABASE_URL": url})

    assert SECRET not in str(refused.value)


def test_no_password_is_shown_where_the_store_is_named(tmp_path: Path) -> None:
    settings = Settings(tmp_path, postgresql_url(f"postgresql://u:{SECRET}@h/d?sslpassword={SECRET}"))

    assert SECRET not in settings.place + repr(settings)


def test_a_server_that_does_not_answer_is_one_line_without_the_password(tmp_path: Path) -> None:
    url = postgresql_url(f"postgresql://u:{SECRET}@127.0.0.1:{free_port()}/d")

    with pytest.raises(
        StoreError, match=r"can't be used: .*refused.*; check the server, and QALITA_DATABASE_URL$"
    ) as no:
        open_database(Settings(tmp_path, url))

    assert (str(no.value).count("\n"), SECRET in str(no.value)) == (0, False)


def test_without_the_driver_the_command_that_installs_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(StoreError, match=r"psycopg is not installed; pip install 'qalita-ingest\[postgresql\]'"):
        open_database(Settings(tmp_path, postgresql_url("postgresql://h/d")))


@pytest.mark.parametrize(
    ("run", "said"),
    [(WITH_NUL, "cannot contain NUL"), (WITH_ENDLESS_KEY, "index row requires")],
    ids=["a NUL in a text", "a key that no index takes"],
)
class TestRefused:
    def test_it_is_refused_for_good_and_nothing_is_kept(self, sandbox: Sandbox, run: RunReport, said: str) -> None:
        response = sandbox.post(run)

        assert (response.status_code, sandbox.rows("select count(*) from runs")) == (422, [(0,)])
        assert said in response.json()["detail"]

    def test_the_sandbox_in_this_process_refuses_it_too(
        self, new_store: Callable[[], Settings], run: RunReport, said: str
    ) -> None:
        settings = new_store()
        url = settings.database_url.render_as_string(hide_password=False)

        with embedded_sandbox(settings.store, url) as embedded, pytest.raises(RejectedError, match=said):
            embedded.take(run)


def test_an_ingest_without_a_server_keeps_its_runs_where_the_environment_says(
    new_store: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = new_store()
    monkeypatch.setenv("QALITA_STORE", str(settings.store))
    monkeypatch.setenv("QALITA_DATABASE_URL", settings.database_url.render_as_string(hide_password=False))

    with connect() as qalita:
        deliver(RUN, qalita.outbox, qalita.route)

    assert qalita.place == settings.place
    assert rows_of(settings.database_url, "select run_id from runs") == [(RUN.context.run_id,)]
    assert not settings.database_path.exists()
