"""Generated files are what their generators write."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from docs.pages import TOP
from script_modules import load_script

if TYPE_CHECKING:
    from pathlib import Path

GENERATORS = [
    ("generate_cli_docs", "PAGE"),
    ("generate_contract_schema", "SCHEMA"),
    ("generate_api_examples", "EXAMPLES"),
]

SCRIPTS = TOP / "scripts"


@pytest.fixture(autouse=True)
def checking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])


@pytest.mark.parametrize(("script", "_file"), GENERATORS)
def test_a_generated_file_has_not_drifted(script: str, _file: str) -> None:
    assert load_script(SCRIPTS / f"{script}.py").main() == 0


@pytest.mark.parametrize(("script", "file"), GENERATORS)
def test_the_check_fails_on_drift_and_says_what_to_run(
    script: str,
    file: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    module = load_script(SCRIPTS / f"{script}.py")
    drifted = tmp_path / "drifted"
    drifted.write_text(getattr(module, file).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    monkeypatch.setattr(module, file, drifted)
    assert module.main() == 1
    assert f"scripts/{script}.py" in capsys.readouterr().err


@pytest.mark.parametrize(("script", "file"), GENERATORS)
def test_a_generator_writes_what_the_check_accepts(
    script: str, file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = load_script(SCRIPTS / f"{script}.py")
    monkeypatch.setattr(module, file, tmp_path / "written")
    monkeypatch.setattr(sys, "argv", ["generate"])
    assert module.main() == 0
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    assert module.main() == 0


def test_the_picture_fetches_nothing() -> None:
    svg = (TOP / "docs" / "images" / "make-demo.svg").read_text(encoding="utf-8")
    for word in ("@font-face", "@import", "url(http", "href=", "<script"):
        assert word not in svg


def test_a_drawn_picture_has_no_web_font_and_keeps_the_text() -> None:
    svg = load_script(SCRIPTS / "draw_picture.py").draw("\x1b[31mfailed\x1b[0m 2\n", "make demo")
    assert "@font-face" not in svg
    assert "Fira" not in svg
    assert "failed" in svg
    assert "make&#160;demo" in svg
