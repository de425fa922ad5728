"""How long a server asks to wait before the next try."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """Seconds of a `Retry-After`, which is a number or a date (RFC 9110, 10.2.3); None: nothing that can be read."""
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdecimal():
        # Ten digits are centuries; more would be no number of a clock.
        return float(asked[:10])
    moment = _date(asked)
    if moment is None:
        return None
    # The server's own clock says what its date means.
    now = _date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (moment - now).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
