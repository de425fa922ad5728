"""The dashboard in a real browser, on a store that a real run of the dbt example filled.

`QALITA_SCREENSHOTS` names a folder that keeps a picture of each page; CI shows them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import msgspec
import pytest

from chromium import chromium, screenshots_folder
from example_copies import ExampleCopy, plain_environment
from factories import report
from guarded_sandboxes import bearer
from qalita_ingest.contract import Column, RunReport, Sample, encode, idempotency_key
from qalita_ingest.sandbox.access import Role, Tokens, signing_secret
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.settings import Settings
from sandbox_pages import pages_of
from server_process import ServerProcess, server_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

VARIANTS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1200, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1200, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"},
}
AXE_OPTIONS: dict[str, Any] = {"resultTypes": ["violations"]}
# Of the pages in the dark only the colours are others than in the light.
AXE_ON_COLOURS = AXE_OPTIONS | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
GRAVE = {"serious", "critical"}
LONG = "a_name_that_somebody_found_a_good_idea_and_that_goes_on_without_any_place_to_break_it_" * 2
TIMEOUT_MILLISECONDS = 15_000
HIDDEN_PIXELS = "Math.max(...[...document.querySelectorAll('.scroll')].map(one => one.scrollWidth - one.clientWidth))"
WIDTH = "document.documentElement.scrollWidth"


def with_long_names() -> RunReport:
    """A run with failing rows, and with names that a narrow page can't hold in one line."""
    one = report(1, {LONG: "failed", "hour_is_known": "skipped"}, project=LONG, environment="a-rather-long-environment")
    replace = msgspec.structs.replace
    rows = tuple((str(number), None, LONG) for number in range(3))
    sample = Sample(columns=("id", "value", "note"), rows=rows, masked=("e_mail",))
    return replace(
        one,
        datasets=(replace(one.datasets[0], name=LONG, columns=(Column(name=LONG, type="varchar", description=LONG),)),),
        results=tuple(replace(result, message=f"Got 3 results, {LONG}", sample=sample) for result in one.results),
    )


@dataclass
class Visit:
    """What a browser met on one page; `pictures` are the addresses of those that it chose."""

    address: str
    console: list[str]
    faults: list[str]
    width: int
    pictures: list[str]
    broken_pictures: list[str]


@dataclass
class Walk:
    """All pages of one variant; `requests` are the addresses that the browser asked for."""

    variant: str
    visits: list[Visit] = field(default_factory=list)
    requests: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class GuardedServer:
    """And a token that opens it."""

    server: ServerProcess
    token: str


@pytest.fixture(scope="module")
def server(built: ExampleCopy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The example's results, taken in as its users do, and a run with long names."""
    store = tmp_path_factory.mktemp("browser") / "store"
    environment = plain_environment() | {
        "QALITA_STORE": str(store),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    subprocess.run(
        [built.folder / "scripts" / "ingest_qalita.sh"], env=environment, check=True, capture_output=True, timeout=120
    )
    run = with_long_names()
    with server_process(store) as started:
        headers = {"Idempotency-Key": idempotency_key(run)}
        httpx2.post(f"{started.url}/api/v2/ingest/runs", content=encode(run), headers=headers).raise_for_status()
        yield started


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedServer]:
    """Where every request needs a token, with one issue."""
    store = tmp_path_factory.mktemp("closed") / "store"
    run = report(1, {"unit_is_known": "failed"})
    with server_process(store, QALITA_SANDBOX_REQUIRE_TOKEN="1") as started:
        database = open_database(Settings(store))
        tokens = Tokens(database, signing_secret(store)[0])
        token = tokens.issue("ada", Role.DATAENGINEER, now=datetime.now(UTC), days=1).token
        database.close()
        headers = {"Idempotency-Key": idempotency_key(run)} | bearer(token)
        httpx2.post(f"{started.url}/api/v2/ingest/runs", content=encode(run), headers=headers).raise_for_status()
        yield GuardedServer(started, token)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return screenshots_folder(tmp_path_factory.mktemp("screenshots"))


@pytest.fixture(scope="module", params=list(VARIANTS))
def walk(
    request: pytest.FixtureRequest, browser: Browser, server: ServerProcess, long_names: list[str], screenshots: Path
) -> Walk:
    """Long names are a matter of width: they are looked at on a phone only."""
    walked = Walk(request.param)
    addresses = [*pages_of(project="opendata_dbt", run=1, dataset=3, check=10), "/docs"]
    addresses += long_names if walked.variant == "phone" else []
    options = AXE_ON_COLOURS if walked.variant == "dark" else AXE_OPTIONS
    with context_of(browser, server, **VARIANTS[walked.variant]) as context:
        context.on("request", lambda sent: walked.requests.add(sent.url))
        page = context.new_page()
        walked.visits = [
            visit(page, address, screenshots / f"{number:02}{file_name(address)}-{walked.variant}.png", options)
            for number, address in enumerate(addresses, start=1)
        ]
    return walked


@pytest.fixture(scope="module")
def long_names(server: ServerProcess) -> list[str]:
    """The pages of the run with long names."""
    values = httpx2.get(f"{server.url}/issues.json?project={LONG}").json()
    issue = values["issues"][0]["id"]
    check = httpx2.get(f"{server.url}/issues/{issue}.json").json()
    return [
        f"/projects/{LONG}",
        "/runs/2",
        f"/datasets/{check['dataset_id']}",
        f"/checks/{check['check_id']}",
        f"/issues/{issue}",
    ]


@contextmanager
def context_of(browser: Browser, server: ServerProcess, **options: Any) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=server.url, **options)
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    try:
        yield context
    finally:
        context.close()


def file_name(address: str) -> str:
    return re.sub(r"\W+", "-", address[:40]).rstrip("-")


def visit(page: Page, address: str, screenshot: Path, options: dict[str, Any] = AXE_OPTIONS) -> Visit:
    console: list[str] = []

    def hear(message: Any) -> None:
        console.append(f"{message.type}: {message.text}")

    def fail(error: Any) -> None:
        console.append(f"uncaught: {error}")

    page.on("console", hear)
    page.on("pageerror", fail)
    response = page.goto(address)
    assert response
    assert response.ok, f"{address}: {response.status}"
    page.screenshot(path=screenshot, full_page=True)
    pictures = page.evaluate("[...document.images].map(one => [one.currentSrc, one.naturalWidth])")
    visited = Visit(
        address=address,
        console=console,
        faults=faults_on(page, options),
        width=page.evaluate(WIDTH),
        pictures=[source for source, _width in pictures],
        broken_pictures=[source for source, width in pictures if not width],
    )
    page.remove_listener("console", hear)
    page.remove_listener("pageerror", fail)
    return visited


def faults_on(page: Page, options: dict[str, Any] = AXE_OPTIONS) -> list[str]:
    """What axe finds grave. Its program is handed to the page from outside: the page itself may load no foreign one."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 (needed with a browser only)

    results = Axe().run(page, options=options)
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]}"
        for one in results.response["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def test_axe_finds_no_grave_fault_on_any_page(walk: Walk) -> None:
    assert {one.address: one.faults for one in walk.visits if one.faults} == {}


def test_no_page_makes_the_browser_complain(walk: Walk) -> None:
    assert {one.address: one.console for one in walk.visits if one.console} == {}


def test_no_page_asks_another_host(walk: Walk, server: ServerProcess) -> None:
    assert {urlsplit(address).netloc for address in walk.requests} == {urlsplit(server.url).netloc}


def test_no_page_is_wider_than_the_screen(walk: Walk) -> None:
    width = VARIANTS[walk.variant]["viewport"]["width"]
    assert {one.address: one.width for one in walk.visits if one.width > width} == {}


def test_a_long_name_makes_no_table_wider_than_its_page(browser: Browser, server: ServerProcess) -> None:
    with context_of(browser, server, **VARIANTS["light"]) as context:
        page = context.new_page()
        for address in ("/overview", "/runs", "/issues?status=all"):
            page.goto(address)
            assert page.evaluate(HIDDEN_PIXELS) <= 0, address


def test_every_picture_is_shown(walk: Walk) -> None:
    assert [source for one in walk.visits for source in one.broken_pictures] == []


def test_pictures_have_the_colours_and_the_size_of_the_screen(walk: Walk) -> None:
    charts = [address for one in walk.visits for address in one.pictures if "/charts/" in address]
    assert charts
    assert all(("theme=dark" in address) is (walk.variant == "dark") for address in charts)
    assert all(("size=narrow" in address) is (walk.variant == "phone") for address in charts)


def test_without_javascript_people_find_filter_and_comment(browser: Browser, server: ServerProcess) -> None:
    with context_of(browser, server, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/")
        page.get_by_role("link", name="opendata_dbt").first.click()
        page.get_by_role("link", name="stg_airquality", exact=True).click()
        assert page.get_by_role("heading", level=1).inner_text().startswith("stg_airquality")
        page.get_by_role("link", name="Runs").click()
        page.get_by_role("link", name="Run 1", exact=True).click()
        page.get_by_label("Status").select_option("warning")
        page.get_by_role("button", name="Filter").click()
        statuses = page.locator("#results ~ div tbody .status").all_inner_texts()
        assert statuses
        assert all("warning" in one for one in statuses)
        page.get_by_role("link", name="Issues", exact=True).click()
        page.locator("tbody th a").first.click()
        page.get_by_label("Comment").fill("We asked <the> supplier.")
        page.get_by_role("button", name="Add the comment").click()
        assert page.locator(".events .message").last.inner_text() == "We asked <the> supplier."


def test_an_issue_is_assigned_dated_and_muted_by_its_forms(browser: Browser, server: ServerProcess) -> None:
    with context_of(browser, server) as context:
        page = context.new_page()
        page.goto("/issues/1")
        page.get_by_label("Assign to").fill("Ada")
        page.get_by_role("button", name="Assign", exact=True).click()
        page.get_by_label("Due on").fill("2020-01-31")
        page.get_by_role("button", name="Set the date").click()
        assert "Expected today (UTC) or a later day" in page.get_by_role("alert").inner_text()
        assert page.get_by_label("Due on").input_value() == "2020-01-31"
        page.get_by_label("Due on").fill("2999-01-31")
        page.get_by_role("button", name="Set the date").click()
        page.get_by_role("button", name="Mute", exact=True).click()
        text = page.locator("main").inner_text()
        assert "Ada" in text
        assert "2999-01-31" in text
        assert "muted" in page.locator(".lead").inner_text()
        page.get_by_role("button", name="Unmute now").click()
        assert "open" in page.locator(".lead").inner_text()


@pytest.mark.parametrize("variant", list(VARIANTS))
def test_the_login_has_no_grave_fault_also_after_a_bad_token(
    browser: Browser, closed: GuardedServer, screenshots: Path, variant: str
) -> None:
    with context_of(browser, closed.server, **VARIANTS[variant]) as context:
        page = context.new_page()
        first = visit(page, "/issues", screenshots / f"login-{variant}.png")
        assert page.get_by_role("heading", level=1).inner_text() == "Log in"
        page.get_by_label("Token").fill("a.b.c")
        page.get_by_role("button", name="Log in").click()
        assert page.get_by_role("alert").is_visible()
        page.screenshot(path=screenshots / f"login-refused-{variant}.png", full_page=True)
        assert (first.faults, first.console, faults_on(page)) == ([], [], [])
        assert max(first.width, page.evaluate(WIDTH)) <= VARIANTS[variant]["viewport"]["width"]


def test_a_comment_survives_the_end_of_its_session(browser: Browser, closed: GuardedServer, screenshots: Path) -> None:
    typed = 'We asked <the> "supplier",\n\nand wait & see.'
    with context_of(browser, closed.server, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/issues/1")
        page.get_by_label("Token").fill(closed.token)
        page.get_by_role("button", name="Log in").click()
        page.get_by_label("Comment").fill(typed)
        context.clear_cookies()
        page.get_by_role("button", name="Add the comment").click()
        assert "Your session has ended" in page.locator("main").inner_text()
        page.screenshot(path=screenshots / "login-keeps-a-comment.png", full_page=True)
        page.get_by_label("Token").fill("a.b.c")
        page.get_by_role("button", name="Log in").click()
        page.get_by_label("Token").fill(closed.token)
        page.get_by_role("button", name="Log in").click()
        assert urlsplit(page.url).path == "/issues/1"
        assert page.locator(".events .message").last.inner_text() == typed


def test_the_keyboard_reaches_the_content_first(browser: Browser, server: ServerProcess) -> None:
    with context_of(browser, server) as context:
        page = context.new_page()
        page.goto("/overview")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_a_page_that_is_not_there_leads_back(browser: Browser, server: ServerProcess) -> None:
    with context_of(browser, server) as context:
        page = context.new_page()
        response = page.goto("/runs/999")
        assert response
        assert response.status == 404
        page.get_by_role("link", name="Back to the overview").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Overview"
