"""Notebook 01 as a learner meets it: `make notebooks`, JupyterLab in a real browser, all cells, an answer typed.

`QALITA_SCREENSHOTS` names a folder that keeps what was seen.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import pytest

from chromium import chromium, screenshots_folder
from notebook_runs import NOTEBOOKS, OF_A_LEARNER, new_workspace, read
from qalita_walkthrough.exercises.checking import NOT_ANSWERED, RIGHT
from server_process import free_port
from workspaces import BIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize

    from workspaces import Workspace

pytestmark = pytest.mark.slow

NAME = "01_open_data.ipynb"
CODE = [cell for cell in read(NOTEBOOKS / NAME).cells if cell.cell_type == "code"]
# Of the code cells, as many as there are pictures stored.
DRAWN = sum("image/svg+xml" in output.get("data", {}) for cell in CODE for output in cell.outputs)
CHECKS = [place for place, cell in enumerate(CODE) if cell.source.startswith("check(")]
TOKEN = "a-token-of-this-test"
WIDE: ViewportSize = {"width": 1300, "height": 900}
NARROW: ViewportSize = {"width": 600, "height": 900}
WHOLE_HEIGHT = 9000
START_SECONDS, PICTURES_SECONDS, RUN_SECONDS, STOP_SECONDS = 120, 20, 240, 30
PAGE_MILLISECONDS = 120_000
# What is printed to stderr is shown in red, as errors are.
ERRORS = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
# JupyterLab shows SVG as images: their size says that it was trusted and could be drawn.
SIZES = "images => images.map(image => image.complete ? image.naturalWidth : 0)"
# How far each reaches out of the cell below which it stands.
OVERHANG = """images => images.map(image => Math.max(0, Math.round(
    image.getBoundingClientRect().right - image.closest('.jp-OutputArea').getBoundingClientRect().right)))"""


@dataclass
class Seen:
    """Texts of cells are those of code cells, from the first to the last."""

    stored_pictures: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    printed_to_an_answer: str = ""
    overhang: list[int] = field(default_factory=list)
    hosts: set[str | None] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of JupyterLab in a clone. It is not started where there is no browser."""
    workspace, port = new_workspace(tmp_path_factory.mktemp("lab")), free_port()
    log = workspace.home / "jupyterlab.log"
    with log.open("wb") as output:
        process = _start(workspace, port, output)
    try:
        _wait(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        _stop(process)


def _start(workspace: Workspace, port: int, output: Any) -> subprocess.Popen[bytes]:
    """What `make notebooks NOTEBOOK_ARGS=…` starts."""
    options = ["--no-browser", "--ip", "127.0.0.1", "--port", str(port), f"--IdentityProvider.token={TOKEN}"]
    own = {"HOME": str(workspace.home), "VENV": str(BIN.parent)}
    return subprocess.Popen(
        ["sh", "scripts/run_notebooks.sh", *options],
        cwd=workspace.folder,
        env=os.environ | OF_A_LEARNER | own,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
    )


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            httpx2.get(f"{address}/api")
        except httpx2.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text(encoding="utf-8"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """It ends its kernels itself."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=10)


@pytest.fixture(scope="module")
def seen(browser: Browser, lab: str, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder, seen = screenshots_folder(tmp_path_factory.mktemp("screenshots")), Seen()
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        page.set_default_timeout(PAGE_MILLISECONDS)
        _listen(page, seen)
        page.goto(f"{lab}/lab/tree/notebooks/{NAME}?token={TOKEN}")
        _look_at_what_is_stored(page, seen, folder)
        _run_all(page, seen)
        _answer(page, seen, folder)
        _look_at_looks(page, seen, folder)
    return seen


def _listen(page: Page, seen: Seen) -> None:
    page.on("request", lambda sent: seen.hosts.add(urlsplit(sent.url).hostname))
    page.on("websocket", lambda socket: seen.hosts.add(urlsplit(socket.url).hostname))
    page.on("response", lambda one: seen.refused.append(one.url) if one.status >= 400 else None)
    page.on("console", lambda message: _note(message, seen))
    page.on("pageerror", lambda error: seen.console.append(str(error)))


def _note(message: ConsoleMessage, seen: Seen) -> None:
    if message.type in {"error", "warning"}:
        seen.console.append(message.text)


def _inside(page: Page, selector: str) -> Locator:
    return page.locator(f".jp-NotebookPanel {selector}")


def _look_at_what_is_stored(page: Page, seen: Seen, folder: Path) -> None:
    _inside(page, ".jp-CodeCell").nth(len(CODE) - 1).wait_for(state="attached")
    seen.stored_pictures = _sizes(page)
    page.screenshot(path=folder / "jupyterlab-stored.png")


def _sizes(page: Page) -> list[int]:
    """Of all pictures, once they are there; nought for one that can't be drawn, none for one that is not trusted."""
    images = _inside(page, ".jp-RenderedSVG img")
    _wait_until(page, lambda: images.count() == DRAWN and all(images.evaluate_all(SIZES)), PICTURES_SECONDS)
    found: list[int] = images.evaluate_all(SIZES)
    return found


def _wait_until(page: Page, is_so: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not (so := is_so()) and time.monotonic() < until:
        page.wait_for_timeout(200)
    return so


def _run_all(page: Page, seen: Seen) -> None:
    """Through the menu, once what is stored is gone: so all that is there afterwards is of this run."""
    _choose(page, "Edit", "Clear Outputs of All Cells")
    _choose(page, "Run", "Run All Cells")
    prompts = _inside(page, ".jp-CodeCell .jp-InputPrompt")
    errors, last = _inside(page, ERRORS), f"[{len(CODE)}]:"
    # After an error nothing more is run.
    _wait_until(page, lambda: prompts.last.text_content() == last or errors.count() > 0, RUN_SECONDS)
    seen.prompts = prompts.all_text_contents()
    seen.pictures = _sizes(page)
    seen.errors = errors.all_text_contents()
    seen.printed = [_printed(page, place) for place in CHECKS]


def _choose(page: Page, menu: str, entry: str, *, below: str = "") -> None:
    page.get_by_role("menuitem", name=menu, exact=True).click()
    if below:
        page.locator(".lm-Menu-item", has_text=below).first.hover()
    page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()


def _printed(page: Page, place: int) -> str:
    return "".join(_inside(page, ".jp-CodeCell").nth(place).locator(".jp-OutputArea-output").all_text_contents())


def _answer(page: Page, seen: Seen, folder: Path) -> None:
    """Typed in place of the three dots, and both cells run."""
    check = CHECKS[0]
    editor = _inside(page, ".jp-CodeCell").nth(check - 1).locator(".cm-content")
    editor.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("answer = 421 + 233 + 150")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    _wait_until(page, lambda: NOT_ANSWERED.english not in _printed(page, check), RUN_SECONDS)
    seen.printed_to_an_answer = _printed(page, check)
    page.screenshot(path=folder / "jupyterlab-answered.png")


def _look_at_looks(page: Page, seen: Seen, folder: Path) -> None:
    _choose(page, "View", "File Browser", below="Appearance")
    for theme in ("light", "dark"):
        _choose(page, "Settings", f"JupyterLab {theme.title()}", below="Theme")
        page.locator(f'body[data-jp-theme-light="{str(theme == "light").lower()}"]').wait_for(state="attached")
        for name, size in (("wide", WIDE), ("narrow", NARROW)):
            _picture_all(page, size, folder / f"jupyterlab-{theme}-{name}.png")
    seen.overhang = _inside(page, ".jp-RenderedSVG img").evaluate_all(OVERHANG)


def _picture_all(page: Page, size: ViewportSize, path: Path) -> None:
    """The whole notebook in one picture: the window is as high as it is."""
    page.set_viewport_size(size | {"height": WHOLE_HEIGHT})
    _inside(page, ".jp-WindowedPanel-outer").evaluate("one => one.scrollTo(0, 0)")
    page.wait_for_timeout(1_000)
    page.screenshot(path=path)


def test_stored_charts_are_shown_before_anything_is_run(seen: Seen) -> None:
    assert len(seen.stored_pictures) == DRAWN > 0
    assert all(seen.stored_pictures)


def test_all_cells_run_one_after_the_other_without_an_error(seen: Seen) -> None:
    assert seen.prompts == [f"[{number}]:" for number in range(1, len(CODE) + 1)]
    assert seen.errors == []


def test_each_cell_that_draws_has_drawn_again(seen: Seen) -> None:
    assert seen.pictures == seen.stored_pictures


def test_an_exercise_is_not_answered_until_an_answer_is_typed(seen: Seen) -> None:
    assert set(seen.printed) == {f"{NOT_ANSWERED.english}\n"}
    assert len(seen.printed) == len(CHECKS) >= 2
    assert seen.printed_to_an_answer.startswith(f"{RIGHT.english} ")


def test_charts_fit_into_a_narrow_window(seen: Seen) -> None:
    assert seen.overhang == [0] * DRAWN


def test_nothing_is_asked_of_another_host(seen: Seen) -> None:
    assert seen.hosts <= {"127.0.0.1", "localhost", None}


def test_jupyterlab_meets_no_errors(seen: Seen) -> None:
    assert seen.console == []
    assert seen.refused == []
