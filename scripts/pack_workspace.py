"""The workspace as last committed, for laptops that have no other source of it.

    pack_workspace.py FILE.tar.gz

What is unpacked is a git repository of one commit, with no remote, and with nothing of the machine that packed it: git
gives a changed notebook back, and the tests find their files. The same commit makes the same files. Where there is
nothing to pack, one line says why, with exit status 2.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NoReturn

TOP = Path(__file__).resolve().parent.parent
NAME = "qalita-workspace"
# Whatever whoever packs has set for git at home: no log of what was done, no line ends of another system, no clearing
# up in the background while files are read.
SETTINGS = {
    "core.logAllRefUpdates": "false",
    "core.autocrlf": "false",
    "core.hooksPath": os.devnull,
    "fetch.unpackLimit": "1",
    "gc.auto": "0",
    "maintenance.auto": "false",
}


def fail(reason: str) -> NoReturn:
    print(f"pack_workspace: {reason}", file=sys.stderr)
    sys.exit(2)


def git(folder: Path, *arguments: str) -> str:
    """What it prints. A hook's GIT_DIR would lead from the folder to the repository that the hook is of."""
    variables = {name: value for name, value in os.environ.items() if name[:4] != "GIT_" or name[:11] == "GIT_CONFIG_"}
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    command = ["git", "-C", str(folder), *settings, *arguments]
    return subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout


def copy_of_last_commit(folder: Path) -> None:
    """In a folder that is there and empty. The index is written without the times of this machine's files."""
    git(folder, "init", "--quiet", "--template=")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
    taken = "HEAD:refs/heads/main"
    git(folder, "fetch", "--quiet", "--depth=1", "--no-tags", "--update-head-ok", TOP.as_uri(), taken)
    (folder / ".git" / "FETCH_HEAD").unlink(missing_ok=True)
    git(folder, "read-tree", "HEAD")
    git(folder, "checkout-index", "--all")


def of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def pack(folder: Path, moment: int, into: Path) -> None:
    def entry_of(path: Path) -> str:
        return f"{NAME}/{path.relative_to(folder).as_posix()}"

    def at_the_moment(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.mtime = moment
        return of_nobody(entry)

    with (
        into.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=moment) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for path in sorted(folder.rglob("*")):
            archive.add(path, entry_of(path), recursive=False, filter=at_the_moment)


def main() -> int:
    into = Path(sys.argv[1])
    try:
        with tempfile.TemporaryDirectory() as name:
            copy_of_last_commit(Path(name))
            pack(Path(name), int(git(Path(name), "log", "-1", "--format=%ct")), into)
        if git(TOP, "status", "--porcelain"):
            print(f"{into.name} holds the last commit, without what has changed since")
    except subprocess.CalledProcessError as error:
        reason, _, _ = error.stderr.strip().partition("\n")
        fail(f"git finds no commit to pack ({reason})")
    except OSError as error:
        fail(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
