"""What is called a token, a password or a key, and so must not appear in any text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from qalita_ingest.secret_names import SHORTEST_SECRET, passwords_in_addresses, sounds_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# A shorter line of a private key is no secret on its own.
SHORTEST_SECRET_LINE = 20

# Addresses carry signatures, too, and are called shorter there.
_SECRET_PARAMETER = re.compile(r"signature|^(sig|key|code)$", re.IGNORECASE)


def secrets_in(environ: Mapping[str, str]) -> frozenset[str]:
    """Values of the variables whose names say secret, and the passwords within addresses, whatever these are called.

    A value of fewer than six characters is none: it could not be kept secret, and would be found in any text.
    """
    # PWD is where the shell is.
    secret = {
        part for name, value in environ.items() if name != "PWD" and sounds_secret(name) for part in _parts(value)
    }
    secret.update(*map(passwords_in_addresses, environ.values()))
    return frozenset(value for value in secret if len(value) >= SHORTEST_SECRET)


def hidden(text: str, secrets: Iterable[str]) -> str:
    """The longest first: one secret may begin like another."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def without_secrets(address: str) -> str | None:
    """An http address without user, password, fragment and the parameters that sound secret; None if it is none."""
    try:
        parts = urlsplit(address)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query)
        if not (sounds_secret(name) or _SECRET_PARAMETER.search(name))
    ]
    return parts._replace(netloc=host + port, query=urlencode(kept), fragment="").geturl()


def _parts(value: str) -> set[str]:
    """A key of several lines may be repeated line by line."""
    lines = {line.strip() for line in value.splitlines() if not line.startswith("-----")}
    return {value.strip()} | {line for line in lines if len(line) >= SHORTEST_SECRET_LINE}
