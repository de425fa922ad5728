"""Who may do what: tokens, roles, the door that every request passes, and what no page may do in a browser."""

from qalita_ingest.sandbox.access.attachments import as_attachment
from qalita_ingest.sandbox.access.door import Access, Door, who_asks
from qalita_ingest.sandbox.access.headers import SecureHeaders
from qalita_ingest.sandbox.access.hosts import Hosts
from qalita_ingest.sandbox.access.identity import Identity, Role
from qalita_ingest.sandbox.access.login import Waiting, login_router
from qalita_ingest.sandbox.access.rules import needed_role
from qalita_ingest.sandbox.access.secret import signing_secret
from qalita_ingest.sandbox.access.tokens import BadTokenError, Tokens

__all__ = [
    "Access",
    "BadTokenError",
    "Door",
    "Hosts",
    "Identity",
    "Role",
    "SecureHeaders",
    "Tokens",
    "Waiting",
    "as_attachment",
    "login_router",
    "needed_role",
    "signing_secret",
    "who_asks",
]
