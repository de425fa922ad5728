"""The vendor's own client, of three generations, as its users run it: a process of its own, with a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOP = Path(__file__).resolve().parents[1]
TIMEOUT_SECONDS = 120
LIMIT_SECONDS = 60


@dataclass(frozen=True)
class Release:
    """`command` is what the release calls a worker."""

    version: str
    command: str
    folder: str
    how_to_install: str

    @property
    def script(self) -> Path:
        return TOP / self.folder / "bin" / "qalita"

    @property
    def word(self) -> str:
        """Of names that only letters, digits and _ may be in."""
        return self.version.replace(".", "")


RELEASES = [
    Release("2.3.0", "agent", ".venv-qalita-2.3.0", "make setup-vendor RELEASE=2.3.0"),
    Release("2.5.4", "worker", ".venv-qalita-2.5.4", "make setup-vendor RELEASE=2.5.4"),
    Release("3.2.1", "worker", ".venv-qalita", "make setup-vendor"),
]
LATEST = RELEASES[-1]


@dataclass
class Client:
    """One release in one home; its settings are in the environment."""

    release: Release
    home: Path
    endpoint: str
    token: str
    name: str
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self, mode: str = "job") -> dict[str, str]:
        settings = {"NAME": self.name, "MODE": mode, "TOKEN": self.token, "ENDPOINT": self.endpoint}
        family = self.release.command.upper()
        return {
            # A pack needs a Python of 3.11.
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(self.home),
            **{f"QALITA_{family}_{name}": value for name, value in settings.items()},
            **self.variables,
        }

    def run(self, *arguments: str, folder: Path | None = None) -> str:
        """What it printed. Its exit status says little: look at the server."""
        done = subprocess.run(
            [self.release.script, *arguments],
            env=self.environment(),
            cwd=folder or self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        assert "Traceback" not in done.stdout, done.stdout
        return done.stdout

    def work(self, *arguments: str, folder: Path | None = None) -> str:
        """A command of workers: `agent …` until 2.5.1, `worker …` since."""
        return self.run(self.release.command, *arguments, folder=folder)

    @contextmanager
    def working(self) -> Iterator[subprocess.Popen[bytes]]:
        """Worker mode, until the block ends."""
        without_grpc = ["--no-grpc"] if self.release.version == "3.2.1" else []
        with (self.home / "worker.log").open("wb") as log:
            process = subprocess.Popen(
                [self.release.script, self.release.command, "run", *without_grpc],
                env=self.environment("worker"),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Background jobs of some shells ignore it, and hand that on.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait(timeout=10)

    @property
    def sources_file(self) -> Path:
        return self.home / ".qalita" / "sources-conf.yaml"

    def source(self) -> dict[str, object]:
        """The first of its local sources."""
        found: dict[str, object] = yaml.safe_load(self.sources_file.read_text(encoding="utf-8"))["sources"][0]
        return found

    def set_source(self, **fields: object) -> None:
        document = {"version": 1, "sources": [self.source() | fields]}
        self.sources_file.write_text(yaml.safe_dump(document), encoding="utf-8")


def write_probe(folder: Path, name: str, version: str = "1.0.0") -> Path:
    """A pack that needs nothing but a shell, and leaves one of everything behind. Returns the folder above it."""
    pack = folder / f"{name}_pack"
    shutil.rmtree(pack, ignore_errors=True)
    pack.mkdir(parents=True)
    properties = {"name": name, "version": version, "type": "validity", "visibility": "private"}
    about = yaml.safe_dump(properties | {"description": "a probe"})
    (pack / "properties.yaml").write_text(about, encoding="utf-8")
    (pack / "pack_conf.json").write_text('{"job": {}}', encoding="utf-8")
    (pack / "README.md").write_text("# A probe\n", encoding="utf-8")
    (pack / "run.sh").write_text(PROBE, encoding="utf-8")
    return folder


SCOPE = {"perimeter": "dataset", "value": "air", "parent_scope": {"perimeter": "source", "value": "opendata"}}
FINDING = {"content": "3 values are missing", "type": "completeness", "level": "warning", "scope": SCOPE}
LEFT_BEHIND = {
    "metrics.json": [{"key": "score", "value": "0.75", "scope": SCOPE}, {"key": "rows", "value": 12, "scope": SCOPE}],
    "recommendations.json": [FINDING],
    "schemas.json": [{"key": "dataset", "value": "air", "scope": SCOPE}],
    "figures.json": [{"key": "bars", "title": "Values by month"}],
}
PROBE = "\n".join(
    [
        "#!/bin/sh",
        *(f"echo '{json.dumps(document)}' >{name}" for name, document in LEFT_BEHIND.items()),
        "mkdir -p outputs",
        "echo '<p>three values are missing</p>' >outputs/page.html",
        "echo 'the probe has run'",
        "",
    ]
)


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + LIMIT_SECONDS
    while not is_so():
        assert time.monotonic() < until, f"{what} did not happen"
        time.sleep(0.2)


def copy_home(home: Path, to: Path) -> Path:
    shutil.copytree(home, to)
    return to


def add_source(home: Path, workspace: Path) -> None:
    """As docs/clients.md says it."""
    done = subprocess.run(
        [workspace / "example_pack" / "add_source.sh"],
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
