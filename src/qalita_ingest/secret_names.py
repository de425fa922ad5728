"""Which variables hold secrets: their names say so. One rule for the environment, dbt's `--vars` and addresses."""

from __future__ import annotations

import re
from urllib.parse import unquote

# Anywhere in a name: PGPASSWORD, my_api_key_2.
_WITHIN = re.compile(
    r"token|secret|passwo?r?d|passphrase|api[-_.]?key|access[-_.]?key|private[-_.]?key|credential", re.IGNORECASE
)
# Whole words only: `author` and `path` hold no secret.
_WORDS = frozenset({"pass", "pwd", "pw", "pat", "auth"})
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")
# Shorter values could not be kept secret, and would be found in any text.
SHORTEST_SECRET = 6
# The last @ ends it: passwords may hold one.
_PASSWORD_IN_ADDRESS = re.compile(r"://[^/\s:@]*:([^/\s]+)@")


def sounds_secret(name: str) -> bool:
    return bool(_WITHIN.search(name)) or not _WORDS.isdisjoint(_SEPARATORS.split(name.lower()))


def passwords_in_addresses(text: str) -> set[str]:
    """`postgres://user:password@host`, as it stands and without its escapes."""
    found = _PASSWORD_IN_ADDRESS.findall(text)
    return {password for one in found for password in (one, unquote(one)) if len(password) >= SHORTEST_SECRET}
