"""A home of its own for QALITA's client: its list of sources, its login, its jobs."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

# The workspace's entry, as `example_pack/add_source.sh` takes it.
SOURCES = Path(__file__).resolve().parents[2] / "example_pack" / "sources-conf.yaml"
# The client names a job, and its folder, by the time and five letters.
JOB = re.compile(r"\d{14}_\w{5}")
DOCUMENTS = ("metrics", "recommendations", "schemas")
OF_OTHER_CLIENTS = ("QALITA_AGENT_", "QALITA_WORKER_", "QALITA_API_URL", "QALITA_HOME")
WIDTH = "200"


@dataclass(frozen=True)
class ClientHome:
    """`folder` is readable for this user alone: a login keeps the token in it."""

    folder: Path

    @property
    def _settings(self) -> Path:
        return self.folder / ".qalita"

    def environment(self, outside: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
        """That of the step, with this home and these settings of the client only.

        What packs install for themselves stays in the cache outside: it takes half a minute.
        """
        kept = {name: value for name, value in outside.items() if not name.startswith(OF_OTHER_CLIENTS)}
        home = Path(outside.get("HOME", self.folder))
        return {
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            **kept,
            # Packs find a Python that is new enough.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{outside.get('PATH', os.defpath)}",
            "HOME": str(self.folder),
            "QALITA_HOME": str(self._settings),
            # What a pack left is compared with what the server has.
            "QALITA_KEEP_JOB_WORKSPACE": "1",
            "COLUMNS": WIDTH,
            "NO_COLOR": "1",
            **settings,
        }

    def write_sources(self) -> None:
        """The workspace's sources, with whole paths."""
        sources: list[dict[str, Any]] = yaml.safe_load(SOURCES.read_text(encoding="utf-8"))["sources"]
        for source in sources:
            if "path" in source.get("config", {}):
                source["config"]["path"] = str((SOURCES.parent / source["config"]["path"]).resolve())
        self._write(sources)

    def sources(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = yaml.safe_load(self._sources_file.read_text(encoding="utf-8"))["sources"]
        return found

    def place_source(self, source_id: int, folder: Path | None, server: str) -> None:
        """Say where the source lies this time. Raises `dagster.Failure` where the server has another number for it."""
        sources = self.sources()
        mine = [source for source in sources if str(source.get("id")) == str(source_id)]
        if not mine:
            there = ", ".join(f"{source.get('id')} {source['name']}" for source in sources)
            raise dg.Failure(
                f"source_id: the workspace has no source {source_id}; on {server} it has {there}", allow_retries=False
            )
        if folder:
            mine[0]["config"]["path"] = str(folder)
            self._write(sources)

    def is_logged_in(self, family: str) -> bool:
        return (self._settings / f".{family}").exists()

    def job_folders(self) -> set[Path]:
        """`jobs/` or, in older clients, `agent_run_temp/`."""
        return {folder for folder in self._settings.glob("*/*") if JOB.fullmatch(folder.name)}

    def documents_in(self, job_folder: Path) -> set[str]:
        """Kinds of those that its pack left for the server."""
        return {kind for kind in DOCUMENTS if any(job_folder.glob(f"*_pack/{kind}.json"))}

    @property
    def _sources_file(self) -> Path:
        return self._settings / "sources-conf.yaml"

    def _write(self, sources: list[dict[str, Any]]) -> None:
        self._settings.mkdir(exist_ok=True)
        self._sources_file.write_text(yaml.safe_dump({"version": 1, "sources": sources}), encoding="utf-8")
