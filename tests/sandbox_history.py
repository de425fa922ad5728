"""A small history of which every number can be counted by hand."""

from __future__ import annotations

from datetime import timedelta

from factories import MIDNIGHT

NOW = MIDNIGHT + timedelta(days=30)
# Check → its statuses from hour to hour.
HISTORY = {
    "a": ["passed", "failed", "passed", "failed", "passed", "failed"],
    "b": ["passed"] * 6,
    "c": ["skipped", "skipped", "warning", "warning", "warning", "skipped"],
}
