"""Which dbt Cloud account is meant: flags for what may be seen, the environment for the token."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

from qalita_ingest.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

# The first names are those of dbt's own guides to the API, the others those of its Terraform provider.
HOST_VARIABLES = ("DBT_CLOUD_HOST", "DBT_CLOUD_HOST_URL")
ACCOUNT_VARIABLES = ("DBT_CLOUD_ACCOUNT_ID",)
TOKEN_VARIABLES = ("DBT_CLOUD_API_TOKEN", "DBT_CLOUD_TOKEN")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TOKEN = re.compile(r"[\x21-\x7e]+")
NUMBER = re.compile(r"[0-9]+")
HOST = re.compile(r"[A-Za-z0-9.:-]+")


@dataclass(frozen=True)
class Access:
    """`url` is the address of the account without a trailing slash."""

    url: str
    account: str
    token: str = field(repr=False)


def find_access(host: str | None, account: str | None, environ: Mapping[str, str]) -> Access:
    """Raises `SettingsError`, which never shows a token."""
    return Access(_url(host or _agreed(HOST_VARIABLES, environ)), _account(account, environ), _token(environ))


def _url(host: str | None) -> str:
    """There is no default: dbt Labs gives each account an address and retires the shared ones."""
    if not host:
        raise SettingsError(
            "dbt Cloud: which host? Give --host or DBT_CLOUD_HOST: the access URL in dbt Cloud's account settings, "
            "e.g. ab123.us1.dbt.com"
        )
    try:
        url = httpx2.URL(host if "://" in host else f"https://{host}")
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    is_plain = HOST.fullmatch(url.host) and not (url.userinfo or url.query or url.fragment)
    if not is_plain or url.path.rstrip("/") not in {"", "/api"}:
        raise SettingsError("--host or DBT_CLOUD_HOST: expected a host like ab123.us1.dbt.com, without user or path")
    if url.scheme != "https" and url.host not in LOOPBACK:
        raise SettingsError("--host or DBT_CLOUD_HOST: expected https, or the token would travel in the open")
    return str(url.copy_with(path="/")).rstrip("/")


def _account(flag: str | None, environ: Mapping[str, str]) -> str:
    account = flag or _agreed(ACCOUNT_VARIABLES, environ)
    if not account or not NUMBER.fullmatch(account):
        raise SettingsError(
            "dbt Cloud: which account? Give --account or DBT_CLOUD_ACCOUNT_ID: the number after /accounts/ "
            "in dbt Cloud's addresses"
        )
    return account


def _token(environ: Mapping[str, str]) -> str:
    token = _agreed(TOKEN_VARIABLES, environ)
    if not token:
        raise SettingsError(
            "dbt Cloud: no token; set DBT_CLOUD_API_TOKEN to a service token that may view jobs "
            "(there is no flag for it: process lists show flags)"
        )
    if not TOKEN.fullmatch(token):
        raise SettingsError(
            "DBT_CLOUD_API_TOKEN holds characters that no token has; copy it again (its value is not shown)"
        )
    return token


def _agreed(names: tuple[str, ...], environ: Mapping[str, str]) -> str | None:
    found = {name: environ[name].strip() for name in names if environ.get(name, "").strip()}
    if len(set(found.values())) > 1:
        raise SettingsError(f"{' and '.join(found)} differ; keep one of them")
    return next(iter(found.values()), None)
