"""What the user asks for, and what it means for dbt."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROFILES = "profiles.yml"


@dataclass(frozen=True)
class SampleRequest:
    """At most `rows` rows of each failure table; folders, profile and target as dbt takes them (None: its own choice).

    `include` and `exclude` are globs of column names; without `include` all columns are meant.
    """

    rows: int
    manifest: Path
    project_dir: Path | None = None
    profiles_dir: Path | None = None
    profile: str | None = None
    target: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


def dbt_options(request: SampleRequest) -> Iterator[str]:
    """As on dbt's command line."""
    given = {
        "--project-dir": _absolute(request.project_dir),
        "--profiles-dir": _profiles_dir(request),
        "--profile": request.profile,
        "--target": request.target,
    }
    for option, value in given.items():
        if value:
            yield from (option, value)


def _profiles_dir(request: SampleRequest) -> str | None:
    """dbt looks in the current folder and at home; whoever names a project elsewhere means the profiles beside it."""
    folder = request.project_dir
    if request.profiles_dir or folder is None or not (folder / PROFILES).is_file():
        return _absolute(request.profiles_dir)
    is_set_otherwise = "DBT_PROFILES_DIR" in os.environ or Path(PROFILES).is_file()
    return None if is_set_otherwise else _absolute(folder)


def _absolute(folder: Path | None) -> str | None:
    return str(folder.absolute()) if folder else None
