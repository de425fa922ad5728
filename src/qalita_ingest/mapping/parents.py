"""Which dataset a test is about.

`depends_on.nodes[0]` is wrong for nearly every test with several parents (a relationships test lists the other table
first): dbt's `attached_node` is right, and where it is absent the `model` argument of the test names the table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qalita_ingest.readers.dbt import DataTest


class Named(Protocol):
    """What is known of a possible parent."""

    @property
    def name(self) -> str: ...
    @property
    def package_name(self) -> str | None: ...


_CALL = re.compile(r"\b(ref|source)\(([^)]*)\)")
_TEXT = re.compile(r"""(?<![=\w])\s*(['"])(.*?)\1""")


def dataset_of(test: DataTest, nodes: Mapping[str, Named]) -> str | None:
    """unique_id of the tested node; None for a singular test on several tables."""
    # It may name a node that another project has replaced: https://github.com/dbt-labs/dbt-core/issues/12363
    if test.attached_node in nodes:
        return test.attached_node
    parents = [parent for parent in dict.fromkeys(test.parents) if not parent.startswith(("macro.", "test."))]
    if test.test_metadata and (named := _named_in((test.test_metadata.kwargs or {}).get("model"), parents, nodes)):
        return named
    return parents[0] if len(parents) == 1 else test.attached_node


def _named_in(model: object, parents: list[str], nodes: Mapping[str, Named]) -> str | None:
    """`{{ get_where_subquery(ref('orders')) }}` → the parent that is meant."""
    if not isinstance(model, str) or not (call := _CALL.search(model)):
        return None
    names = [text for _, text in _TEXT.findall(call[2])]
    if not names:
        return None
    matching = [parent for parent in parents if _is_named(parent, nodes.get(parent), call[1], names)]
    return matching[0] if len(matching) == 1 else None


def _is_named(unique_id: str, node: Named | None, kind: str, names: list[str]) -> bool:
    parts = unique_id.split(".")
    if kind == "source":
        # source.<package>.<source>.<table>, and either of the last two may hold dots.
        return parts[0] == "source" and parts[2:] == ".".join(names).split(".")
    # unique_id is model.<package>.<name>[.v<version>]; a name may itself hold dots, so the node's is asked first.
    name, package = (node.name, node.package_name) if node else (parts[-1], parts[0])
    return parts[0] != "source" and name == names[-1] and (len(names) == 1 or names[0] == package)
