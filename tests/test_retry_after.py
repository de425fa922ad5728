"""What a `Retry-After` asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from qalita_ingest.retry_after import wait_asked

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "²"}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": format_datetime(NOON, usegmt=True), "date": "Thu, 01 Jan 2026 11:59:30 GMT"}, 30.0),
        ({"retry-after": format_datetime(NOON, usegmt=True)}, 0.0),
        ({"retry-after": "9" * 400}, 9999999999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_asked(headers) == seconds


def test_a_date_is_read_against_our_clock_where_the_server_tells_none() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)

    assert wait_asked({"retry-after": later}) == pytest.approx(40, abs=3)
