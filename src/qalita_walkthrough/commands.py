"""`!command` in a notebook, line by line, as a program prints that writes to a file: no colours, no moving bars.

IPython's own way reads from a terminal in pieces, and a piece may end inside a letter such as µ.
"""

from __future__ import annotations

import subprocess
from typing import Any


def print_as_it_comes() -> None:
    """Without IPython there is nothing to set up."""
    try:
        from IPython import get_ipython  # noqa: PLC0415 (only notebooks have it)
    except ImportError:
        return
    if shell := get_ipython():
        shell.system = lambda command: _run(shell, command)


def _run(shell: Any, command: str) -> None:
    # 2: the names in {braces} are those of the cell, which called the lambda that called this.
    program = shell.var_expand(command, depth=2)
    with subprocess.Popen(
        # A learner's own command.
        ["/bin/sh", "-c", program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
    shell.user_ns["_exit_code"] = process.returncode
