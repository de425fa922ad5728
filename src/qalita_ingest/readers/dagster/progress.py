"""How far a run is, asked after every one of its steps: only what is new since the last look is read."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from dagster import DagsterEventType

from qalita_ingest.readers.dagster.log import Log, read_on
from qalita_ingest.readers.dagster.runs import as_run, record_of

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from qalita_ingest.readers.dagster.records import Run

ENDS = {DagsterEventType.STEP_SUCCESS, DagsterEventType.STEP_FAILURE, DagsterEventType.STEP_SKIPPED}
# Of an attempt that is followed by another nothing counts.
WITH_OUTPUTS = ENDS | {DagsterEventType.STEP_OUTPUT, DagsterEventType.STEP_UP_FOR_RETRY}
RUNS_KEPT = 8


@dataclass
class _Watched:
    """`run` is what was known of it at the first look."""

    run: Run
    log: Log
    cursor: str | None = None


_WATCHED: OrderedDict[str, _Watched] = OrderedDict()


def read_progress(instance: DagsterInstance, run_id: str) -> Run:
    """Its plan and the ends of its steps. Raises `InputError` where the instance does not have it."""
    watched = _WATCHED.pop(run_id, None) or _first_look(instance, run_id)
    types = WITH_OUTPUTS if watched.log.has_outputs else ENDS
    watched.cursor = read_on(instance, run_id, types, watched.log, watched.cursor)
    _WATCHED[run_id] = watched
    if len(_WATCHED) > RUNS_KEPT:
        _WATCHED.popitem(last=False)
    return msgspec.structs.replace(watched.run, steps=watched.log.steps)


def _first_look(instance: DagsterInstance, run_id: str) -> _Watched:
    """What steps yielded is most of a log, and matters only where one may end well without it."""
    run = as_run(instance, record_of(instance, run_id), Log(), {})
    may_lack = any(one.may_lack_output or one.has_dynamic_output for one in run.plan or ())
    return _Watched(run, Log(has_outputs=may_lack))
