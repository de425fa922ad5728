"""Which commit the run was made from, where there is one."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_SECONDS = 5


def commit_of(folder: Path) -> tuple[str | None, str | None]:
    """Hash and branch of HEAD; None each outside a repository, without git, or with a detached HEAD (no branch)."""
    return _git(folder, "rev-parse", "--verify", "HEAD"), _git(folder, "symbolic-ref", "--short", "HEAD")


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
