"""Issues as an Atom feed (RFC 4287): what changed last comes first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from sqlalchemy import func, select

from qalita_ingest.sandbox.database.model import IssueEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.issues import IssueView

MOST_ENTRIES = 50
NAMESPACE = "http://www.w3.org/2005/Atom"
# What XML can't hold, whatever a test's message holds.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def last_acts(session: Session) -> dict[int, datetime]:
    """Issue → when something last happened to it, whoever did it."""
    changed_at = func.max(IssueEvent.occurred_at).label("changed_at")
    rows = session.execute(select(IssueEvent.issue_id, changed_at).group_by(IssueEvent.issue_id))
    return {row.issue_id: row.changed_at for row in rows}


def issue_feed(issues: Sequence[IssueView], acts: Mapping[int, datetime], address: str, now: datetime) -> bytes:
    """`acts` as of `last_acts`; `address` is that of the sandbox, with a slash at its end.

    An entry's id stays when its issue changes.
    """
    feed = ET.Element("feed", xmlns=NAMESPACE)
    changed_at = {one.id: _changed_at(one, acts.get(one.id), now) for one in issues}
    newest_first = sorted(issues, key=lambda one: (changed_at[one.id], one.id), reverse=True)[:MOST_ENTRIES]
    _add(feed, "title", "QALITA issues")
    _add(feed, "id", f"{address}issues")
    _add(feed, "updated", (changed_at[newest_first[0].id] if newest_first else now).isoformat())
    ET.SubElement(feed, "link", href=f"{address}issues")
    ET.SubElement(feed, "link", rel="self", href=f"{address}issues.atom")
    _add(ET.SubElement(feed, "author"), "name", "QALITA sandbox")
    for issue in newest_first:
        _add_entry(feed, issue, changed_at[issue.id], address)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _changed_at(issue: IssueView, last_act: datetime | None, now: datetime) -> datetime:
    """The end of a silence changes it as well, without anybody's act."""
    end = issue.muted_until if issue.muted_until and issue.muted_until <= now else None
    return max(filter(None, (issue.last_seen_at, issue.resolved_at, last_act, end)))


def _add_entry(feed: ET.Element, issue: IssueView, changed_at: datetime, address: str) -> None:
    entry = ET.SubElement(feed, "entry")
    _add(entry, "title", f"{issue.status}: {issue.title}")
    _add(entry, "id", f"{address}issues/{issue.id}")
    _add(entry, "published", issue.first_seen_at.isoformat())
    _add(entry, "updated", changed_at.isoformat())
    ET.SubElement(entry, "link", href=f"{address}issues/{issue.id}")
    ET.SubElement(entry, "category", term=issue.severity)
    times = "once" if issue.occurrences == 1 else f"{issue.occurrences} times"
    where = f"{issue.project}, {issue.environment}; seen {times}"
    _add(entry, "summary", f"{issue.message or 'no message'} ({where})")


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = _NO_XML.sub("?", text)
