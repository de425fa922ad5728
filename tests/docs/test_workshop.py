"""docs/workshop: the plans add up; slides and sheet are what their Markdown says, in files that ask for nothing."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from chromium import chromium
from docs.pages import ALL, TOP, Page, page, spans
from script_modules import load_script

if TYPE_CHECKING:
    from pathlib import Path

WORKSHOP = TOP / "docs" / "workshop"
SCRIPT = TOP / "scripts" / "build_slides.py"
SLIDES = {"en": WORKSHOP / "slides.html", "fr": WORKSHOP / "slides.fr.html"}
TRAINER = page("docs/workshop/trainer.md")
in_both = pytest.mark.parametrize("language", SLIDES)


def plans(one: Page) -> list[list[list[str]]]:
    return [table[1:] for table in one.tables if table[0][1] == "minutes"]


def minutes(start: str) -> int:
    hours, rest = start.split(":")
    return 60 * int(hours) + int(rest)


@pytest.mark.parametrize(("plan", "length"), list(zip(plans(TRAINER), [210, 450], strict=True)), ids=["half", "whole"])
def test_each_part_of_a_plan_starts_when_the_one_before_ends(plan: list[list[str]], length: int) -> None:
    starts = [minutes(row[0]) for row in plan]
    ends = [start + int(row[1]) for start, row in zip(starts, plan, strict=True)]
    assert [*starts, length] == [0, *ends]


def test_the_plans_have_the_same_times_in_french() -> None:
    french = page("docs/workshop/trainer.fr.md")
    assert [[row[:2] for row in plan] for plan in plans(french)] == [
        [row[:2] for row in plan] for plan in plans(TRAINER)
    ]


def test_every_notebook_has_its_time_in_a_whole_day_and_something_to_say() -> None:
    notebooks = {path.stem for path in TOP.glob("notebooks/source/*.py")}
    in_the_day = {name for row in plans(TRAINER)[1] for name in spans(row[3])}
    assert notebooks <= in_the_day
    assert in_the_day == {spans(row[0])[0] for row in TRAINER.table("What to say")}


def test_the_slides_of_a_plan_are_all_there_are() -> None:
    count = len(re.findall(r"^---$", (WORKSHOP / "slides.md").read_text(), re.MULTILINE)) + 1
    for plan in plans(TRAINER):
        named = [int(number) for row in plan for number in re.findall(r"\b\d+\b", row[3].split("`")[0])]
        assert (min(named), max(named)) == (1, count)


@pytest.mark.parametrize("name", ["docs/workshop/setup.md", "docs/workshop/setup.fr.md"])
def test_bundles_are_built_for_every_python_that_a_laptop_may_have(name: str) -> None:
    (named,) = re.findall(r'make offline-bundle .*PYTHON_VERSION="([^"]+)"', page(name).text)
    assert tuple(named.split()) == load_script(TOP / "scripts" / "offline_bundle.py").PYTHONS


@pytest.mark.parametrize("name", ["docs/workshop/setup.md", "docs/workshop/setup.fr.md"])
def test_a_system_s_packages_are_installed_where_windows_is_set_up(name: str) -> None:
    section = page(name).text.split("\n## Windows\n")[1].split("\n## ")[0]
    (of_linux,) = [
        span for row in page(name).tables[0] for span in spans(row[1]) if span.startswith("sudo apt install")
    ]
    assert f"```sh\nsudo apt update\n{of_linux}\n```" in section


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_in_a_project_of_ones_own_the_library_is_installed_first(one: Page) -> None:
    for _, code in one.blocks:
        before, found, _ = code.partition("cd /path/to/your/dbt/project")
        assert not found or before.startswith("pip install /path/to/"), code


@pytest.mark.parametrize(
    ("name", "of_all"), [("notebooks/README.md", "README.md"), ("notebooks/fr/README.md", "README.fr.md")]
)
def test_where_notebooks_need_no_network_what_the_first_call_downloads_is_said(name: str, of_all: str) -> None:
    size = r"JupyterLab (?:and|et) Dagster\s\((?:about|environ) (\d+) M[Bo]\)"
    assert re.findall(size, page(name).text) == re.findall(size, page(of_all).text) != []


def test_the_slides_have_not_drifted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["build_slides", "--check"])
    assert load_script(SCRIPT).main() == 0


def test_drift_of_the_slides_is_found_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = load_script(SCRIPT)
    for name in [*script.SLIDES, *script.SHEETS]:
        (tmp_path / name).write_text("# One\n\n---\n\n## Two\n")
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    monkeypatch.setattr(sys, "argv", ["build_slides"])
    assert script.main() == 0
    monkeypatch.setattr(sys, "argv", ["build_slides", "--check"])
    assert script.main() == 0
    (tmp_path / "slides.fr.md").write_text("# Un\n")
    assert script.main() == 1
    assert capsys.readouterr().out == (
        "docs/workshop/slides.fr.html is not what its Markdown says; run .venv/bin/python scripts/build_slides.py\n"
    )


@in_both
def test_in_a_browser_keys_turn_the_slides_none_is_too_tall_and_nothing_is_fetched(language: str) -> None:
    asked: list[str] = []
    errors: list[str] = []
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": 1280, "height": 720})
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(SLIDES[language].as_uri())
        count = tab.locator("section").count()
        for _ in range(count + 1):
            tab.keyboard.press("ArrowRight")
            tab.wait_for_timeout(30)
        last = tab.evaluate("location.hash")
        tab.keyboard.press("Home")
        too_tall = tab.evaluate(
            "[...document.querySelectorAll('section')].filter(s => s.offsetHeight > innerHeight + 1).length"
        )

        assert (last, tab.evaluate("location.hash")) == (f"#{count}", "#1")
        assert (too_tall, errors) == (0, [])
        assert [url[:5] for url in asked if not url.startswith("data:")] == ["file:"]
        assert tab.evaluate("document.documentElement.lang") == language


@in_both
def test_the_learners_sheet_prints_on_one_page(language: str) -> None:
    name = "learner.html" if language == "en" else "learner.fr.html"
    with chromium() as browser:
        tab = browser.new_page()
        tab.goto((WORKSHOP / name).as_uri())
        printed = tab.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
