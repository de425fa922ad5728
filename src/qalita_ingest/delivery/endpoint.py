"""Which QALITA is meant: a flag, the environment, or none (the embedded sandbox)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qalita_ingest.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

URL_VARIABLES = ("QALITA_AGENT_ENDPOINT", "QALITA_WORKER_ENDPOINT", "QALITA_API_URL")
TOKEN_VARIABLES = ("QALITA_AGENT_TOKEN", "QALITA_WORKER_TOKEN")


@dataclass(frozen=True)
class Endpoint:
    """`url` without a trailing slash. The token comes from the environment only: process lists show flags."""

    url: str
    token: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Fit for a folder: runs kept for one server must never go to another."""
        return re.sub(r"[^A-Za-z0-9.-]+", "_", self.url.partition("://")[2])


def find_endpoint(flag: str | None, environ: Mapping[str, str]) -> Endpoint | None:
    """Raises `SettingsError` when two variables contradict each other or the address is no http(s) URL."""
    url = flag or _agreed(URL_VARIABLES, environ, is_secret=False)
    if url is None:
        return None
    if not re.fullmatch(r"https?://[^/@\s]+(/[^@\s]*)?", url):
        origin = "--endpoint" if flag else "the endpoint variable"
        raise SettingsError(f"{origin}: expected an address like https://qalita.example.org, without user and password")
    return Endpoint(url.rstrip("/"), _agreed(TOKEN_VARIABLES, environ, is_secret=True))


def _agreed(names: tuple[str, ...], environ: Mapping[str, str], *, is_secret: bool) -> str | None:
    found = {name: environ[name].rstrip("/") for name in names if environ.get(name)}
    if len(set(found.values())) > 1:
        shown = " and ".join(found if is_secret else (f"{name}={value}" for name, value in found.items()))
        raise SettingsError(f"{shown} differ; keep one of them")
    return next(iter(found.values()), None)
