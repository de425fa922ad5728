"""`qalita ingest dbt -- command` that is interrupted or ended: the command is told once, what it left is taken in."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import termios

import pytest

from wrapped_commands import AGAIN, TIMEOUT_SECONDS, TYPED, Shop

WAITING = "trap 'echo told; {what}' INT TERM; echo ready; i=0; while [ $i -lt 300 ]; do i=$((i+1)); sleep 0.1; done"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_passed_on_and_the_rest_is_done(built_shop: Shop, number: signal.Signals) -> None:
    with built_shop.started("sh", "-c", WAITING.format(what=f"{AGAIN}; exit 7")) as (wrapper, lines):
        assert lines.readline() == "ready\n"

        wrapper.send_signal(number)
        stdout, _ = wrapper.communicate(timeout=TIMEOUT_SECONDS)

    assert wrapper.returncode == 7
    assert stdout.count("told") == 1
    assert "failed 1" in stdout


def test_after_a_second_signal_nothing_more_is_done(built_shop: Shop) -> None:
    twice = f"{AGAIN}; told=x$told; [ $told = xx ] && exit 7"
    with built_shop.started("sh", "-c", WAITING.format(what=twice)) as (wrapper, lines):
        assert lines.readline() == "ready\n"

        for _ in range(2):
            wrapper.send_signal(signal.SIGTERM)
            assert lines.readline() == "told\n"
        _, stderr = wrapper.communicate(timeout=TIMEOUT_SECONDS)

    assert wrapper.returncode == 7
    assert stderr == "qalita ingest: stopped twice: nothing is taken in\n"
    assert not (built_shop.folder / ".qalita").exists()


def test_a_command_ended_by_a_signal_has_the_exit_code_that_shells_give(built_shop: Shop) -> None:
    assert built_shop.wrapped("sh", "-c", "kill -TERM $$").status == 128 + signal.SIGTERM


# Not in shell: a trap counts two signals that come during one `sleep` as one.
COUNTING = """
import signal, sys, time
told = []
signal.signal(signal.SIGINT, lambda *_: told.append(1))
print("ready", flush=True)
for _ in range(100):
    time.sleep(0.02)
sys.exit(len(told))
"""


def test_ctrl_c_in_a_terminal_reaches_the_command_once(built_shop: Shop) -> None:
    ours, theirs = pty.openpty()
    wrapper = subprocess.Popen(
        [*TYPED, "python", "-c", COUNTING],
        cwd=built_shop.folder,
        env=built_shop.variables,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 (no threads here)
    )
    os.close(theirs)
    seen = os.read(ours, 1000)
    while b"ready" not in seen:
        seen += os.read(ours, 1000)

    os.write(ours, b"\x03")

    assert wrapper.wait(timeout=TIMEOUT_SECONDS) == 1
    os.close(ours)
