"""What `doctor` looks at: one line for each thing that an ingest needs, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import threading
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from qalita_ingest.cli.vendor import find_vendor_client, how_to_install, is_ours
from qalita_ingest.errors import SettingsError
from qalita_ingest.git import commit_of
from qalita_ingest.workspace import store_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx2

    from qalita_ingest.delivery import Endpoint

TIMEOUT_SECONDS = 3.0
SERVER_ERROR = 500
# Packages whose name begins with dbt- and that are no adapter.
DBT_LIBRARIES = frozenset({"dbt-core", "dbt-adapters", "dbt-common", "dbt-extractor", "dbt-semantic-interfaces"})
DBT_LIBRARIES |= {"dbt-protos", "dbt-core-experimental-parser"}


@dataclass(frozen=True)
class Finding:
    """`fine`; `note`: usable, and worth knowing; `mend`: an ingest can't do its work before that is mended."""

    state: Literal["fine", "note", "mend"]
    subject: str
    text: str


def examine(endpoint_flag: str | None) -> Iterator[Finding]:
    yield Finding("fine", "Python", f"{sys.version.split()[0]} in {sys.prefix}")
    yield Finding("fine", "qalita-ingest", metadata.version("qalita-ingest"))
    yield from _the_word_qalita()
    yield _dbt()
    yield from _server(endpoint_flag)
    yield from _store()
    yield _target()
    yield _commit()


def _the_word_qalita() -> Iterator[Finding]:
    ours = Path(sys.prefix) / "bin" / "qalita"
    if version := _installed("qalita"):
        owner = "ours" if is_ours(ours) else "the client's"
        yield Finding(
            "mend",
            "qalita",
            f"QALITA's own client {version} is in this environment too, and the two overwrite each other's script: "
            f"{ours} is {owner} now; pip uninstall qalita, install qalita-ingest again, then {how_to_install()}",
        )
        return
    found = shutil.which("qalita")
    if found and is_ours(Path(found)):
        yield Finding("fine", "qalita", f"{found} is ours")
    else:
        where = f"on PATH is {found}, not ours" if found else "is not on PATH"
        yield Finding("note", "qalita", f"`qalita` {where}; ours is {ours}")
    yield _client()


def _client() -> Finding:
    client = find_vendor_client()
    if client is None:
        return Finding("note", "QALITA's client", f"not installed, and not needed for ingest; {how_to_install()}")
    if not os.access(client, os.X_OK):
        return Finding("mend", "QALITA's client", f"{client}, which QALITA_CLI names, can't be executed")
    return Finding("fine", "QALITA's client", str(client))


def _installed(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _dbt() -> Finding:
    core = _installed("dbt-core")
    names = {name for one in metadata.distributions() if (name := one.metadata["Name"] or "").startswith("dbt-")}
    adapters = [f"{name} {_installed(name)}" for name in sorted(names - DBT_LIBRARIES)]
    if core:
        return Finding("fine", "dbt", ", ".join([f"dbt-core {core}", *(adapters or ["no adapter"])]))
    if found := shutil.which("dbt"):
        return Finding("fine", "dbt", f"{found}, in an environment of its own")
    return Finding("note", "dbt", "not found here; the files of a dbt elsewhere can be taken in all the same")


def _server(endpoint_flag: str | None) -> Iterator[Finding]:
    from qalita_ingest.delivery.endpoint import TOKEN_VARIABLES, URL_VARIABLES, find_endpoint  # noqa: PLC0415

    try:
        endpoint = find_endpoint(endpoint_flag, os.environ)
    except SettingsError as error:
        yield Finding("mend", "endpoint", str(error))
        return
    if endpoint is None:
        yield Finding("fine", "endpoint", f"the embedded sandbox: none of {', '.join(URL_VARIABLES)} is set")
        return
    yield Finding("fine", "endpoint", f"{endpoint.url}, from {'--endpoint' if endpoint_flag else _set(URL_VARIABLES)}")
    if endpoint.token:
        yield Finding("fine", "token", f"from {_set(TOKEN_VARIABLES)} (its value is not shown)")
    else:
        yield Finding("note", "token", f"none; a platform wants one in {TOKEN_VARIABLES[0]}")
    yield _within(TIMEOUT_SECONDS, lambda: _reach(endpoint), endpoint)


def _set(names: tuple[str, ...]) -> str:
    return " and ".join(name for name in names if os.environ.get(name, "").strip())


def _within(seconds: float, ask: Callable[[], Finding], endpoint: Endpoint) -> Finding:
    """The client's own time-outs count from byte to byte, and don't count the search for a name."""
    found: list[Finding] = []
    thread = threading.Thread(target=lambda: found.append(ask()), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else Finding("mend", "server", f"no answer of {endpoint.url} within {seconds:.0f} seconds")


def _reach(endpoint: Endpoint) -> Finding:
    import httpx2  # noqa: PLC0415

    from qalita_ingest.delivery import http_client  # noqa: PLC0415

    try:
        with http_client(endpoint) as client:
            return _abilities(client)
    except httpx2.HTTPError as error:
        return Finding("mend", "server", f"{endpoint.url} can't be reached ({error}); runs wait in the outbox")


def _abilities(client: httpx2.Client) -> Finding:
    answer = client.get("/api/v2/ingest/capabilities")
    if answer.status_code in {401, 403}:
        return Finding("mend", "server", f"refuses the token (HTTP {answer.status_code})")
    if versions := _field(answer, "contract_versions"):
        return Finding("fine", "server", f"takes runs (/api/v2/ingest, contract version {_listed(versions)})")
    if answer.status_code >= SERVER_ERROR:
        return Finding("mend", "server", f"fails with HTTP {answer.status_code}; runs wait in the outbox")
    platform = _field(client.get("/api/v1/version"), "version")
    if platform is None:
        return Finding(
            "mend", "server", f"answers HTTP {answer.status_code}, not as QALITA does; is the endpoint right?"
        )
    return _upload_route(str(platform))


def _upload_route(platform: str) -> Finding:
    from qalita_ingest.delivery.upload_route import PACK_VARIABLE, SOURCE_VARIABLE  # noqa: PLC0415

    missing = [name for name in (SOURCE_VARIABLE, PACK_VARIABLE) if not os.environ.get(name, "").strip()]
    text = f"platform {platform} has no /api/v2/ingest: use --via upload"
    if missing:
        return Finding("mend", "server", f"{text}, which needs {' and '.join(missing)}")
    source, pack = os.environ[SOURCE_VARIABLE], os.environ[PACK_VARIABLE]
    return Finding("fine", "server", f"{text}, to source {source} with pack {pack}")


def _field(answer: httpx2.Response, name: str) -> Any:
    try:
        return answer.json()[name] if answer.is_success else None
    except (ValueError, KeyError, TypeError):
        return None


def _listed(values: Any) -> str:
    return ", ".join(map(str, values)) if isinstance(values, list) else str(values)


def _store() -> Iterator[Finding]:
    try:
        store = store_folder(Path.cwd(), os.environ)
    except SettingsError as error:
        yield Finding("mend", "store", str(error))
        return
    if reason := _unwritable(store):
        yield Finding("mend", "store", f"{store} can't be written: {reason}; choose another folder with QALITA_STORE")
        return
    if url := os.environ.get("QALITA_DATABASE_URL"):
        yield _elsewhere(url)
    elif store.exists():
        yield _revision(store / "qalita.db")
    else:
        yield Finding("fine", "store", f"{store}, made by the first run")
    yield from _outboxes(store / "outbox")


def _elsewhere(url: str) -> Finding:
    """Named and not asked: it may be far away."""
    # Late: the settings know how a database is named, and need its library for it.
    from qalita_ingest.sandbox.settings import Settings, postgresql_url  # noqa: PLC0415

    try:
        return Finding("fine", "store", f"{Settings(Path(), postgresql_url(url)).place}, not asked")
    except SettingsError as error:
        return Finding("mend", "store", str(error))


def _unwritable(folder: Path) -> str | None:
    """The reason, found by writing: rights alone don't tell of a disk that is full or read-only."""
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    try:
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"1")
    except OSError as error:
        return error.strerror or str(error)
    return None


def _revision(database: Path) -> Finding:
    newest = max(one.name[:4] for one in _migrations())
    if not database.exists():
        return Finding("fine", "store", f"{database.parent}, no sandbox in it yet")
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            (revision,) = connection.execute("select version_num from alembic_version").fetchone()
    except (sqlite3.Error, TypeError) as error:
        return Finding("mend", "store", f"{database} is no QALITA store: {error}; choose another with QALITA_STORE")
    if revision > newest:
        return Finding("mend", "store", f"{database} is of a newer version ({revision}); upgrade qalita-ingest")
    note = "" if revision == newest else f", brought to {newest} by the next ingest"
    return Finding("fine", "store", f"{database}, writable, revision {revision}{note}")


def _migrations() -> Iterator[Any]:
    folder = resources.files("qalita_ingest") / "sandbox" / "database" / "migrations" / "versions"
    return (one for one in folder.iterdir() if one.name[:4].isdecimal())


def _outboxes(folder: Path) -> Iterator[Finding]:
    from qalita_ingest.delivery import Outbox  # noqa: PLC0415

    for box in sorted(folder.iterdir()) if folder.is_dir() else ():
        pending, parked = (len(found) for found in (Outbox(box).pending(), Outbox(box).parked()))
        text = f"{box.name}: {pending} waiting, {parked} parked"
        if pending or parked:
            text += "; `qalita ingest status` says why, `qalita ingest flush` sends what waits"
        yield Finding("note" if pending or parked else "fine", "outbox", text)


def _target() -> Finding:
    named = os.environ.get("DBT_TARGET_PATH")
    places = [Path(named)] if named else [Path("target"), *sorted(Path().glob("*/target"))]
    for place in places:
        if (place / "manifest.json").is_file():
            files = [name for name in ("run_results.json", "sources.json", "catalog.json") if (place / name).is_file()]
            return Finding("fine", "dbt's files", f"{place}: {', '.join(['manifest.json', *files])}")
    return Finding("note", "dbt's files", f"no manifest.json in {' or '.join(map(str, places))}; run dbt first")


def _commit() -> Finding:
    if not shutil.which("git"):
        return Finding("note", "git", "not installed; name the commit with --git-sha")
    sha, branch = commit_of(Path.cwd())
    if sha is None:
        return Finding("note", "git", "no commit here; name one with --git-sha")
    return Finding("fine", "git", f"commit {sha[:10]}, {f'branch {branch}' if branch else 'no branch'}")
