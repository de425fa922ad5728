"""Which QALITA is meant: a flag, the environment, or none (the embedded sandbox)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

from qalita_ingest.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

URL_VARIABLES = ("QALITA_AGENT_ENDPOINT", "QALITA_WORKER_ENDPOINT", "QALITA_API_URL")
TOKEN_VARIABLES = ("QALITA_AGENT_TOKEN", "QALITA_WORKER_TOKEN")
# What an HTTP header may carry; anything else would come back in an error message of the HTTP library.
TOKEN = re.compile(r"[\x21-\x7e]+")


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
    """Raises `SettingsError`, which never shows a value: an address or a token may hold a secret."""
    url = flag or _agreed(URL_VARIABLES, environ)
    if url is None:
        return None
    if not _is_address(url):
        origin = "--endpoint" if flag else " or ".join(name for name in URL_VARIABLES if environ.get(name))
        missing = "" if "://" in url else "http:// or https:// is missing; "
        raise SettingsError(
            f"{origin}: {missing}expected an address like https://qalita.example.org, "
            "without user, password or parameters"
        )
    token = _agreed(TOKEN_VARIABLES, environ)
    if token is not None and not TOKEN.fullmatch(token):
        raise SettingsError("the token holds characters that no token has; copy it again (its value is not shown)")
    return Endpoint(url.rstrip("/"), token)


def _is_address(url: str) -> bool:
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        return False
    is_plain = not (parsed.userinfo or parsed.query or parsed.fragment or "@" in url or "?" in url)
    return parsed.scheme in {"http", "https"} and bool(parsed.host) and is_plain


def _agreed(names: tuple[str, ...], environ: Mapping[str, str]) -> str | None:
    found = {name: environ[name].strip() for name in names if environ.get(name, "").strip()}
    if len({value.rstrip("/") for value in found.values()}) > 1:
        raise SettingsError(f"{' and '.join(found)} differ; keep one of them")
    return next(iter(found.values()), None)
