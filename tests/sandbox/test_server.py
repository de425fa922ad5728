"""The server's settings come from the environment when it starts; what is wrong with them is one line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from qalita_ingest.errors import SettingsError
from qalita_ingest.sandbox.__main__ import url_of, urls_for_others
from qalita_ingest.sandbox.settings import Address, Guard, address_from, guard_from, settings_from

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
    ("host", "url"),
    [
        ("127.0.0.1", "http://localhost:3080"),
        ("0.0.0.0", "http://localhost:3080"),  # noqa: S104 (told, not listened on)
        ("::1", "http://[::1]:3080"),
        ("192.0.2.7", "http://192.0.2.7:3080"),
    ],
)
def test_the_address_it_prints_is_one_to_go_to(host: str, url: str) -> None:
    assert url_of(Address(host, 3080)) == url


def test_others_are_told_the_address_of_this_machine_and_the_names_that_are_allowed() -> None:
    guard = Guard(is_token_required=True, allowed_hosts=frozenset({"qalita.example.org"}))
    urls = urls_for_others(Address("0.0.0.0", 3080), guard)  # noqa: S104 (told, not listened on)
    hosts = [url.removeprefix("http://").removesuffix(":3080") for url in urls]
    assert hosts[-1] == "qalita.example.org"
    # A machine without a network has no address to tell.
    assert all(ip_address(host) for host in hosts[:-1])
    assert "0.0.0.0" not in hosts  # noqa: S104 (looked for)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "192.0.2.7", "qalita.example.org"])
def test_of_one_address_nothing_else_is_told(host: str) -> None:
    assert urls_for_others(Address(host, 3080), Guard(is_token_required=True, allowed_hosts=frozenset())) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.5", "::1", "localhost"])
def test_on_loopback_no_token_is_required(host: str) -> None:
    assert not guard_from({}, Address(host, 3080)).is_token_required
    assert guard_from({"QALITA_SANDBOX_REQUIRE_TOKEN": "1"}, Address(host, 3080)).is_token_required


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "qalita.example.org"])  # noqa: S104 (refused)
def test_elsewhere_it_does_not_start_without_tokens(host: str) -> None:
    for word in ("", "0", "no"):
        with pytest.raises(SettingsError, match=r"QALITA_SANDBOX_HOST: .* set QALITA_SANDBOX_REQUIRE_TOKEN=1"):
            guard_from({"QALITA_SANDBOX_REQUIRE_TOKEN": word}, Address(host, 3080))
    assert guard_from({"QALITA_SANDBOX_REQUIRE_TOKEN": "Yes"}, Address(host, 3080)).is_token_required


def test_whether_a_token_is_required_must_be_plain() -> None:
    with pytest.raises(SettingsError, match="QALITA_SANDBOX_REQUIRE_TOKEN: expected 1 or 0"):
        guard_from({"QALITA_SANDBOX_REQUIRE_TOKEN": "perhaps"}, Address("127.0.0.1", 3080))


def test_names_that_are_answered_besides_loopback_s() -> None:
    environ = {"QALITA_SANDBOX_ALLOWED_HOSTS": "Qalita.example.org, sandbox", "QALITA_SANDBOX_REQUIRE_TOKEN": "1"}

    assert guard_from(environ, Address("build-7", 80)) == Guard(
        is_token_required=True, allowed_hosts=frozenset({"qalita.example.org", "sandbox", "build-7"})
    )


@pytest.mark.parametrize("name", ["http://qalita.example.org", "*", "qalita.example.org:443"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="QALITA_SANDBOX_ALLOWED_HOSTS: expected names such as"):
        guard_from({"QALITA_SANDBOX_ALLOWED_HOSTS": name}, Address("127.0.0.1", 3080))


def test_a_port_in_use_is_one_line_and_leaves_no_store(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = served(QALITA_SANDBOX_PORT=port, QALITA_STORE=str(tmp_path / "store"))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"127.0.0.1, port {port}: Address already in use; stop what listens there" in done.stderr
    assert not (tmp_path / "store").exists()


def test_another_interface_without_tokens_is_one_line(tmp_path: Path) -> None:
    done = served(QALITA_SANDBOX_HOST="0.0.0.0", QALITA_STORE=str(tmp_path / "store"))  # noqa: S104 (refused)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert not (tmp_path / "store").exists()


def test_importing_the_server_opens_nothing(tmp_path: Path) -> None:
    code = "import qalita_ingest.sandbox.server, qalita_ingest.sandbox.__main__"
    variables = {"QALITA_STORE": str(tmp_path / "store"), "PYTHONPATH": os.pathsep.join(sys.path)}

    subprocess.run([sys.executable, "-c", code], env=os.environ | variables, check=True, timeout=60)

    assert not (tmp_path / "store").exists()
