"""Bundles of wheels: which are taken, and what is said about those that can't be."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from docs.pages import Page, anchor
from script_modules import load_script
from server_process import free_port
from workspaces import TOP, Done, Workspace, clone

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

SCRIPT = TOP / "scripts" / "offline_bundle.py"
REQUIREMENTS = TOP / "requirements"
WHEEL = "tiny-1.0-py3-none-any.whl"
# What pip and uv may be told by a shell, which would lead them elsewhere than to the bundle.
OF_INSTALLERS = ("PIP_", "UV_", "QALITA_", "DBT_", "MAKE")


@pytest.fixture
def script() -> ModuleType:
    return load_script(SCRIPT)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_bundle(script: ModuleType, folder: Path, **other: Any) -> Path:
    """For this machine and the requirements as they stand, with one wheel in it."""
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels" / WHEEL).write_bytes(b"wheel")
    groups = {group: sha256(REQUIREMENTS / f"{group}.txt") for group in ("bootstrap", "workspace")}
    known = {"platform": script.this_platform(), "python": script.this_python(), "requirements": groups}
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
    return done(sys.executable, SCRIPT, "find", folder, *(groups or ("workspace",)))


def complaint(ended: Done) -> str:
    """The one line that is said, with exit status 2."""
    assert (ended.status, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("offline bundle: ")
    return line


def test_a_bundle_that_fits_is_found_by_its_folder_or_by_the_one_above(script: ModuleType, tmp_path: Path) -> None:
    bundle = write_bundle(script, tmp_path / "stick" / "mine")
    write_bundle(script, tmp_path / "stick" / "another", python="3.99")

    for folder in (bundle, tmp_path / "stick"):
        assert found(folder, "bootstrap", "workspace") == Done(0, f"{bundle / 'wheels'}\n", "")


def test_a_folder_that_is_not_there_is_named_with_the_way_to_build_it(tmp_path: Path) -> None:
    line = complaint(found(tmp_path / "nowhere"))
    assert f"there is no folder {tmp_path / 'nowhere'}; build it where there is a network (make offline-bundle" in line


def test_a_folder_without_a_bundle_is_no_bundle(tmp_path: Path) -> None:
    assert f"{tmp_path} holds none (no bundle.json)" in complaint(found(tmp_path))


def test_a_bundle_for_another_platform_is_refused(script: ModuleType, tmp_path: Path) -> None:
    bundle = write_bundle(script, tmp_path / "bundle", platform="plan9-mips")

    line = complaint(found(bundle))

    mine = f"{script.this_platform()} with Python {script.this_python()}"
    assert f"it is for plan9-mips with Python {script.this_python()}, and this is {mine}; build one: make off" in line


def test_a_bundle_for_another_python_is_refused_with_its_name(script: ModuleType, tmp_path: Path) -> None:
    bundle = write_bundle(script, tmp_path / "bundle", python="3.99")

    assert "name that Python (make all OFFLINE=1 PYTHON=python3.99), or build one: " in complaint(found(bundle))


def test_a_bundle_made_for_other_requirements_is_refused(script: ModuleType, tmp_path: Path) -> None:
    bundle = write_bundle(script, tmp_path / "bundle", requirements={"workspace": "0" * 64})

    assert "was not made for requirements/workspace.txt as it stands here; build it again" in complaint(found(bundle))


def test_a_group_that_the_bundle_does_not_hold_is_named(script: ModuleType, tmp_path: Path) -> None:
    bundle = write_bundle(script, tmp_path / "bundle")

    assert "holds no wheels for requirements/dagster.txt" in complaint(found(bundle, "workspace", "dagster"))


@pytest.fixture
def small(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> SmallBundle:
    """Of two groups with a wheel each, `workspace` and `sandbox`, as their requirements say."""
    return SmallBundle(script, tmp_path, monkeypatch, capsys)


class SmallBundle:
    def __init__(
        self,
        script: ModuleType,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.script, self.capsys = script, capsys
        requirements, self.folder = folder / "requirements", folder / "bundle"
        monkeypatch.setattr(script, "REQUIREMENTS", requirements)
        requirements.mkdir()
        (self.folder / "wheels").mkdir(parents=True)
        for group in ("workspace", "sandbox"):
            self.wheel(group).write_bytes(group.encode())
            pin = f"{group}-wheel==1 --hash=sha256:{'0' * 64} --hash=sha256:{sha256(self.wheel(group))}\n"
            (requirements / f"{group}.txt").write_text(pin)
        script.describe(self.folder, script.this_platform(), script.this_python(), ["workspace", "sandbox"])

    @property
    def sums(self) -> Path:
        return self.folder / "SHA256SUMS"

    def wheel(self, group: str) -> Path:
        return self.folder / "wheels" / f"{group}_wheel-1-py3-none-any.whl"

    def is_found(self, *groups: str) -> bool:
        return bool(self.script.find(self.folder, list(groups), None) == self.folder / "wheels")

    def complaint(self, *groups: str) -> str:
        with pytest.raises(SystemExit) as ended:
            self.script.find(self.folder, list(groups or ("workspace",)), None)
        assert ended.value.code == 2
        (line,) = self.capsys.readouterr().err.splitlines()
        return str(line)


def test_a_missing_wheel_is_named(small: SmallBundle) -> None:
    small.wheel("workspace").unlink()

    assert f"{small.wheel('workspace')} is missing; copy the bundle again" in small.complaint()


def test_a_wheel_that_was_cut_off_is_named(small: SmallBundle) -> None:
    small.wheel("workspace").write_bytes(b"work")

    assert f"{small.wheel('workspace')} is damaged; copy the bundle again" in small.complaint()


def test_only_wheels_of_the_groups_asked_for_are_read(small: SmallBundle) -> None:
    small.wheel("sandbox").write_bytes(b"sand")

    assert small.is_found("workspace")
    assert f"{small.wheel('sandbox')} is damaged" in small.complaint("sandbox")
    assert f"{small.wheel('sandbox')} is damaged" in small.complaint("workspace", "sandbox")


@pytest.mark.parametrize(
    ("cut", "what"),
    [
        (lambda _: b"", "empty"),
        (lambda sums: sums + b"abc\n", "a line that is none"),
        (lambda sums: sums[:-10], "cut off in a line"),
        (lambda sums: b"".join(sums.splitlines(keepends=True)[:-1]), "cut off between two lines"),
        (lambda sums: sums[:70] + b"\xff\xfe" + sums[72:], "no text"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_a_damaged_list_of_checksums_is_named(small: SmallBundle, cut: Callable[[bytes], bytes], what: str) -> None:
    small.sums.write_bytes(cut(small.sums.read_bytes()))

    assert small.complaint() == f"offline bundle: {small.sums} is damaged; copy the bundle again", what


def test_what_a_system_leaves_beside_wheels_on_a_stick_is_no_damage(small: SmallBundle) -> None:
    (small.folder / "wheels" / f"._{small.wheel('workspace').name}").write_bytes(b"of macOS")

    assert small.is_found("workspace")


def test_a_damaged_bundle_does_not_stand_in_the_way_of_one_that_fits(script: ModuleType, tmp_path: Path) -> None:
    write_bundle(script, tmp_path / "a-damaged-one")
    (tmp_path / "a-damaged-one" / "bundle.json").write_text("")
    bundle = write_bundle(script, tmp_path / "mine")

    assert found(tmp_path) == Done(0, f"{bundle / 'wheels'}\n", "")


def test_a_damaged_bundle_is_named_beside_one_that_does_not_fit(script: ModuleType, tmp_path: Path) -> None:
    write_bundle(script, tmp_path / "damaged")
    (tmp_path / "damaged" / "bundle.json").write_text("")
    write_bundle(script, tmp_path / "another", python="3.99")

    line = complaint(found(tmp_path))

    assert f"{tmp_path / 'damaged' / 'bundle.json'} can't be read" in line
    assert "; copy the bundle again; it is for " in line


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", '{"platform": "a", "python": "b", "requirements": ["c"]}'])
def test_a_description_that_can_not_be_read_is_named(script: ModuleType, tmp_path: Path, content: str) -> None:
    bundle = write_bundle(script, tmp_path / "bundle")
    (bundle / "bundle.json").write_text(content)

    assert f"{bundle / 'bundle.json'} can't be read" in complaint(found(bundle))


def test_a_bundle_without_its_list_of_checksums_is_refused(script: ModuleType, tmp_path: Path) -> None:
    bundle = write_bundle(script, tmp_path / "bundle")
    (bundle / "SHA256SUMS").unlink()

    assert f"{bundle / 'SHA256SUMS'} is missing; copy the bundle again" in complaint(found(bundle))


def test_the_installer_makes_no_environment_where_the_bundle_does_not_fit(tmp_path: Path) -> None:
    variables = {"OFFLINE": "1", "BUNDLE": str(tmp_path / "nowhere"), "VENV": str(tmp_path / "venv")}

    ended = done(TOP / "scripts" / "install.sh", "workspace", PYTHON=sys.executable, **variables)

    assert "there is no folder" in complaint(ended)
    assert not (tmp_path / "venv").exists()


def test_the_installer_says_that_an_environment_of_another_python_must_go(script: ModuleType, tmp_path: Path) -> None:
    """It is the tests' own: nothing is installed where no bundle fits."""
    write_bundle(script, tmp_path / "bundle", python="3.99")
    variables = {"OFFLINE": "1", "BUNDLE": str(tmp_path / "bundle"), "VENV": sys.prefix}

    line = complaint(done(TOP / "scripts" / "install.sh", "workspace", **variables))

    assert f"remove {sys.prefix} and name that Python (make all OFFLINE=1 PYTHON=python3.99), or build" in line


def test_the_installer_speaks_of_no_environment_where_there_is_none(script: ModuleType, tmp_path: Path) -> None:
    write_bundle(script, tmp_path / "bundle", python="3.99")
    variables = {"OFFLINE": "1", "BUNDLE": str(tmp_path / "bundle"), "VENV": str(tmp_path / "venv")}

    line = complaint(done(TOP / "scripts" / "install.sh", "workspace", PYTHON=sys.executable, **variables))

    assert "; name that Python (make all OFFLINE=1 PYTHON=python3.99), or build" in line


@pytest.mark.parametrize("platform_name", ["linux-x86_64", "macos-arm64"])
def test_the_readme_of_a_bundle_says_the_same_in_both_languages(
    script: ModuleType, tmp_path: Path, platform_name: str
) -> None:
    oldest = {"linux-x86_64": "glibc 2.28", "macos-arm64": "macOS 12"}[platform_name]
    english, _, french = script.readme(platform_name, "3.12").partition("\n## En français\n")
    (tmp_path / "README.md").write_text(english)
    (tmp_path / "README.fr.md").write_text(french)
    pages = [Page(tmp_path / name) for name in ("README.md", "README.fr.md")]

    for one in pages:
        assert oldest in one.prose
        assert "Python 3.12" in one.prose.partition("\n")[2]
        assert "`SHA256SUMS`" in one.prose
    assert sorted(pages[0].spans) == sorted(pages[1].spans)
    assert pages[0].indented == pages[1].indented
    assert [line.split()[1] for line in pages[0].indented[0].splitlines() if line.startswith("make")] == [
        "all",
        "notebooks",
    ]
    anchors = {anchor(title) for _, title in [*pages[0].headings, (2, "En français")]}
    assert {f"#{name}" for name in anchors} == {*pages[0].links, *pages[1].links}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--platform", "windows"], "there is no platform windows; there are linux-x86_64, "),
        (["--python", "3.9"], "there is no Python 3.9; there are 3.11, "),
    ],
)
def test_what_no_bundle_can_be_built_for_is_refused(tmp_path: Path, arguments: list[str], message: str) -> None:
    assert message in complaint(done(sys.executable, SCRIPT, "build", tmp_path / "bundles", *arguments))
    assert not (tmp_path / "bundles").exists()


def test_a_build_without_a_network_says_so_and_leaves_no_bundle(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    variables = {"PIP_INDEX_URL": nobody, "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}

    ended = done(sys.executable, SCRIPT, "build", tmp_path, "--group", "bootstrap", **variables)

    assert ended.status == 2
    assert ended.stderr.startswith("offline bundle: no wheel of uv==")
    assert ended.stderr.count("\n") == 1
    assert list(tmp_path.glob("*/bundle.json")) == []


def test_a_group_that_lacks_a_wheel_is_left_out_and_said(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacks_charts(lines: list[str], *_: object) -> str | None:
        return next((line.split()[0] for line in lines if line.startswith("matplotlib==")), None)

    monkeypatch.setattr(script, "download", lacks_charts)
    groups = script.gather(tmp_path, "macos-x86_64", "3.11", ["bootstrap", "workspace", "sandbox", "dagster"])

    assert groups == ["bootstrap", "workspace", "dagster"]
    assert "sandbox is left out: matplotlib==" in capsys.readouterr().out


def test_what_make_all_needs_is_never_left_out(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "download", lambda lines, *_: lines[0].split()[0])
    with pytest.raises(SystemExit) as ended:
        script.gather(tmp_path, "macos-x86_64", "3.11", ["bootstrap"])

    assert ended.value.code == 2
    assert "for macos-x86_64 with Python 3.11 was found; is the package index reachable?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("platform_name", "python", "expected"),
    [
        ("linux-x86_64", "3.11", {"uvloop", "numpy==2.4"}),
        ("macos-arm64", "3.12", {"uvloop", "numpy==2.5", "appnope"}),
    ],
)
def test_markers_are_asked_for_the_laptop_not_for_this_machine(
    script: ModuleType, platform_name: str, python: str, expected: set[str]
) -> None:
    lines = [line for group in ("sandbox", "dagster", "test") for line in script.pins(group, platform_name, python)]

    asked = ("uvloop", "numpy==2.4", "numpy==2.5", "appnope", "colorama")
    assert {name for name in asked if any(line.startswith(name) for line in lines)} == expected
    assert all(" --hash=sha256:" in line and ";" not in line for line in lines)


def test_both_pins_are_taken_where_the_patch_of_a_python_chooses(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = [
        "a==1 ; python_full_version < '3.11.5' \\\n    --hash=sha256:0\n",
        "a==2 ; python_full_version >= '3.11.5' \\\n    --hash=sha256:1\n",
    ]
    (tmp_path / "any.txt").write_text("".join(compiled))
    monkeypatch.setattr(script, "REQUIREMENTS", tmp_path)

    lines = script.pins("any", "linux-x86_64", "3.11")

    assert lines == ["a==1 --hash=sha256:0", "a==2 --hash=sha256:1"]
    assert script.one_of_each(lines) == [[line] for line in lines]
    assert script.pins("any", "linux-x86_64", "3.12") == lines[1:]


def test_every_pin_of_a_group_is_taken_or_left_out_by_a_marker(script: ModuleType) -> None:
    compiled = [line for line in (REQUIREMENTS / "test.txt").read_text().splitlines() if "==" in line[:60]]
    without_marker = {line.split()[0] for line in compiled if " ; " not in line}
    taken = {line.split()[0] for line in script.pins("test", "linux-x86_64", "3.13")}

    assert len(without_marker) > 50
    assert without_marker <= taken


def test_the_vendors_client_is_in_no_group_of_a_bundle(script: ModuleType) -> None:
    groups = [group for group in script.GROUPS if (REQUIREMENTS / f"{group}.txt").exists()]
    lines = [line for group in groups for line in script.pins(group, script.this_platform(), script.this_python())]

    assert [line for line in lines if line.startswith("qalita")] == []


@pytest.mark.network
@pytest.mark.slow
def test_make_all_runs_to_its_end_from_a_bundle_and_with_no_network(tmp_path: Path) -> None:
    """The bundle is built from the package index; afterwards nothing can be reached, and nothing is cached."""
    workspace = Workspace(tmp_path / "clone", tmp_path / "home")
    workspace.home.mkdir()
    clone(workspace.folder)
    command = [sys.executable, SCRIPT, "build", tmp_path / "bundles", "--group", "bootstrap", "workspace"]
    subprocess.run(command, check=True, capture_output=True, timeout=1200)
    nowhere = f"http://127.0.0.1:{free_port()}"
    closed = dict.fromkeys(["PIP_INDEX_URL", "UV_DEFAULT_INDEX", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"], nowhere)

    ended = workspace.run(
        "make",
        "all",
        "OFFLINE=1",
        f"BUNDLE={tmp_path / 'bundles'}",
        f"PYTHON={sys.executable}",
        PIP_FIND_LINKS="",
        **closed,
    )

    assert ended.status == 0, ended.output
    assert "7 open after run 1" in ended.stdout
    (archive,) = tmp_path.glob("bundles/*/workspace.tar.gz")
    assert archive.stat().st_size > 0
