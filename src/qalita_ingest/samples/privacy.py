"""Which columns of a failure table may be read: decided before anything is.

A failure table is no copy of the tested table. It may hold a tested column under another name (`unique_field`,
`value_field`, `from_field`, an alias in a singular test), so hiding personal columns by name is not enough: where a
test may have touched one, only columns that are known to be harmless are shown.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import msgspec

from qalita_ingest.samples.unreadable import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qalita_ingest.readers.dbt import Node

PERSONAL = "pii"
_NOT_SET = ("", "false", "no", "none", "off", "0")
# Their SQL is known: nothing but the tested column appears under another name.
_OF_DBT_ITSELF = frozenset({"not_null", "unique", "accepted_values", "relationships"})
_QUOTES = "\"`[]'"


class Patterns(msgspec.Struct, frozen=True):
    """What the user said: globs of columns to show (none: all) and never to show."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def excludes(self, name: str) -> bool:
        return _matches(name, self.exclude)

    def allows(self, name: str) -> bool:
        return not self.excludes(name) and (not self.include or _matches(name, self.include))


class ColumnPolicy(msgspec.Struct, frozen=True):
    """Names are folded. `harmless` None: every name that is not hidden may be shown."""

    patterns: Patterns
    hidden: frozenset[str] = frozenset()
    harmless: frozenset[str] | None = None

    def shows(self, column: str) -> bool:
        name = folded(column)
        is_known = self.harmless is None or name in self.harmless
        return is_known and name not in self.hidden and self.patterns.allows(name)


def folded(name: str) -> str:
    """Databases differ in the case they keep."""
    return name.strip().strip(_QUOTES).casefold()


def _matches(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(folded(name), folded(glob)) for glob in globs)


def column_policy(test: Node | None, parents: Sequence[Node | None], patterns: Patterns) -> ColumnPolicy:
    """Columns of all parents count: which of them a column of the failure table comes from can't be known.

    Raises `UnreadableError` where no row may be read at all.
    """
    described = [parent for parent in parents if parent]
    if not test or len(described) < len(parents):
        raise UnreadableError("the manifest does not describe what it tests, so nothing says what is personal")
    if not described:
        raise UnreadableError("it names its tables without ref() or source(), so nothing says what is personal")
    if marked := [node.name for node in described if _is_marked(node)]:
        raise UnreadableError(f"all of {marked[0]} is marked as personal ({PERSONAL})")
    # Not by its tags: dbt hands a column's tags to its tests.
    if _meta_says(test.meta) or _meta_says(test.config and test.config.meta):
        raise UnreadableError(f"the test is marked as personal (meta.{PERSONAL})")
    marks = [mark for parent in described for mark in _columns(parent, patterns)]
    hidden = frozenset(name for name, is_hidden in marks if is_hidden)
    harmless = frozenset(name for name, _ in marks) - hidden
    return ColumnPolicy(patterns, hidden, harmless if _may_rename(test, hidden, patterns) else None)


def _may_rename(test: Node, hidden: frozenset[str], patterns: Patterns) -> bool:
    """Whether a column that must not be shown may stand in the failure table under another name."""
    if not hidden and not patterns.exclude:
        return False
    return not _is_of_dbt_itself(test) or _touches(_arguments(test), hidden, patterns)


def _columns(parent: Node, patterns: Patterns) -> Iterator[tuple[str, bool]]:
    """(name, hidden); a nested column `address.street` hides the column `address` that holds it."""
    for column in (parent.columns or {}).values():
        name = folded(column.name)
        is_hidden = _is_marked(column) or patterns.excludes(name)
        yield name, is_hidden
        if is_hidden and "." in name:
            yield name.partition(".")[0], True


def _is_of_dbt_itself(test: Node) -> bool:
    found = test.test_metadata
    return found is not None and not found.namespace and found.name in _OF_DBT_ITSELF


def _touches(arguments: Sequence[str], hidden: Iterable[str], patterns: Patterns) -> bool:
    """Whether an argument is, or speaks of, a column that must not be shown."""
    text = "\n".join(arguments).casefold()
    words = [*arguments, *re.findall(r"\w+", text)]
    return any(patterns.excludes(word) for word in words) or any(
        re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in hidden
    )


def _arguments(test: Node) -> list[str]:
    given = test.test_metadata.kwargs if test.test_metadata else None
    return [test.column_name or "", *_texts(given)]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _is_marked(thing: Any) -> bool:
    """`meta.pii`, `config.meta.pii` or the tag `pii`, of a node or a column."""
    config = thing.config
    of_config = config if isinstance(config, dict) else {"meta": getattr(config, "meta", None)}
    return (
        _meta_says(thing.meta)
        or _meta_says(of_config.get("meta"))
        or _has_tag(thing.tags)
        or _has_tag(of_config.get("tags"))
    )


def _meta_says(meta: object) -> bool:
    """Anything but a plain no counts: `pii: email` is a yes."""
    if not isinstance(meta, dict):
        return False
    found = [value for key, value in meta.items() if str(key).casefold() == PERSONAL]
    return any(value is not None and str(value).strip().casefold() not in _NOT_SET for value in found)


def _has_tag(tags: object) -> bool:
    listed = [tags] if isinstance(tags, str) else tags if isinstance(tags, list) else []
    return any(str(tag).strip().casefold() == PERSONAL for tag in listed)
