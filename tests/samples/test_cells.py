"""Values of a database as text."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalita_ingest.samples.cells import LONGEST_CELL, cell


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        ("null", "null"),
        (0, "0"),
        (False, "false"),
        (1e300, "1e+300"),
        (float("-inf"), "-inf"),
        (Decimal("12.340"), "12.340"),
        (b"\x00\xff", "00ff"),
        (bytearray(b"a"), "61"),
        # Its own name would be an address, another one in each process.
        pytest.param(memoryview(b"a"), "61", id="memoryview"),
        (date(2024, 1, 31), "2024-01-31"),
        (time(10, 0), "10:00:00"),
        (datetime(2024, 1, 31, 10, tzinfo=UTC), "2024-01-31T10:00:00+00:00"),
        (timedelta(days=1), "1 day, 0:00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ([b"\x01", None, {"é": Decimal("1.0")}], '["01", null, {"é": "1.0"}]'),
        ({(1, 2): {date(2024, 1, 31): True}}, '{"[1, 2]": {"2024-01-31": true}}'),
        ("two\r\nlines\tand\u2028more", "two lines and more"),
        ("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07 \x9b\x00", "red link "),
        ("right\u202eto left", "rightto left"),
        ("half \ud800 a pair", "half  a pair"),
    ],
    ids=repr,
)
def test_each_kind_of_value_has_its_text(value: object, text: str | None) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(
    "value", ["x" * 201, b"x" * 101, ["x" * 300], "x" * 10_000_000], ids=["text", "bytes", "list", "file"]
)
def test_a_long_value_is_cut_and_shows_it(value: object) -> None:
    text = cell(value)
    assert text
    assert (len(text), text[-1]) == (LONGEST_CELL, "…")


def test_a_value_that_just_fits_is_whole() -> None:
    assert cell("x" * LONGEST_CELL) == "x" * LONGEST_CELL


@given(st.recursive(st.text() | st.binary() | st.floats() | st.none() | st.datetimes(), st.lists))
def test_any_value_becomes_short_text_that_can_be_sent(value: object) -> None:
    text = cell(value)
    msgspec.json.encode(text)
    assert text is None or (len(text) <= LONGEST_CELL and not any(unicodedata.category(one) == "Cc" for one in text))
