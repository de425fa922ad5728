"""Templates → HTML, and the words in which values are shown."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment

    from qalita_ingest.sandbox.access import Waiting
    from qalita_ingest.sandbox.reading import ScorePoint

FOLDER = Path(__file__).parent
# A sign beside each word, so that no status is told by colour alone: (sign, class).
SIGNS = {
    "passed": ("✓", "good"),
    "warning": ("!", "soso"),
    "failed": ("✕", "bad"),
    "error": ("⚡", "broken"),
    "open": ("●", "bad"),
    "resolved": ("✓", "good"),
    "succeeded": ("✓", "good"),
    "delivered": ("✓", "good"),
    "success": ("✓", "good"),
    "running": ("▸", "soso"),
    "pending": ("○", ""),
    "muted": ("–", ""),
    "high": ("▲", "bad"),
    "medium": ("◆", "soso"),
    "info": ("i", ""),
    "flaky": ("≈", "soso"),
    "overdue": ("!", "bad"),
}
WORST_FIRST = ("error", "failed", "warning", "passed", "skipped", "not_executed", "not_measured")
NO_SIGN = ("–", "")
MINUTE, HOUR, DAY = 60, 3600, 86_400
# Up to how many seconds away, in which unit: an hour and a half are 90 minutes, two days are 48 hours.
UNITS = ((90 * MINUTE, MINUTE, "minute"), (48 * HOUR, HOUR, "hour"), (float("inf"), DAY, "day"))


@cache
def _environment() -> Environment:
    # Late: whoever serves programs only never needs templates.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "per_cent": per_cent,
        "words": words,
        "utc": utc,
        "counted": counted,
        "seconds": seconds,
        "size": size,
        "query": query,
        "address": address,
    }
    environment.globals |= {
        "sign_of": sign_of,
        "ago": ago,
        "dimension_words": dimension_words,
        "worst_first": WORST_FIRST,
        "stylesheet": address_of("dashboard.css"),
        "icon": address_of("icon.svg"),
    }
    return environment


def render(template: str, values: Mapping[str, Any]) -> str:
    return _environment().get_template(template).render(values)


def login_page(wanted: str, error: str | None, waiting: Waiting | None) -> str:
    """`wanted` is the path to which the login leads; `waiting` is the form that it takes there."""
    return render("login.html", {"path": "/login", "next": wanted, "error": error, "waiting": waiting})


@cache
def static_files() -> dict[str, bytes]:
    """Address → content. A changed file has another address, so browsers may keep what they have for ever."""
    contents = {path.name: path.read_bytes() for path in (FOLDER / "static").iterdir() if path.is_file()}
    return {_address(name, content): content for name, content in contents.items()}


def _address(name: str, content: bytes) -> str:
    stem, _, ending = name.rpartition(".")
    return f"/static/{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"


def address_of(name: str) -> str:
    return _address(name, (FOLDER / "static" / name).read_bytes())


def sign_of(status: str) -> tuple[str, str]:
    return SIGNS.get(status, NO_SIGN)


def per_cent(score: float) -> str:
    """Never rounded up to 100: that would hide the one check that failed."""
    shown = round(100 * score, 1)
    return f"{99.9 if shown == 100 and score < 1 else shown:.1f} %"  # noqa: PLR2004 (per cent)


def words(name: str) -> str:
    return name.replace("_", " ")


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def ago(moment: datetime, now: datetime) -> str:
    """`3 hours ago`, `in 2 days`."""
    away = (now - moment).total_seconds()
    if abs(away) < MINUTE:
        return "just now"
    length, unit = next((length, unit) for limit, length, unit in UNITS if abs(away) < limit)
    number = counted(round(abs(away) / length), unit)
    return f"{number} ago" if away > 0 else f"in {number}"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def seconds(duration: float) -> str:
    if duration >= 2 * MINUTE:
        return f"{duration / MINUTE:.1f} min"
    return f"{duration:.2f} s" if duration < 10 else f"{duration:.0f} s"  # noqa: PLR2004 (two figures that matter)


def size(count_bytes: int) -> str:
    kilobyte = 1000
    if count_bytes < kilobyte:
        return counted(count_bytes, "byte")
    number, unit = (count_bytes / kilobyte, "kB") if count_bytes < kilobyte**2 else (count_bytes / kilobyte**2, "MB")
    return f"{number:.1f} {unit}"


def query(wanted: Mapping[str, Any], **changes: Any) -> str:
    """`?status=open&page=2`, without what is empty."""
    left = {name: value for name, value in {**wanted, **changes}.items() if value not in {None, ""}}
    return f"?{urlencode(left)}" if left else ""


def address(name: str) -> str:
    """A name as part of a path; its slashes stay."""
    return quote(name, safe="/")


def dimension_words(scores: Sequence[ScorePoint]) -> str:
    """What the picture of the dimensions shows, for those who can't see it."""
    told = (f"{one.key} {per_cent(one.value)} over {counted(one.checks, 'check')}" for one in scores)
    return f"Score by dimension: {', '.join(told)}"
