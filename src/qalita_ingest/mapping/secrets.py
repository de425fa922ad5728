"""What must not be passed on: found among dbt's variables, taken out of everything that is."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from qalita_ingest.mapping.text import HIDDEN
from qalita_ingest.secret_names import SHORTEST_SECRET, passwords_in_addresses, sounds_secret

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

SHORTEST_DISTINCTIVE = 8
# `--vars` as old versions and command lines write it: YAML in one line.
_PAIRS = re.compile(r"""["']?([\w.-]+)["']?\s*:\s*(?:"([^"]*)"|'([^']*)'|([^"',{}\n][^,{}\n]*))""")
# A word in small letters may be the name of a table: postgres, analytics, dbt_prod.
_WORD = re.compile(r"[a-z_. -]+")
# orders_2024_eu and 20260101T000000Z are names and times; a generated token mixes letters and digits all over.
_RANDOM = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w.~+/=-]{12,}|(?=.*[a-z])(?=.*\d)[a-z0-9]{20,}")

Entity = TypeVar("Entity", bound=msgspec.Struct)


def secrets_in_variables(variables: object) -> set[str]:
    """Of dbt's `args.vars`: values whose name says so or that can only have been generated, passwords in addresses."""
    pairs = list(_pairs(variables, ""))
    secrets = {value for name, value in pairs if _is_secret(name, value)}
    return secrets.union(*(passwords_in_addresses(value) for _, value in pairs))


def _pairs(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _pairs(one, f"{name}.{key}")
    elif isinstance(value, list):
        for one in value:
            yield from _pairs(one, name)
    elif isinstance(value, str) and not name:
        yield from ((found[1], (found[2] or found[3] or found[4] or "").strip()) for found in _PAIRS.finditer(value))
    elif value is not None and not isinstance(value, bool):
        yield name, str(value)


def _is_secret(name: str, value: str) -> bool:
    return len(value) >= SHORTEST_SECRET and (sounds_secret(name) or bool(_RANDOM.fullmatch(value)))


def is_distinctive(value: str) -> bool:
    """Nothing else is called like this: it can be taken out even where names and addresses stand."""
    return len(value) >= SHORTEST_DISTINCTIVE and not _WORD.fullmatch(value)


class Scrubber:
    """Takes distinctive secrets out of everything, names and keys too: a test's name holds its arguments.

    Each leaves a mark of its own, or two checks could become one.
    """

    def __init__(self, secrets: Collection[str]) -> None:
        longest_first = sorted(filter(is_distinctive, secrets), key=len, reverse=True)
        # As JSON writes them inside a string.
        self._written = [msgspec.json.encode(secret).decode()[1:-1] for secret in longest_first]
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        return self._pattern.sub(_marked, text) if self._pattern else text

    def entity(self, entity: Entity) -> Entity:
        """Itself where it holds none."""
        if not self._pattern:
            return entity
        written = msgspec.json.encode(entity).decode()
        if not any(secret in written for secret in self._written):
            return entity
        return msgspec.convert(self._replaced(msgspec.to_builtins(entity)), type(entity), strict=False)

    def _replaced(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self._replaced(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._replaced(one) for one in value]
        return value


def _marked(found: re.Match[str]) -> str:
    # Four digits tell two secrets apart, and say next to nothing about either.
    return HIDDEN + hashlib.sha256(found[0].encode(errors="replace")).hexdigest()[:4]
