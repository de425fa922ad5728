"""Who asks, and what his role lets him do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Each may do what the ones before it may: read; also write; also manage tokens and webhooks."""

    VIEWER = "viewer"
    DATAENGINEER = "dataengineer"
    ADMIN = "admin"

    @property
    def scopes(self) -> tuple[str, ...]:
        """What stands in a token of this role; the last one is what the role has and the one before it lacks."""
        return ("read", "write", "manage")[: list(Role).index(self) + 1]


@dataclass(frozen=True)
class Identity:
    """`jti` is the token's; None where none was needed."""

    subject: str
    role: Role
    scopes: frozenset[str]
    jti: str | None = None

    def may_act_as(self, needed: Role) -> bool:
        """Role and scopes must both reach: a token may be signed with fewer scopes than its role has."""
        return needed.scopes[-1] in self.scopes & set(self.role.scopes)


# On loopback, without a token: whoever can reach this machine's loopback can read the store's file as well.
LOCAL = Identity("local", Role.ADMIN, frozenset(Role.ADMIN.scopes))
# Where a token is required, without one.
NOBODY = Identity("nobody", Role.VIEWER, frozenset())
