"""Under which names the sandbox answers: a web page must not reach it under a name of its own (DNS rebinding)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import Scope

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Hosts:
    """`named` are the names that were allowed besides loopback's and the address at which a connection came in."""

    named: frozenset[str] = frozenset()

    def answers(self, scope: Scope, headers: Headers) -> bool:
        name = name_in(headers.get("host", ""))
        arrived_at, _port = scope.get("server") or ("", None)
        return bool(name) and name in LOOPBACK_NAMES | self.named | {arrived_at}

    def is_own_origin(self, origin: str, headers: Headers) -> bool:
        """The page that was served under this very Host; or, where a proxy changes Host, under an allowed name."""
        place = origin.partition("://")[2].lower()
        return place == headers.get("host", "").lower() or name_in(place) in self.named


def name_in(host: str) -> str:
    """The name without its port, in small letters; empty where there is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
