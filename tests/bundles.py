"""Bundles of wheels as tests make them, and what the scripts say of them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from script_modules import load_script
from workspaces import TOP, Done

if TYPE_CHECKING:
    from pathlib import Path

FIND, BUILD = TOP / "scripts" / "find_bundle.py", TOP / "scripts" / "offline_bundle.py"
REQUIREMENTS = TOP / "requirements"
WHEEL = "tiny-1.0-py3-none-any.whl"
# What pip and uv may be told by a shell, which would lead them elsewhere than to the bundle.
OF_INSTALLERS = ("PIP_", "UV_", "QALITA_", "DBT_", "MAKE")
FINDER, BUILDER = load_script(FIND), load_script(BUILD)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_bundle(folder: Path, **other: Any) -> Path:
    """For this machine and the requirements as they stand, with one wheel in it."""
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels" / WHEEL).write_bytes(b"wheel")
    groups = {group: sha256(REQUIREMENTS / f"{group}.txt") for group in ("bootstrap", "workspace")}
    known = {"platform": FINDER.this_platform(), "python": FINDER.this_python(), "requirements": groups}
    (folder / "bundle.json").write_text(json.dumps(known | other))
    names = ("bundle.json", f"wheels/{WHEEL}")
    (folder / "SHA256SUMS").write_text("".join(f"{sha256(folder / name)}  {name}\n" for name in names))
    return folder


def done(*command: str | Path, **variables: str) -> Done:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_INSTALLERS)}
    ended = subprocess.run(
        list(map(str, command)), env=kept | variables, capture_output=True, text=True, check=False, timeout=120
    )
    return Done(ended.returncode, ended.stdout, ended.stderr)


def found(folder: Path, *groups: str) -> Done:
    return done(sys.executable, FIND, folder, *(groups or ("workspace",)))


def complaint(ended: Done) -> str:
    """The one line that is said, with exit status 2."""
    assert (ended.status, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("offline bundle: ")
    return line
