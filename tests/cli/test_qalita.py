"""The word `qalita`: ours for `ingest`, the vendor's client for everything else.

The client here is a stand-in script: what matters is what it is given and what comes back.
"""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from environments import build_wheel, foreign_wheel, install, make_environment

if TYPE_CHECKING:
    from pathlib import Path

STAND_IN = """#!/bin/sh
printf 'client got:'; for word in "$@"; do printf ' [%s]' "$word"; done; echo
cat
exit 7
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def workspace(tmp_path: Path, wheel: Path) -> Path:
    """A folder with an environment that holds this library, and nothing of the vendor's."""
    install(make_environment(tmp_path / "workspace" / ".venv"), wheel)
    return tmp_path / "workspace"


def script(path: Path, text: str = STAND_IN) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def ours(workspace: Path) -> Path:
    return workspace / ".venv" / "bin" / "qalita"


def variables_for(workspace: Path, path: Path | None = None, **variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QALITA_", "HANDED_OVER"))}
    folders = [str(ours(workspace).parent), *([str(path)] if path else []), "/usr/bin", "/bin"]
    return kept | {"PATH": os.pathsep.join(folders)} | variables


def typed(
    workspace: Path, *arguments: str, stdin: str = "", path: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ours(workspace), *arguments],
        input=stdin,
        env=variables_for(workspace, path, **variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_ingest_is_ours(workspace: Path) -> None:
    done = typed(workspace, "ingest", "--help")

    assert (done.returncode, done.stdout.split("\n")[0]) == (0, "Usage: qalita ingest [OPTIONS] COMMAND [ARGS]...")


def test_without_a_client_the_usage_is_printed_where_only_ascii_can_be(workspace: Path) -> None:
    done = typed(workspace, PYTHONIOENCODING="ascii")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: qalita ingest COMMAND ?")


def test_everything_else_is_handed_over_with_arguments_stdin_and_exit_code(workspace: Path, tmp_path: Path) -> None:
    client = script(tmp_path / "vendor" / "qalita")

    done = typed(workspace, "source", "list", "--odd name", "", stdin="yes\n", QALITA_CLI=str(client))

    assert (done.returncode, done.stdout) == (7, "client got: [source] [list] [--odd name] []\nyes\n")


def test_the_client_beside_our_environment_comes_before_the_one_on_path(workspace: Path, tmp_path: Path) -> None:
    script(workspace / ".venv-qalita" / "bin" / "qalita", "#!/bin/sh\necho beside\n")
    on_path = script(tmp_path / "vendor" / "qalita")

    assert typed(workspace, "worker", path=on_path.parent).stdout == "beside\n"


def test_the_next_qalita_on_path_is_found_and_never_ourselves(workspace: Path, tmp_path: Path) -> None:
    client = script(tmp_path / "vendor" / "qalita")

    assert typed(workspace, "worker", path=client.parent).stdout == "client got: [worker]\n"


def test_one_of_ours_in_another_environment_is_passed_over(workspace: Path, tmp_path: Path, wheel: Path) -> None:
    other = make_environment(tmp_path / "other")
    install(other, wheel)
    client = script(tmp_path / "vendor" / "qalita")

    both = os.pathsep.join([str(other / "bin"), str(client.parent), "/usr/bin", "/bin"])
    assert typed(workspace, "worker", PATH=both).stdout == "client got: [worker]\n"


def test_the_client_keeps_the_terminal(workspace: Path, tmp_path: Path) -> None:
    client = script(tmp_path / "qalita", "#!/bin/sh\n[ -t 0 ] && [ -t 1 ] && echo colours\n")
    ours_end, client_end = pty.openpty()
    variables = variables_for(workspace, QALITA_CLI=str(client))

    subprocess.run([ours(workspace), "ui"], stdin=client_end, stdout=client_end, env=variables, check=True, timeout=60)
    os.close(client_end)

    assert os.read(ours_end, 100) == b"colours\r\n"
    os.close(ours_end)


def test_signals_reach_the_client(workspace: Path, tmp_path: Path) -> None:
    client = script(tmp_path / "qalita", "#!/bin/sh\ntrap 'exit 9' TERM\necho ready\nwhile :; do sleep 0.05; done\n")
    variables = variables_for(workspace, QALITA_CLI=str(client))

    with subprocess.Popen([ours(workspace), "worker"], env=variables, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(timeout=10) == 9
        finally:
            process.kill()


def test_in_the_workspace_a_missing_client_is_one_line_with_its_make_target(workspace: Path) -> None:
    (workspace / ".qalita-workspace").touch()

    done = typed(workspace, "worker", "login")

    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == (f"qalita: worker: QALITA's own client is not installed; in {workspace}: make setup-vendor\n")


def test_elsewhere_a_missing_client_is_one_line_with_the_command_of_pip(workspace: Path) -> None:
    done = typed(workspace, "worker", "login")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (127, "", 1)
    assert "in an environment of its own (pip install qalita) and name it in QALITA_CLI" in done.stderr


def test_a_client_that_is_not_there_is_named(workspace: Path, tmp_path: Path) -> None:
    done = typed(workspace, "worker", QALITA_CLI=str(tmp_path / "missing"))

    assert done.returncode == 127
    assert "can't be started: No such file or directory; check QALITA_CLI" in done.stderr


def test_a_client_that_cannot_be_executed_is_named(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no script")

    done = typed(workspace, "worker", QALITA_CLI=str(tmp_path / "text"))

    assert done.returncode == 126
    assert f"{tmp_path / 'text'}: can't be started: Permission denied; check QALITA_CLI" in done.stderr


def test_alone_it_says_what_it_does(workspace: Path) -> None:
    done = typed(workspace)

    assert done.returncode == 0
    assert "qalita ingest COMMAND" in done.stdout


def test_named_as_the_client_it_does_not_call_itself(workspace: Path) -> None:
    done = typed(workspace, "worker", QALITA_CLI=str(ours(workspace)))

    assert (done.returncode, done.stderr.count("\n")) == (127, 1)


@pytest.mark.parametrize("call", ["exec ", ""])
def test_a_wrapper_that_leads_back_to_us_ends(workspace: Path, tmp_path: Path, call: str) -> None:
    wrapper = script(tmp_path / "wrapper" / "qalita", f'#!/bin/sh\n{call}{ours(workspace)} "$@"\n')

    done = typed(workspace, "worker", path=wrapper.parent)

    assert done.returncode == 127
    assert done.stderr == (f"qalita: {wrapper} leads back to this command; name QALITA's own client in QALITA_CLI\n")


def test_a_client_may_call_qalita_again(workspace: Path, tmp_path: Path) -> None:
    calls_again = f'#!/bin/sh\n[ "$1" = inner ] && echo inner || {ours(workspace)} inner\n'
    client = script(tmp_path / "vendor" / "qalita", calls_again)

    assert typed(workspace, "outer", path=client.parent).stdout == "inner\n"


@pytest.mark.parametrize("last", ["ours", "theirs"])
def test_in_one_environment_the_last_one_installed_owns_the_script(
    workspace: Path, tmp_path: Path, wheel: Path, last: str
) -> None:
    install(workspace / ".venv", foreign_wheel(tmp_path))
    if last == "ours":
        install(workspace / ".venv", wheel)

    done = typed(workspace, "worker", "list")

    assert ("foreign client got" in done.stdout) == (last == "theirs")
    assert done.returncode == (0 if last == "theirs" else 127)
