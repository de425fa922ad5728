"""The secret that signs tokens: a file in the store's folder, made at the first start, readable by its owner only."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from qalita_ingest.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "token-secret"
SECRET = re.compile(r"[0-9a-f]{64}")
OWNER_ONLY = 0o600
ANYBODY_ELSE = 0o077


def signing_secret(store: Path) -> tuple[str, bool]:
    """The secret, and whether it was made just now. Raises `StoreError`, which never shows it."""
    path = store / FILE_NAME
    try:
        is_new = not path.exists() and _make(path)
        if path.stat().st_mode & ANYBODY_ELSE:
            path.chmod(OWNER_ONLY)
        secret = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise StoreError(f"{path}: the secret of the tokens can't be used: {error.strerror or error}") from None
    if not SECRET.fullmatch(secret):
        raise StoreError(
            f"{path}: expected 64 hexadecimal digits, found something else; delete it, and a new secret is made at the "
            "next start (all tokens given out so far are invalid then)"
        )
    return secret, is_new


def _make(path: Path) -> bool:
    """False when another process was faster: a link is made whole or not at all, and never over a file."""
    draft = path.with_name(f"{FILE_NAME}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(32)}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
            return True
    finally:
        draft.unlink()
    return False
