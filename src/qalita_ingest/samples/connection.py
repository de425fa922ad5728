"""dbt's own connection to the database, for reading only.

The profile is loaded and the connection opened as `dbt debug` does it, without the project: nothing is parsed, compiled
or written, no log is opened and no usage statistics are sent. Messages of dbt and of databases stay here, since they
may quote passwords and values; what leaves is a reason in our own words.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qalita_ingest.samples.unreadable import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONNECTION = "qalita failing rows"
_GONE = re.compile(
    r"does(?: not|n't) exist|not[ _]found|invalid object name|unknown table|no such table", re.IGNORECASE
)
_LOCKED = re.compile(r"could not set lock|conflicting lock|database is locked|different configuration", re.IGNORECASE)
_NO_ADAPTER = re.compile(r"Could not find adapter type (\w+)")


@contextmanager
def connected(options: Sequence[str], adapter_name: str) -> Iterator[Any]:
    """The adapter, connected. Raises `UnreadableError`."""
    adapter = _adapter(options, adapter_name)
    try:
        with adapter.connection_named(CONNECTION, should_release_connection=False):
            # Opens it: one reason for all tables is better than the same one for each.
            _ = adapter.connections.get_thread_connection().handle
    except Exception as error:
        raise UnreadableError(_why_not_connected(error)) from error
    try:
        yield adapter
    finally:
        adapter.cleanup_connections()


def _adapter(options: Sequence[str], name: str) -> Any:
    """Raises `UnreadableError`."""
    try:
        return _adapter_of_profile(options)
    except ImportError as error:
        raise UnreadableError(_why_no_dbt(error, name)) from error
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError(_why_no_profile(error)) from error


def _adapter_of_profile(options: Sequence[str]) -> Any:
    # Imported here, since dbt is no dependency.
    from dbt.adapters.factory import get_adapter, register_adapter  # noqa: PLC0415
    from dbt.cli.flags import Flags, args_to_context  # noqa: PLC0415
    from dbt.config.runtime import load_profile  # noqa: PLC0415
    from dbt.flags import set_flags  # noqa: PLC0415
    from dbt.mp_context import get_mp_context  # noqa: PLC0415
    from dbt_common.context import set_invocation_context  # noqa: PLC0415

    set_invocation_context(dict(os.environ))
    flags: Any = Flags(args_to_context(["debug", *options]))
    set_flags(flags)  # type: ignore[no-untyped-call]
    profile: Any = load_profile(flags.PROJECT_DIR, flags.VARS, flags.PROFILE, flags.TARGET)
    # As dbt does before it connects: a relative path of the profile counts from the project.
    os.chdir(flags.PROJECT_DIR)
    _keep_from_writing(profile.credentials)
    register_adapter(profile, get_mp_context())
    return get_adapter(profile)


def _keep_from_writing(credentials: Any) -> None:
    """DuckDB makes the file that it is asked to open, and writes to it on closing."""
    path = str(getattr(credentials, "path", ""))
    if credentials.type != "duckdb" or not _is_local_file(credentials, path):
        return
    if not Path(path).is_file():
        raise UnreadableError(f"the profile's database file {Path(path).name} does not exist")
    credentials.config_options = {**(credentials.config_options or {}), "access_mode": "READ_ONLY"}


def _is_local_file(credentials: Any, path: str) -> bool:
    is_elsewhere = getattr(credentials, "remote", None) or getattr(credentials, "is_motherduck", False)
    return not is_elsewhere and ":" not in Path(path).name and "://" not in path


def query(adapter: Any, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows. Raises `UnreadableError`."""
    from dbt.adapters.sql.connections import SQLConnectionManager  # noqa: PLC0415

    try:
        with adapter.connection_named(CONNECTION, should_release_connection=False):
            if isinstance(adapter.connections, SQLConnectionManager):
                # In a transaction, which dbt ends after an error: without one, PostgreSQL refuses what follows.
                _, cursor = adapter.connections.add_query(sql, auto_begin=True)
                return [column[0] for column in cursor.description], cursor.fetchall()
            _, table = adapter.execute(sql, fetch=True)
            return list(table.column_names), [tuple(row) for row in table.rows]
    except Exception as error:
        raise UnreadableError(_why_not_read(error)) from error


def _why_no_dbt(error: ImportError, adapter: str) -> str:
    try:
        found = version("dbt-core")
    except PackageNotFoundError:
        return f"dbt is not installed beside qalita-ingest: pip install dbt-{adapter}"
    return f"dbt-core {found} can't be used ({error.name} is missing): pip install 'dbt-core>=1.8,<2' dbt-{adapter}"


def _why_no_profile(error: Exception) -> str:
    if missing := _NO_ADAPTER.search(str(error)):
        return f"dbt's adapter is not installed beside qalita-ingest: pip install dbt-{missing[1]}"
    return f"dbt's project or profile can't be loaded ({_name(error)}): `dbt debug` says why"


def _why_not_connected(error: Exception) -> str:
    if _LOCKED.search(str(error)):
        return "the database is locked by another process; ingest again when that has ended"
    return f"the database can't be reached ({_name(error)}): `dbt debug` says why"


def _why_not_read(error: Exception) -> str:
    if _GONE.search(str(error)):
        return "its table is gone: dropped since, or in the database of another target"
    return f"its table can't be read ({_name(error)})"


def _name(error: Exception) -> str:
    """dbt wraps what databases say."""
    return type(error.__cause__ or error).__name__
