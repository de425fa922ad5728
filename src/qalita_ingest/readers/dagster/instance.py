"""The Dagster instance of a home folder."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dagster import DagsterInstance

from qalita_ingest.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["DagsterInstance", "open_instance"]

VARIABLE = "DAGSTER_HOME"


@contextmanager
def open_instance(home: Path | None, environ: Mapping[str, str]) -> Iterator[DagsterInstance]:
    """The one of `home`, else of DAGSTER_HOME. Raises `SettingsError` without one, `InputError` for a broken one."""
    folder = home or _named(environ)
    origin = "--dagster-home" if home else VARIABLE
    if not folder.is_absolute() or not folder.is_dir():
        raise SettingsError(f"{origin}={folder}: expected the absolute path of a folder that exists")
    with _opened(folder) as instance:
        yield instance


def _opened(folder: Path) -> DagsterInstance:
    try:
        instance = DagsterInstance.from_config(str(folder))
        # It opens its stores when it is asked for the first time.
        instance.get_run_records(limit=1)
    except Exception as error:  # noqa: BLE001 (whatever ails the instance, of Dagster or of its database, is one line)
        raise InputError(f"{folder}: the Dagster instance can't be read: {error}") from None
    return instance


def _named(environ: Mapping[str, str]) -> Path:
    named = environ.get(VARIABLE, "").strip()
    if not named:
        raise SettingsError(
            f"{VARIABLE} is not set, so there is no Dagster instance to read; "
            "export the absolute path that your Dagster runs with, or give --dagster-home"
        )
    return Path(named).expanduser()
