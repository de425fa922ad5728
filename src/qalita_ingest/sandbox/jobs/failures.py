"""What it means for a job, and for those that come after it, when it fails."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, OperationalError

from qalita_ingest.sandbox.database import is_of_another_version, is_refused, words_for
from qalita_ingest.sandbox.intake import ConflictingRunError


class GivenUpError(Exception):
    """A job that can't be taken in, whoever tries."""


def would_fail_again(error: Exception) -> bool:
    return isinstance(error, ConflictingRunError | GivenUpError | OverflowError) or is_refused(error)


def is_of_the_store(error: Exception) -> bool:
    """Whether it would meet any other run as well."""
    return isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and is_of_another_version(error))


def is_foreseen(error: Exception) -> bool:
    return is_of_the_store(error) or would_fail_again(error)


def described(error: Exception) -> str:
    return words_for(error) if is_foreseen(error) else "the sandbox failed on this run; its log says where"
