"""The README's five lines for one more KPI do what it says."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any


def edits_in(readme: str) -> list[tuple[str, str, str]]:
    """File, line to find, lines to put above it."""
    section = readme.split("## Add a KPI", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"In `([^`]+)`, above `([^`]+)`:\n\n```\w+\n(.*?)```", section, re.DOTALL)


def put_above(path: Path, anchor: str, lines: str) -> None:
    text = path.read_text(encoding="utf-8")
    (found,) = [line for line in text.splitlines(keepends=True) if line.strip() == anchor]
    path.write_text(text.replace(found, lines + found), encoding="utf-8")


def test_the_readme_s_five_lines_add_a_column_and_its_check(
    example: Path, fresh_copy: Any, run_steps: Callable[..., Any]
) -> None:
    edits = edits_in((example / "README.md").read_text(encoding="utf-8"))
    for file, anchor, lines in edits:
        put_above(fresh_copy.folder / file, anchor, lines)

    outcome = run_steps(fresh_copy, "run", "test")

    assert sum(lines.count("\n") for _file, _anchor, lines in edits) == 5
    assert outcome.exit_code == 0, outcome.output
    assert fresh_copy.statuses("test")["few_zeros"] == "pass"
    assert fresh_copy.rows("select city, zero_count from airquality_metrics where zero_count > 0") == [
        ("Albuquerque", 8)
    ]
    manifest = fresh_copy.artifact("manifest.json")
    assert "zero_count" in manifest["nodes"]["model.opendata.airquality_metrics"]["columns"]
