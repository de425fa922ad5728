"""Which bundle of wheels is taken, and what is said about those that can't be."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bundles import BUILDER, FINDER, complaint, done, found, sha256, write_bundle
from workspaces import TOP, Done

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_bundle_that_fits_is_found_by_its_folder_or_by_the_one_above(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "stick" / "mine")
    write_bundle(tmp_path / "stick" / "another", python="3.99")

    for folder in (bundle, tmp_path / "stick"):
        assert found(folder, "bootstrap", "workspace") == Done(0, f"{bundle / 'wheels'}\n", "")


def test_a_folder_that_is_not_there_is_named_with_the_way_to_build_it(tmp_path: Path) -> None:
    line = complaint(found(tmp_path / "nowhere"))
    assert f"there is no folder {tmp_path / 'nowhere'}; build it where there is a network (make offline-bundle" in line


def test_a_folder_without_a_bundle_is_no_bundle(tmp_path: Path) -> None:
    assert f"{tmp_path} holds none (no bundle.json)" in complaint(found(tmp_path))


def test_a_bundle_for_another_platform_is_refused(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle", platform="plan9-mips")

    line = complaint(found(bundle))

    mine = f"{FINDER.this_platform()} with Python {FINDER.this_python()}"
    assert f"it is for plan9-mips with Python {FINDER.this_python()}, and this is {mine}; build one: make off" in line


def test_a_bundle_for_another_python_is_refused_with_its_name(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle", python="3.99")

    assert "name that Python (make all OFFLINE=1 PYTHON=python3.99), or build one: " in complaint(found(bundle))


def test_a_bundle_made_for_other_requirements_is_refused(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle", requirements={"workspace": "0" * 64})

    assert "was not made for requirements/workspace.txt as it stands here; build it again" in complaint(found(bundle))


def test_a_group_that_the_bundle_does_not_hold_is_named(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")

    assert "holds no wheels for requirements/dagster.txt" in complaint(found(bundle, "workspace", "dagster"))


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> SmallBundle:
    """Of two groups with a wheel each, `workspace` and `sandbox`, as their requirements say."""
    return SmallBundle(tmp_path, monkeypatch, capsys)


class SmallBundle:
    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.capsys = capsys
        requirements, self.folder = folder / "requirements", folder / "bundle"
        for module in (FINDER, BUILDER):
            monkeypatch.setattr(module, "REQUIREMENTS", requirements)
        requirements.mkdir()
        (self.folder / "wheels").mkdir(parents=True)
        for group in ("workspace", "sandbox"):
            self.wheel(group).write_bytes(group.encode())
            pin = f"{group}-wheel==1 --hash=sha256:{'0' * 64} --hash=sha256:{sha256(self.wheel(group))}\n"
            (requirements / f"{group}.txt").write_text(pin)
        BUILDER.describe(self.folder, FINDER.this_platform(), FINDER.this_python(), ["workspace", "sandbox"])

    @property
    def sums(self) -> Path:
        return self.folder / "SHA256SUMS"

    def wheel(self, group: str) -> Path:
        return self.folder / "wheels" / f"{group}_wheel-1-py3-none-any.whl"

    def is_found(self, *groups: str) -> bool:
        return bool(FINDER.find(self.folder, list(groups), None) == self.folder / "wheels")

    def complaint(self, *groups: str) -> str:
        with pytest.raises(SystemExit) as ended:
            FINDER.find(self.folder, list(groups or ("workspace",)), None)
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


def test_a_damaged_bundle_does_not_stand_in_the_way_of_one_that_fits(tmp_path: Path) -> None:
    write_bundle(tmp_path / "a-damaged-one")
    (tmp_path / "a-damaged-one" / "bundle.json").write_text("")
    bundle = write_bundle(tmp_path / "mine")

    assert found(tmp_path) == Done(0, f"{bundle / 'wheels'}\n", "")


def test_a_damaged_bundle_is_named_beside_one_that_does_not_fit(tmp_path: Path) -> None:
    write_bundle(tmp_path / "damaged")
    (tmp_path / "damaged" / "bundle.json").write_text("")
    write_bundle(tmp_path / "another", python="3.99")

    line = complaint(found(tmp_path))

    assert f"{tmp_path / 'damaged' / 'bundle.json'} can't be read" in line
    assert "; copy the bundle again; it is for " in line


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", '{"platform": "a", "python": "b", "requirements": ["c"]}'])
def test_a_description_that_can_not_be_read_is_named(tmp_path: Path, content: str) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    (bundle / "bundle.json").write_text(content)

    assert f"{bundle / 'bundle.json'} can't be read" in complaint(found(bundle))


def test_a_bundle_without_its_list_of_checksums_is_refused(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    (bundle / "SHA256SUMS").unlink()

    assert f"{bundle / 'SHA256SUMS'} is missing; copy the bundle again" in complaint(found(bundle))


def test_the_installer_makes_no_environment_where_the_bundle_does_not_fit(tmp_path: Path) -> None:
    variables = {"OFFLINE": "1", "BUNDLE": str(tmp_path / "nowhere"), "VENV": str(tmp_path / "venv")}

    ended = done(TOP / "scripts" / "install.sh", "workspace", PYTHON=sys.executable, **variables)

    assert "there is no folder" in complaint(ended)
    assert not (tmp_path / "venv").exists()


def test_the_installer_says_that_an_environment_of_another_python_must_go(tmp_path: Path) -> None:
    """It is the tests' own: nothing is installed where no bundle fits."""
    write_bundle(tmp_path / "bundle", python="3.99")
    variables = {"OFFLINE": "1", "BUNDLE": str(tmp_path / "bundle"), "VENV": sys.prefix}

    line = complaint(done(TOP / "scripts" / "install.sh", "workspace", **variables))

    assert f"remove {sys.prefix} and name that Python (make all OFFLINE=1 PYTHON=python3.99), or build" in line


def test_the_installer_speaks_of_no_environment_where_there_is_none(tmp_path: Path) -> None:
    write_bundle(tmp_path / "bundle", python="3.99")
    variables = {"OFFLINE": "1", "BUNDLE": str(tmp_path / "bundle"), "VENV": str(tmp_path / "venv")}

    line = complaint(done(TOP / "scripts" / "install.sh", "workspace", PYTHON=sys.executable, **variables))

    assert "; name that Python (make all OFFLINE=1 PYTHON=python3.99), or build" in line
