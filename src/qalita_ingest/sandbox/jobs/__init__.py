"""Runs that a server takes in: each is a job in the store first, and one thread works them off.

A job is pending until the thread claims it. Then it is running, until one transaction holds the whole run, its score
and the job's success. So nobody sees a part of a run, and what a killed server left is claimed by the next.
"""

from qalita_ingest.sandbox.jobs.records import LEASE, MOST_ATTEMPTS
from qalita_ingest.sandbox.jobs.ticket import Taken
from qalita_ingest.sandbox.jobs.worker import JobWorker

__all__ = ["LEASE", "MOST_ATTEMPTS", "JobWorker", "Taken"]
