"""What is said when a run has been delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from factories import report, summary
from qalita_ingest.cli.ending import ROWS_NOT_ADDED, Ending, Prepared, finish
from qalita_ingest.contract import RunReport, Sample
from store_dump import rows_of

if TYPE_CHECKING:
    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")
WITHOUT_ROWS = report(1, {"a": "failed"})
WITH_ROWS = msgspec.structs.replace(
    WITHOUT_ROWS,
    results=tuple(
        msgspec.structs.replace(one, sample=Sample(columns=("id",), rows=(("1",),))) for one in WITHOUT_ROWS.results
    ),
)


@pytest.mark.parametrize(("second", "told"), [(WITH_ROWS, f"qalita ingest: {ROWS_NOT_ADDED}\n"), (WITHOUT_ROWS, "")])
def test_rows_that_come_after_their_run_are_not_added_and_that_is_told(
    second: RunReport, told: str, named_store: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    finish(Prepared(WITHOUT_ROWS, summary()), Ending("text"))
    assert capsys.readouterr().err == ""

    finish(Prepared(second, summary()), Ending("text"))

    assert capsys.readouterr().err == told
    assert rows_of(named_store.database_url, "select sample from results") == [(None,)]
