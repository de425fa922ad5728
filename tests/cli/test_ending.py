"""What is said when a run has been delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from factories import report, summary
from qalita_ingest.cli.ending import ROWS_NOT_ADDED, Ending, Prepared, finish
from qalita_ingest.contract import RunReport, Sample

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT_ROWS = report(1, {"a": "failed"})
WITH_ROWS = msgspec.structs.replace(
    WITHOUT_ROWS,
    results=tuple(
        msgspec.structs.replace(one, sample=Sample(columns=("id",), rows=(("1",),))) for one in WITHOUT_ROWS.results
    ),
)


@pytest.mark.parametrize(("second", "told"), [(WITH_ROWS, f"qalita ingest: {ROWS_NOT_ADDED}\n"), (WITHOUT_ROWS, "")])
def test_rows_that_come_after_their_run_are_not_added_and_that_is_told(
    second: RunReport, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QALITA_STORE", str(tmp_path))
    finish(Prepared(WITHOUT_ROWS, summary()), Ending("text"))
    assert capsys.readouterr().err == ""

    finish(Prepared(second, summary()), Ending("text"))

    assert capsys.readouterr().err == told
