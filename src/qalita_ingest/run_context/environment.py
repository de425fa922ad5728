"""One answer from several mouths: the flags first, then the CI, then git."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qalita_ingest.run_context.providers import RunEnvironment, said_by_ci
from qalita_ingest.run_context.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAME_LENGTH = 255
URL_LENGTH = 2000


def run_environment(
    environ: Mapping[str, str],
    flags: RunEnvironment,
    git: Callable[[], tuple[str | None, str | None]],
    read_file: Callable[[str], bytes | None] = lambda _path: None,
) -> RunEnvironment:
    """The flags first, then the variables of the CI, then git; None for what nobody says.

    `git` gives hash and branch of HEAD, and is asked only where the CI does not know the commit. `read_file` gives
    the content of the file in which GitHub describes its event, or None. The same job gives the same answer each time:
    the commit is part of a run's idempotency key.
    """
    said = said_by_ci(environ, read_file)
    if not said.git_sha:
        sha, branch = git()
        said = replace(said, git_sha=sha, git_branch=said.git_branch or branch)
    wanted = _name(flags.git_sha)
    if wanted and not (said.git_sha or "").startswith(wanted):
        # The branch that was checked out says nothing about another commit.
        said = replace(said, git_branch=None)
    return RunEnvironment(
        git_sha=wanted or _name(said.git_sha),
        git_branch=_name(flags.git_branch) or _name(said.git_branch),
        job_id=_name(flags.job_id) or _name(said.job_id),
        ci_provider=said.ci_provider,
        ci_url=_address(said.ci_url),
        user=_name(said.user),
    )


def _printable(text: str | None) -> str:
    """Control characters would move the cursor of whoever reads it in a terminal."""
    return "".join(letter for letter in text or "" if letter.isprintable()).strip()


def _name(text: str | None) -> str | None:
    return _printable(text)[:NAME_LENGTH] or None


def _address(text: str | None) -> str | None:
    """Cut short it would lead elsewhere: one that is too long is left out."""
    address = without_secrets(_printable(text))
    return address if address and len(address) <= URL_LENGTH else None
