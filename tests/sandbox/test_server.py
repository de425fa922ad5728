"""The server's settings come from the environment when it starts; what is wrong with them is one line."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from qalita_ingest.errors import SettingsError
from qalita_ingest.sandbox.__main__ import greeting
from qalita_ingest.sandbox.settings import Address, Settings, address_from, settings_from

if TYPE_CHECKING:
    from pathlib import Path


def served(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | variables | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", "qalita_ingest.sandbox"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_settings_it_listens_on_this_machine_only() -> None:
    assert address_from({}) == Address("127.0.0.1", 3080)


def test_settings_are_those_of_the_environment(tmp_path: Path) -> None:
    assert address_from({"QALITA_SANDBOX_HOST": "0.0.0.0", "QALITA_SANDBOX_PORT": "80"}) == Address("0.0.0.0", 80)  # noqa: S104
    assert settings_from({"QALITA_STORE": str(tmp_path)}).store == tmp_path


def test_without_a_store_it_is_the_one_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert settings_from({}).store == tmp_path / ".qalita"


@pytest.mark.parametrize("port", ["x", "-1", "65536", "3080 ", "٣"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(SettingsError, match="QALITA_SANDBOX_PORT: expected a number from 0 to 65535"):
        address_from({"QALITA_SANDBOX_PORT": port})


def test_a_store_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = served(QALITA_STORE=str(tmp_path / "file" / "store"))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("qalita sandbox: ")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (Address("127.0.0.1", 3080), " at http://127.0.0.1:3080; its documentation is at http://127.0.0.1:3080/docs"),
        (Address("::1", 80), " at http://[::1]:80; its documentation is at http://[::1]:80/docs"),
        (Address("127.0.0.1", 0), "; its documentation is at /docs"),
    ],
)
def test_it_says_what_it_serves_and_where(address: Address, said: str, tmp_path: Path) -> None:
    assert greeting(Settings(tmp_path), address) == f"serving {tmp_path / 'qalita.db'}{said}"


def test_importing_the_server_opens_nothing(tmp_path: Path) -> None:
    code = "import qalita_ingest.sandbox.server, qalita_ingest.sandbox.__main__"
    variables = {"QALITA_STORE": str(tmp_path / "store"), "PYTHONPATH": os.pathsep.join(sys.path)}

    subprocess.run([sys.executable, "-c", code], env=os.environ | variables, check=True, timeout=60)

    assert not (tmp_path / "store").exists()
