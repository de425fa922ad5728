"""What a database says when it will not, in words for who sent the run."""

from __future__ import annotations

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

# SQLSTATE of PostgreSQL: no such table, no such column; a text that is too long for its index.
UNDEFINED = frozenset({"42P01", "42703"})
LIMIT_EXCEEDED = "54000"


def words_for(error: Exception) -> str:
    if isinstance(error, OverflowError):
        return "a number is larger than a database keeps"
    if not isinstance(error, DBAPIError):
        return str(error)
    if isinstance(error, IntegrityError):
        return f"the run contradicts itself or the store: {reason_of(error)}"
    if is_refused(error):
        return f"the run holds what the store can't keep: {reason_of(error)}"
    if is_of_another_version(error):
        return (
            f"the store is of another version ({reason_of(error)}); "
            f"choose another with QALITA_STORE or QALITA_DATABASE_URL"
        )
    return f"the store can't be used just now: {reason_of(error)}"


def is_refused(error: Exception) -> bool:
    """Whether the same again would be refused again."""
    return isinstance(error, IntegrityError | DataError) or _sqlstate(error) == LIMIT_EXCEEDED


def is_of_another_version(error: DBAPIError) -> bool:
    return _sqlstate(error) in UNDEFINED or any(words in str(error.orig) for words in ("no such", "has no column"))


def reason_of(error: DBAPIError) -> str:
    """In one line. PostgreSQL adds others: the statement, the values, what else could be wrong."""
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "message_primary", None) or " ".join(str(error.orig).split())


def _sqlstate(error: Exception) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)
