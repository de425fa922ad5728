"""What must not be passed on: found among dbt's variables, taken out of everything that is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from qalita_ingest.mapping.text import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_NAMES = re.compile(r"token|secret|passw|passphrase|api_?key|access_?key|private_?key|credential|auth", re.IGNORECASE)
SHORTEST_NAMED = 4
SHORTEST_UNNAMED = 8
# `--vars` as old versions wrote it: YAML in one line.
_PAIRS = re.compile(r"""["']?([\w-]+)["']?\s*:\s*["']?([^"',{}\s]+)""")
# orders_2, 2026-01-01, 1.5e3: words, dates and numbers are no secrets by themselves.
_ORDINARY = re.compile(r"[A-Za-z_. -]+\d{0,8}|\d{4}-\d\d.*|[\d.,:+-]+(e\d+)?")

Entity = TypeVar("Entity", bound=msgspec.Struct)


def secrets_in_variables(variables: object) -> set[str]:
    """Of dbt's `args.vars`: values whose name says so, and values that look like one."""
    return {value for name, value in _pairs(variables, "") if _is_secret(name, value)}


def _pairs(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _pairs(one, f"{name}.{key}")
    elif isinstance(value, list):
        for one in value:
            yield from _pairs(one, name)
    elif isinstance(value, str) and not name:
        yield from ((found[1], found[2]) for found in _PAIRS.finditer(value))
    elif value is not None and not isinstance(value, bool):
        yield name, str(value)


def _is_secret(name: str, value: str) -> bool:
    if _NAMES.search(name):
        return len(value) >= SHORTEST_NAMED
    return is_distinctive(value)


def is_distinctive(value: str) -> bool:
    """Nothing else is called like this: it can be taken out even where names and addresses stand."""
    has_both = any(one.isdigit() for one in value) and any(one.isalpha() for one in value)
    return len(value) >= SHORTEST_UNNAMED and has_both and not _ORDINARY.fullmatch(value)


def without_secrets(entity: Entity, secrets: Collection[str]) -> Entity:
    """The entity with every distinctive secret replaced, also in names and keys; itself where it holds none."""
    distinctive = [secret for secret in secrets if is_distinctive(secret)]
    if not distinctive:
        return entity
    # As JSON writes it inside a string.
    written = msgspec.json.encode(entity).decode()
    if not any(msgspec.json.encode(secret).decode()[1:-1] in written for secret in distinctive):
        return entity
    pattern = re.compile("|".join(map(re.escape, sorted(distinctive, key=len, reverse=True))))
    return msgspec.convert(_replaced(msgspec.to_builtins(entity), pattern), type(entity), strict=False)


def _replaced(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {_replaced(key, pattern): _replaced(one, pattern) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(one, pattern) for one in value]
    return value
