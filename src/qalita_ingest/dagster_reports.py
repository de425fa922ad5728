"""What hooks and sensors do: read a run, deliver it through the outbox, note QALITA's answer in Dagster.

Nothing here fails a pipeline: a run is kept first, and what goes wrong after that is one line of the log.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qalita_ingest.connection import connect
from qalita_ingest.delivery import deliver
from qalita_ingest.errors import KeptInOutboxError, QalitaIngestError, RejectedError, SettingsError
from qalita_ingest.mapping.dagster import Answered, has_last_word, notes_on
from qalita_ingest.pipeline import dagster_labels, prepare_dagster_run, require_dagster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qalita_ingest.connection import Qalita, Via
    from qalita_ingest.contract import RunReport
    from qalita_ingest.delivery import Delivery
    from qalita_ingest.mapping import RunLabels
    from qalita_ingest.readers.dagster import Run
    from qalita_ingest.readers.dagster.instance import DagsterInstance
    from qalita_ingest.readers.dagster.news import Place

LOGGER = logging.getLogger("qalita_ingest")


@dataclass(frozen=True)
class Reported:
    """What became of a run: QALITA's answer, or the error that says why there is none yet."""

    run_id: str
    delivery: Delivery | None = None
    error: QalitaIngestError | None = None

    @property
    def is_safe(self) -> bool:
        """Whether QALITA or the outbox has it."""
        return self.error is None or isinstance(self.error, KeptInOutboxError | RejectedError)

    @property
    def is_waiting(self) -> bool:
        """Whether it is in the outbox, to go with a later one."""
        return isinstance(self.error, KeptInOutboxError)

    def __str__(self) -> str:
        if self.delivery:
            return f"QALITA: Dagster run {self.run_id} is run {self.delivery.answer.run}"
        return f"QALITA: Dagster run {self.run_id} was not delivered: {self.error}"


@dataclass(frozen=True)
class Destination:
    """Where runs go: as `send` takes it; `log` gets a line for each run."""

    labels: RunLabels | None = None
    endpoint: str | None = None
    via: Via | None = None
    log: logging.Logger = LOGGER


def report_dagster_run(
    instance: DagsterInstance,
    run_id: str,
    *,
    labels: RunLabels | None = None,
    endpoint: str | None = None,
    via: Via | None = None,
    log: logging.Logger = LOGGER,
) -> Reported:
    """Deliver a run that has its last word, and note the answer beside its assets and checks.

    Never raises for what QALITA, its settings or the run are to blame for: the answer says it, and one line of `log`.
    """
    return _reported(instance, run_id, lambda: _read(instance, run_id), Destination(labels, endpoint, via, log))


def report_last_step(instance: DagsterInstance, run_id: str, *, log: logging.Logger = LOGGER) -> Reported | None:
    """For hooks, which fire for each step: deliver the run where no step is left that can run, else None at once.

    Of two last steps that end together both may deliver: the run's idempotency key makes it one.
    """
    require_dagster()
    from qalita_ingest.readers.dagster.progress import read_progress  # noqa: PLC0415 (Dagster may not be there)

    if not has_last_word(read_progress(instance, run_id)):
        return None
    return report_dagster_run(instance, run_id, log=log)


def report_ended_runs(
    instance: DagsterInstance,
    cursor: str | None,
    *,
    location: str | None = None,
    log: logging.Logger = LOGGER,
) -> tuple[str, list[Reported]]:
    """For sensors: deliver the runs that ended since the last look. Returns the cursor to give next time.

    `location`: only runs of this code location. A run that neither QALITA nor the outbox could take is looked at again;
    one that waits in the outbox is tried again, and noted in Dagster when QALITA has it.
    """
    return _reported_since(instance, cursor, Destination(log=log), location=location, only_checked=False)


def report_check_evaluations(
    instance: DagsterInstance,
    cursor: str | None,
    *,
    location: str | None = None,
    log: logging.Logger = LOGGER,
) -> tuple[str, list[Reported]]:
    """Like `report_ended_runs`, of runs that evaluated checks, and of checks that were judged outside of any run."""
    return _reported_since(instance, cursor, Destination(log=log), location=location, only_checked=True)


def _reported_since(
    instance: DagsterInstance, cursor: str | None, to: Destination, *, location: str | None, only_checked: bool
) -> tuple[str, list[Reported]]:
    require_dagster()
    from qalita_ingest.readers.dagster.news import place_of  # noqa: PLC0415 (Dagster may not be there)

    place = place_of(cursor, instance)
    waiting, done = _tried_again(instance, place.waiting, to)
    for after, reported in _news(instance, place, to, location=location, only_checked=only_checked):
        if reported and not reported.is_safe:
            break
        place = after
        done += [reported] if reported else []
        # What belongs to no run of Dagster can't be read again, and bears no note.
        waiting += [reported.run_id] if reported and reported.is_waiting and instance.has_run(reported.run_id) else []
    return str(place.with_waiting(waiting)), done


def _tried_again(
    instance: DagsterInstance, waiting: Sequence[str], to: Destination
) -> tuple[list[str], list[Reported]]:
    """Those that still wait, and what became of the others. At the first that does not get through, all wait on."""
    done: list[Reported] = []
    for place, run_id in enumerate(waiting):
        reported = _reported(instance, run_id, _reader(instance, run_id), to)
        if isinstance(reported.error, KeptInOutboxError | SettingsError):
            return list(waiting[place:]), done
        done.append(reported)
    return [], done


def _news(
    instance: DagsterInstance, place: Place, to: Destination, *, location: str | None, only_checked: bool
) -> Iterator[tuple[Place, Reported | None]]:
    from qalita_ingest.readers.dagster.news import has_evaluations, judged_outside_after, runs_ended_after  # noqa: PLC0415
    from qalita_ingest.readers.dagster.runs import location_of_run  # noqa: PLC0415

    for ended in runs_ended_after(instance, place):
        run_id, place = ended.run_id, ended.after
        is_ours = location is None or location_of_run(instance, run_id) == location
        is_wanted = is_ours and (not only_checked or has_evaluations(instance, run_id))
        yield place, _reported(instance, run_id, _reader(instance, run_id), to) if is_wanted else None
    for judged in judged_outside_after(instance, place) if only_checked else ():
        run = judged.run
        yield judged.after, _reported(instance, run.id, _known(run), to) if run else None


def _reader(instance: DagsterInstance, run_id: str) -> Callable[[], Run]:
    return lambda: _read(instance, run_id)


def _known(run: Run) -> Callable[[], Run]:
    return lambda: run


def _read(instance: DagsterInstance, run_id: str) -> Run:
    require_dagster()
    from qalita_ingest.readers.dagster.runs import read_run  # noqa: PLC0415 (Dagster may not be there)

    return read_run(instance, run_id)


def _reported(instance: DagsterInstance, run_id: str, read: Callable[[], Run], to: Destination) -> Reported:
    try:
        run = read()
        report, _ = prepare_dagster_run(run, to.labels or dagster_labels(run))
        with connect(to.endpoint, to.via) as qalita:
            delivery = deliver(report, qalita.outbox, qalita.route)
            _note(instance, run, report, qalita, delivery)
    except QalitaIngestError as error:
        reported = Reported(run_id, error=error)
        to.log.warning(str(reported))
        return reported
    reported = Reported(run_id, delivery)
    to.log.info(str(reported))
    return reported


def _note(instance: DagsterInstance, run: Run, report: RunReport, qalita: Qalita, delivery: Delivery) -> None:
    """Delivered is delivered: that it could not be noted is no error of the run."""
    from qalita_ingest.readers.dagster.notes import attach  # noqa: PLC0415 (Dagster may not be there)

    is_served = "://" in qalita.place
    try:
        issues = _open_issues(qalita, report) if is_served else None
        answered = Answered(report, delivery.answer, qalita.place if is_served else None, issues)
        attach(instance, run.id, notes_on(run, answered), answered.run)
    except Exception as error:  # noqa: BLE001 (whatever Dagster's storage or QALITA says)
        LOGGER.warning("QALITA: run %s was delivered, but not noted in Dagster: %s", run.id, error)


def _open_issues(qalita: Qalita, report: RunReport) -> dict[str, int]:
    wanted = {"project": report.project, "environment": report.environment, "status": "open"}
    return {issue["subject"]: issue["id"] for issue in qalita.get("/api/v2/issues", wanted)}
