"""What a database says when it will not, in words for who sent the run."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError, OperationalError


def words_for(error: Exception) -> str:
    if isinstance(error, OverflowError):
        return "a number is larger than a database keeps"
    if isinstance(error, IntegrityError):
        return f"the run contradicts itself or the store: {error.orig}"
    if not isinstance(error, OperationalError):
        return str(error)
    if is_of_another_version(error):
        return f"the store is of another version ({error.orig}); choose another with QALITA_STORE"
    return f"the store can't be written just now: {error.orig}"


def is_of_another_version(error: OperationalError) -> bool:
    return any(words in str(error.orig) for words in ("no such", "has no column"))
