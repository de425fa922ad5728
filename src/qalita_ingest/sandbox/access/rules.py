"""Which role a request needs: one table, for pages and API alike."""

from __future__ import annotations

import re
from typing import NamedTuple

from qalita_ingest.sandbox.access.identity import Role

READING = frozenset({"GET", "HEAD"})
ANY = READING | {"POST", "PUT", "PATCH", "DELETE"}
WRITING = ANY - READING


class Rule(NamedTuple):
    """`prefixes` rule themselves, what is below them, and themselves with an ending (`/runs`, `/runs/7`, `/runs.csv`).

    A role of None lets everybody in.
    """

    methods: frozenset[str]
    prefixes: tuple[str, ...]
    role: Role | None


PAGES = ("/", "/overview", "/projects", "/datasets", "/checks", "/runs", "/issues", "/sources", "/packs", "/jobs")
PARTS_OF_PAGES = ("/charts", "/assets", "/export")

# The longest path wins.
RULES = (
    Rule(ANY, ("/login", "/logout"), None),
    Rule(READING, ("/static", "/favicon.ico"), None),
    Rule(READING, PAGES + PARTS_OF_PAGES, Role.VIEWER),
    Rule(WRITING, ("/issues",), Role.DATAENGINEER),
    Rule(READING, ("/api/v1", "/api/v2", "/openapi.json", "/docs", "/metrics"), Role.VIEWER),
    Rule(WRITING, ("/api/v1", "/api/v2"), Role.DATAENGINEER),
    # Reading it is asking for work.
    Rule(READING, ("/api/v1/agents", "/api/v1/workers"), Role.DATAENGINEER),
    # What is kept there lets its reader in, or signs.
    Rule(ANY, ("/api/v2/tokens", "/api/v2/webhooks", "/tokens", "/webhooks"), Role.ADMIN),
)


def needed_role(method: str, path: str) -> Role | None:
    """None: whoever comes. Where the table says nothing only an admin gets in."""
    rule = rule_for(method, path)
    return rule.role if rule else Role.ADMIN


def rule_for(method: str, path: str) -> Rule | None:
    # A client whose endpoint ends in a slash asks for //api/….
    collapsed = re.sub("/{2,}", "/", path)
    found = [
        (len(prefix), rule)
        for rule in RULES
        for prefix in rule.prefixes
        if method in rule.methods and _is_below(collapsed, prefix)
    ]
    return max(found, key=lambda each: each[0])[1] if found else None


def _is_below(path: str, prefix: str) -> bool:
    """`/` rules nothing but itself."""
    return path == prefix or path.startswith((f"{prefix}/", f"{prefix}."))
