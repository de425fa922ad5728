"""What this process and the one that runs dbt say to each other: one JSON object a line."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from qalita_ingest.contract import Sample
from qalita_ingest.samples.privacy import ColumnPolicy

READER = "qalita_ingest.samples.reader"


class Table(msgspec.Struct, frozen=True):
    """`relation` is written into the query as it is."""

    relation: str
    policy: ColumnPolicy


class Order(msgspec.Struct, frozen=True):
    """Options are dbt's own, as on its command line; `folder` is what a relative path of the profile counts from."""

    options: tuple[str, ...]
    adapter: str
    rows: int
    rows_in_all: int
    tables: tuple[Table, ...]


class Reading(msgspec.Struct, frozen=True):
    """What came of one table, or of everything where `table` is None. `remark`: what could not be read, and why."""

    table: int | None = None
    sample: Sample | None = None
    remark: str | None = None


_readings = msgspec.json.Decoder(Reading)


def readings_of(order: Order, timeout_seconds: float) -> list[Reading]:
    """Asks a process of its own: dbt is a world of global state, changes folders, and may hang at a login.

    Never raises for what happens there: that becomes the last reading's remark.
    """
    # -P: a file beside dbt_project.yml must not stand in for a module.
    command = [sys.executable, "-P", "-m", READER]
    try:
        done = subprocess.run(
            command,
            input=msgspec.json.encode(order),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=timeout_seconds,
        )
    except subprocess.TimeoutExpired as expired:
        reason = f"the database took longer than {timeout_seconds:g} seconds; the rest was given up"
        return [*_decoded(expired.stdout or b""), Reading(remark=reason)]
    except OSError as error:
        return [Reading(remark=f"{sys.executable} can't be started: {error.strerror}")]
    reason = f"the process that reads them ended with status {done.returncode}"
    return [*_decoded(done.stdout), *([Reading(remark=reason)] if done.returncode else [])]


def _decoded(output: bytes) -> list[Reading]:
    """Whole lines only: the last one may have been cut off."""
    return [_readings.decode(line) for line in output.split(b"\n")[:-1]]
