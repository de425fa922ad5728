"""What all tests share: where things are, and which skips are expected."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from made_once import shared_folder_of

if TYPE_CHECKING:
    from example_copies import ExampleCopy

# Stores of both kinds, for all tests; one server of PostgreSQL for each process that runs them.
pytest_plugins = ["store_fixtures"]

TOP = Path(__file__).resolve().parent.parent
CORPUS_VARIABLE = "QALITA_DBT_CORPUS"
# A folder that keeps what the tests in a browser saw.
SCREENSHOTS_VARIABLE = "QALITA_SCREENSHOTS"
# QALITA's own client is proprietary: nobody has to install it to test.
VENDOR_SKIP = r"make setup-vendor"
# Reasons that may skip a test in CI too; everything else that is skipped there is a hole in the proof.
EXPECTED_SKIPS = [
    r"root may read everything",
    *([] if os.environ.get(CORPUS_VARIABLE) else [CORPUS_VARIABLE]),
    *([] if (TOP / ".venv-qalita").exists() else [VENDOR_SKIP]),
]

# Files of several minutes, the longest first: each worker takes the next file, and one that comes last has no company.
STARTS_FIRST = ("notebooks/test_in_order.py", "notebooks/test_alone_odd.py", "notebooks/test_alone_even.py")

# What would bring in a server, another folder, or the CI in which these tests run.
FOREIGN = ("QALITA_", "DBT_", "GITHUB_", "GITLAB_", "CI_", "TF_BUILD", "JENKINS_")
OURS = (CORPUS_VARIABLE, SCREENSHOTS_VARIABLE)


def pytest_configure() -> None:
    """No test depends on what a shell or a CI has set; dbt tells its makers nothing."""
    for name in [name for name in os.environ if name.startswith(FOREIGN) and name not in OURS]:
        del os.environ[name]
    os.environ["DO_NOT_TRACK"] = "1"
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell has its background jobs ignore Ctrl-C, and with them all that they start: here that is to be tried.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fail-on-unexpected-skip", action="store_true", help="CI: a skip needs a reason that is expected"
    )
    parser.addoption("--expect-clients", action="store_true", help="CI: all releases of the vendor's client are set up")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Within a file, and among all other files, the order stays as it is."""
    first = {TOP / "tests" / name: place for place, name in enumerate(STARTS_FIRST)}
    items.sort(key=lambda item: first.get(item.path, len(first)))


def _unexpected_skips(terminal: pytest.TerminalReporter) -> list[str]:
    reasons = [str(report.longrepr) for report in terminal.stats.get("skipped", [])]
    return [reason for reason in reasons if not any(re.search(expected, reason) for expected in EXPECTED_SKIPS)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.getoption("--fail-on-unexpected-skip"):
        for reason in _unexpected_skips(terminalreporter):
            terminalreporter.write_line(f"unexpected skip: {reason}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal and session.config.getoption("--fail-on-unexpected-skip") and _unexpected_skips(terminal):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real artifacts of public repositories; their folder is not part of the project."""
    if not (folder := os.environ.get(CORPUS_VARIABLE)):
        pytest.skip(f"{CORPUS_VARIABLE} does not name a folder with real dbt artifacts")
    return Path(folder)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of all workers: what one of them makes in it, with `made_once`, the others find there."""
    return shared_folder_of(tmp_path_factory)


@pytest.fixture(scope="session")
def built(shared_folder: Path) -> ExampleCopy:
    """The dbt example, built, to look at: one for all workers."""
    from example_copies import build_once  # noqa: PLC0415 (DuckDB, which few tests need)

    return build_once(shared_folder)
