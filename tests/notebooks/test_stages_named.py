"""What the builder says of stages that are not there."""

from __future__ import annotations

from typing import Any

import pytest

from notebook_runs import STAGES, TOP
from script_modules import load_script


@pytest.fixture(scope="module")
def builder() -> Any:
    return load_script(TOP / "scripts" / "build_notebooks.py")


@pytest.mark.parametrize("way", [["--check"], ["--texts"], []], ids=["check", "texts", "run"])
@pytest.mark.parametrize("named", [["77"], ["01", "77"], ["77", STAGES[0], "9"]], ids=" ".join)
def test_each_stage_that_is_not_there_is_refused_and_nothing_is_done(
    builder: Any, way: list[str], named: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(builder, "build", lambda *_, **__: pytest.fail("a stage was built"))
    unknown = ", ".join(name for name in named if name in {"77", "9"})

    assert builder.main([*way, *named]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"build_notebooks: no such stage: {unknown}; there are {STAGES[0]}, ")
    assert said.count("\n") == 1


def test_stages_are_named_by_number_or_by_name(builder: Any) -> None:
    assert [path.stem for path in builder.sources(["01", STAGES[0]])] == list(STAGES[:2])
    assert [path.stem for path in builder.sources([])] == list(STAGES)
