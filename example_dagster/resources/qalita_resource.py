"""QALITA's own client (`qalita`, the vendor's) as a Dagster resource.

Each resource has a home of its own, removed at the end: two runs at once share nothing, and neither do two steps in
processes or containers of their own. This process's folder and environment stay as they are.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field, PrivateAttr

from qalita_ingest import Endpoint, find_vendor_client
from resources.client_home import ClientHome
from resources.client_process import Printed, run_program
from resources.client_settings import MODE, MODES, NAME, NAMES, agreed, endpoint_of, secrets_known, texts_in
from resources.pack_run import PackRun, failure_of, read_back
from resources.qalita_server import QalitaServer

# `agent` became `worker`, on the command line and in the names of the settings. (From 2.21.0 `agent` means AI agents.)
RENAMED_IN = (2, 5, 2)
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


class QalitaResource(dg.ConfigurableResource):  # type: ignore[type-arg] # no other class has a type parameter here
    """What is not given here comes from the environment of the step, at the moment it is needed.

    So a definition holds no token, and neither do Dagster's pages. What goes wrong is a `dagster.Failure`.
    """

    endpoint: str | None = Field(
        default=None,
        description="Default: QALITA_AGENT_ENDPOINT, QALITA_WORKER_ENDPOINT or QALITA_API_URL.",
    )
    token: str | None = Field(
        default=None,
        repr=False,
        json_schema_extra={"dagster__is_secret": True},
        description='Default: QALITA_AGENT_TOKEN or QALITA_WORKER_TOKEN. If given, then as EnvVar("…").',
    )
    agent_name: str | None = Field(
        default=None, description=f"Default: QALITA_AGENT_NAME or QALITA_WORKER_NAME, else {NAME}."
    )
    agent_mode: str | None = Field(
        default=None, description=f"Default: QALITA_AGENT_MODE or QALITA_WORKER_MODE, else {MODE}."
    )
    executable: str | None = Field(
        default=None,
        description="QALITA's client. Default: QALITA_CLI, .venv-qalita/bin/qalita, else the next qalita on PATH.",
    )
    timeout_seconds: float = Field(default=900, description="Of one command of the client.")

    # Removes itself also where nobody tears the resource down: in a notebook, say.
    _folder: tempfile.TemporaryDirectory[str] | None = PrivateAttr(default=None)
    _home: ClientHome | None = PrivateAttr(default=None)
    _version: str | None = PrivateAttr(default=None)
    _is_token_shown: bool = PrivateAttr(default=False)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        config = context.run.run_config if context.run else {}
        self._is_token_shown = self.token is not None and self.token in texts_in(config.get("resources"))

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002 (Dagster's signature)
        if self._folder:
            self._folder.cleanup()
        self._folder = self._home = None

    def version(self) -> str:
        """Of the client that is installed here; asks no server."""
        if self._version is None:
            printed = self._run(["version"], {})
            found = next((match for line in printed.lines if (match := VERSION.search(line))), None)
            if found is None:
                raise failure_of(f"{self._executable()}: `version` printed no version; is it QALITA's client?", printed)
            self._version = found[0]
        return self._version

    @property
    def family(self) -> str:
        """What this release calls a worker: `agent` or `worker`."""
        number = tuple(int(part) for part in self.version().split("."))
        return "agent" if number < RENAMED_IN else "worker"

    def login(self) -> None:
        """Register this worker with the server, where it is not yet known."""
        self._server().workers(self.family)
        printed = self.cli([self.family, "login"])
        names = [worker.get("name") for worker in self._server().workers(self.family)]
        if self._name() not in names or not self._own_home().is_logged_in(self.family):
            raise failure_of(f"the server doesn't list the worker {self._name()} after its login", printed)

    def source_list(self) -> list[dict[str, Any]]:
        """The workspace's sources, as the client knows them."""
        self.cli(["source", "list"])
        return self._own_home().sources()

    def pack_list(self) -> list[dict[str, Any]]:
        """The packs that the server has; the client's own list would be empty too when it is refused."""
        self._require_login()
        self.cli(["pack", "list"])
        return self._server().packs()

    def run(self, source_id: int, pack_id: int, source_folder: Path | None = None) -> PackRun:
        """Run a pack on a source, and read back what became of it.

        `source_folder` is where the source lies this time, in place of the folder that the workspace names.
        """
        if self._mode() != MODE:
            raise dg.Failure(f"agent_mode is {self._mode()}: to run one pack it must be {MODE}", allow_retries=False)
        self._require_login()
        self._require_pack(pack_id)
        self._push_sources()
        self._own_home().place_source(source_id, source_folder, self._server().url)
        before = self._own_home().job_folders()
        printed = self._run([self.family, "run", "-s", str(source_id), "-p", str(pack_id)], self._settings())
        begun = self._own_home().job_folders() - before
        return read_back(self._server(), self._own_home(), begun.pop() if begun else None, printed)

    def cli(self, arguments: Sequence[str]) -> Printed:
        """Any command of the client. A non-zero exit code is a `Failure`; 0 means little: look at the server."""
        printed = self._run(arguments, self._settings())
        if printed.exit_code:
            command = " ".join(["qalita", *arguments])
            raise failure_of(f"`{command}` ended with exit code {printed.exit_code}: {printed.last}", printed)
        return printed

    def _run(self, arguments: Sequence[str], settings: Mapping[str, str]) -> Printed:
        home, executable = self._own_home(), self._executable()
        secrets = secrets_known(self.token)
        if any(secret in argument for secret in secrets for argument in arguments):
            raise dg.Failure(
                "a token must not be an argument: every process of this machine sees it", allow_retries=False
            )
        try:
            return run_program(
                [str(executable), *arguments],
                environment=home.environment(os.environ, settings),
                folder=home.folder,
                timeout_seconds=self.timeout_seconds,
                on_line=dg.get_dagster_logger("qalita").info,
                secrets=secrets,
            )
        except OSError as error:
            # TimeoutError is one too.
            reason = error.strerror or str(error)
            raise dg.Failure(f"{executable} {' '.join(arguments)}: {reason}", allow_retries=False) from None

    def _executable(self) -> Path:
        found = shutil.which(self.executable) if self.executable else find_vendor_client()
        if found is None:
            where = f"at {self.executable}" if self.executable else "installed"
            raise dg.Failure(
                f"QALITA's own client is not {where}: `make setup-vendor` in the workspace, or install it in an "
                "environment of its own and name it in QALITA_CLI",
                allow_retries=False,
            )
        return Path(found)

    def _own_home(self) -> ClientHome:
        if self._home is None:
            self._folder = tempfile.TemporaryDirectory(prefix="qalita-client-", ignore_cleanup_errors=True)
            self._home = ClientHome(Path(self._folder.name))
            self._home.write_sources()
        return self._home

    def _endpoint(self) -> Endpoint:
        if self._is_token_shown:
            raise dg.Failure(
                "the token stands in the run config, where everybody can read it: revoke it, and set "
                "QALITA_AGENT_TOKEN in the environment instead",
                allow_retries=False,
            )
        return endpoint_of(self.endpoint, self.token)

    def _server(self) -> QalitaServer:
        return QalitaServer(self._endpoint())

    def _name(self) -> str:
        return self.agent_name or agreed(NAMES, NAME)

    def _mode(self) -> str:
        return self.agent_mode or agreed(MODES, MODE)

    def _settings(self) -> dict[str, str]:
        """By the names that the installed release reads."""
        endpoint = self._endpoint()
        values = {"NAME": self._name(), "MODE": self._mode(), "ENDPOINT": endpoint.url, "TOKEN": endpoint.token or ""}
        return {f"QALITA_{self.family.upper()}_{name}": value for name, value in values.items()}

    def _require_login(self) -> None:
        if not self._own_home().is_logged_in(self.family):
            self.login()

    def _require_pack(self, pack_id: int) -> None:
        if self._server().pack(pack_id) is None:
            there = ", ".join(f"{pack.get('id')} {pack.get('name')}" for pack in self._server().packs()) or "none"
            raise dg.Failure(
                f"pack_id: {self._server().url} has no pack {pack_id}; it has {there}", allow_retries=False
            )

    def _push_sources(self) -> None:
        printed = self.cli(["source", "push"])
        if not all("id" in source for source in self._own_home().sources()):
            # A push that changes a source doesn't bring its number; one that finds it unchanged does.
            printed = self.cli(["source", "push"])
        missing = [source["name"] for source in self._own_home().sources() if "id" not in source]
        if missing:
            raise failure_of(f"the server gave the source {missing[0]} no number: {printed.last}", printed)
