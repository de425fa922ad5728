"""What is new in an instance since a place in its event log: runs that ended, and checks judged outside of any run."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec
from dagster import DagsterEventType

from qalita_ingest.readers.dagster.records import NO_LOCATION, OWN_METADATA, Evaluation, Run
from qalita_ingest.readers.dagster.values import evaluation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from dagster import DagsterInstance

ENDINGS = (DagsterEventType.RUN_SUCCESS, DagsterEventType.RUN_FAILURE, DagsterEventType.RUN_CANCELED)
EVALUATED = {DagsterEventType.ASSET_CHECK_EVALUATION}
# Dagster keeps what belongs to no run under this id.
OUTSIDE_RUNS = ""
RUNS_AT_ONCE = 50
RUNS_AWAITED = 100


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place in the log: Dagster's own cursors. `ended`: by word of the event; `outside`: of events without run.

    `waiting`: ids of runs that are behind it, and that QALITA did not have yet at the last look, the oldest first.
    """

    ended: dict[str, str]
    outside: str | None = None
    waiting: tuple[str, ...] = ()

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    def with_waiting(self, run_ids: Sequence[str]) -> Place:
        """Of very many the oldest are forgotten here: the outbox has them all."""
        return msgspec.structs.replace(self, waiting=tuple(run_ids[-RUNS_AWAITED:]))


class Ended(msgspec.Struct, frozen=True):
    """A run that ended; `after`: the place behind it."""

    run_id: str
    after: Place


class Judged(msgspec.Struct, frozen=True):
    """An evaluation outside of any run, as a run of its own; None for one that repeats another with our metadata."""

    run: Run | None
    after: Place


def place_of(cursor: str | None, instance: DagsterInstance) -> Place:
    """Without a cursor the end of the log: what was there before is for the command to take. A broken one is none."""
    try:
        return msgspec.json.decode(cursor or "", type=Place)
    except msgspec.DecodeError:
        return _end(instance)


def _end(instance: DagsterInstance) -> Place:
    ended = {one.value: instance.fetch_run_status_changes(one, limit=1).cursor for one in ENDINGS}
    last = instance.get_records_for_run(OUTSIDE_RUNS, of_type=EVALUATED, limit=1, ascending=False)
    return Place(ended, last.cursor if last.records else None)


def runs_ended_after(instance: DagsterInstance, place: Place) -> Iterator[Ended]:
    """At most `RUNS_AT_ONCE` of each ending: what is left comes with the next look."""
    for ending in ENDINGS:
        for _ in range(RUNS_AT_ONCE):
            page = instance.fetch_run_status_changes(ending, 1, place.ended.get(ending.value), ascending=True)
            if not page.records:
                break
            place = msgspec.structs.replace(place, ended={**place.ended, ending.value: page.cursor})
            yield Ended(page.records[0].run_id, place)


def judged_outside_after(instance: DagsterInstance, place: Place) -> Iterator[Judged]:
    while True:
        page = instance.get_records_for_run(OUTSIDE_RUNS, cursor=place.outside, of_type=EVALUATED, limit=1)
        if not page.records:
            return
        place = msgspec.structs.replace(place, outside=page.cursor)
        entry = page.records[0].event_log_entry
        said: Any = entry.dagster_event.event_specific_data if entry.dagster_event else None
        is_ours = said is None or OWN_METADATA in said.metadata
        run = None if is_ours else _as_run(evaluation(said, entry.timestamp), page.records[0].storage_id)
        yield Judged(run, place)


def has_evaluations(instance: DagsterInstance, run_id: str) -> bool:
    return bool(instance.get_records_for_run(run_id, of_type=EVALUATED, limit=1).records)


def _as_run(one: Evaluation, storage_id: int) -> Run:
    """Numbers of events begin anew in each instance, so the time is part of the name."""
    return Run(
        id=f"check-evaluation-{storage_id}-{one.at:%Y%m%dT%H%M%S%f}",
        job="outside a run",
        status="SUCCESS",
        location=NO_LOCATION,
        dagster_version=version("dagster"),
        started_at=one.at,
        ended_at=one.at,
        evaluations=(one,),
    )
