"""Issues as an Atom feed (RFC 4287): what changed last comes first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qalita_ingest.sandbox.issues import IssueView

MOST_ENTRIES = 50
NAMESPACE = "http://www.w3.org/2005/Atom"
# What XML can't hold, whatever a test's message holds.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def issue_feed(issues: Sequence[IssueView], address: str, now: datetime) -> bytes:
    """`address` is that of the sandbox, with a slash at its end. An entry's id stays when its issue changes."""
    feed = ET.Element("feed", xmlns=NAMESPACE)
    newest_first = sorted(issues, key=lambda one: (_changed_at(one), one.id), reverse=True)[:MOST_ENTRIES]
    _add(feed, "title", "QALITA issues")
    _add(feed, "id", f"{address}issues")
    _add(feed, "updated", (_changed_at(newest_first[0]) if newest_first else now).isoformat())
    ET.SubElement(feed, "link", href=f"{address}issues")
    ET.SubElement(feed, "link", rel="self", href=f"{address}issues.atom")
    _add(ET.SubElement(feed, "author"), "name", "QALITA sandbox")
    for issue in newest_first:
        _add_entry(feed, issue, address)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _changed_at(issue: IssueView) -> datetime:
    return max(issue.last_seen_at, issue.resolved_at or issue.last_seen_at)


def _add_entry(feed: ET.Element, issue: IssueView, address: str) -> None:
    entry = ET.SubElement(feed, "entry")
    _add(entry, "title", f"{issue.status}: {issue.title}")
    _add(entry, "id", f"{address}issues/{issue.id}")
    _add(entry, "published", issue.first_seen_at.isoformat())
    _add(entry, "updated", _changed_at(issue).isoformat())
    ET.SubElement(entry, "link", href=f"{address}issues/{issue.id}")
    ET.SubElement(entry, "category", term=issue.severity)
    times = "once" if issue.occurrences == 1 else f"{issue.occurrences} times"
    where = f"{issue.project}, {issue.environment}; seen {times}"
    _add(entry, "summary", f"{issue.message or 'no message'} ({where})")


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = _NO_XML.sub("?", text)
