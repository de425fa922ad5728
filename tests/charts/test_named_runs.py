"""Runs that are called by names, as in a notebook: the names stand where times would."""

from __future__ import annotations

from qalita_ingest import charts


def test_a_trend_of_named_runs_shows_their_names_and_no_clock() -> None:
    runs = [charts.ScoredRun("as shipped", 0.95), charts.ScoredRun("broken", 0.8)]
    drawn = charts.score_trend(runs, name="opendata").decode()
    assert ">as shipped</text>" in drawn
    assert ">broken</text>" in drawn
    assert "UTC" not in drawn
    assert "2 runs, as shipped to broken. Latest 80.0%, lowest 80.0%, highest 95.0%." in drawn


def test_a_history_takes_the_words_of_statuses() -> None:
    words = [charts.Outcome("one", "passed"), charts.Outcome("two", "error"), charts.Outcome("three", "not_measured")]
    drawn = charts.history_strip(words, name="unit_is_known").decode()
    assert "3 results: 1 passed, 1 error, 1 not measured. Latest: not measured, three." in drawn
