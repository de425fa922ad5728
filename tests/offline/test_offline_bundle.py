"""How a bundle of wheels is built, and that a laptop without a network needs nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bundles import BUILD, BUILDER, FINDER, REQUIREMENTS, complaint, done
from docs.pages import Page, anchor
from server_process import free_port
from workspaces import Workspace, clone


@pytest.mark.parametrize("platform_name", ["linux-x86_64", "macos-arm64"])
def test_the_readme_of_a_bundle_says_the_same_in_both_languages(tmp_path: Path, platform_name: str) -> None:
    oldest = {"linux-x86_64": "glibc 2.28", "macos-arm64": "macOS 12"}[platform_name]
    english, _, french = BUILDER.readme(platform_name, "3.12").partition("\n## En français\n")
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
    assert message in complaint(done(sys.executable, BUILD, tmp_path / "bundles", *arguments))
    assert not (tmp_path / "bundles").exists()


def test_a_build_without_a_network_says_so_and_leaves_no_bundle(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    variables = {"PIP_INDEX_URL": nobody, "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}

    ended = done(sys.executable, BUILD, tmp_path, "--group", "bootstrap", **variables)

    assert ended.status == 2
    assert ended.stderr.startswith("offline bundle: no wheel of uv==")
    assert ended.stderr.count("\n") == 1
    assert list(tmp_path.glob("*/bundle.json")) == []


def test_a_group_that_lacks_a_wheel_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacks_charts(lines: list[str], *_: object) -> str | None:
        return next((line.split()[0] for line in lines if line.startswith("matplotlib==")), None)

    monkeypatch.setattr(BUILDER, "download", lacks_charts)
    groups = BUILDER.gather(tmp_path, "macos-x86_64", "3.11", ["bootstrap", "workspace", "sandbox", "dagster"])

    assert groups == ["bootstrap", "workspace", "dagster"]
    assert "sandbox is left out: matplotlib==" in capsys.readouterr().out


def test_what_make_all_needs_is_never_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(BUILDER, "download", lambda lines, *_: lines[0].split()[0])
    with pytest.raises(SystemExit) as ended:
        BUILDER.gather(tmp_path, "macos-x86_64", "3.11", ["bootstrap"])

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
    platform_name: str, python: str, expected: set[str]
) -> None:
    lines = [line for group in ("sandbox", "dagster", "test") for line in BUILDER.pins(group, platform_name, python)]

    asked = ("uvloop", "numpy==2.4", "numpy==2.5", "appnope", "colorama")
    assert {name for name in asked if any(line.startswith(name) for line in lines)} == expected
    assert all(" --hash=sha256:" in line and ";" not in line for line in lines)


def test_both_pins_are_taken_where_the_patch_of_a_python_chooses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = [
        "a==1 ; python_full_version < '3.11.5' \\\n    --hash=sha256:0\n",
        "a==2 ; python_full_version >= '3.11.5' \\\n    --hash=sha256:1\n",
    ]
    (tmp_path / "any.txt").write_text("".join(compiled))
    monkeypatch.setattr(BUILDER, "REQUIREMENTS", tmp_path)

    lines = BUILDER.pins("any", "linux-x86_64", "3.11")

    assert lines == ["a==1 --hash=sha256:0", "a==2 --hash=sha256:1"]
    assert BUILDER.one_of_each(lines) == [[line] for line in lines]
    assert BUILDER.pins("any", "linux-x86_64", "3.12") == lines[1:]


def test_every_pin_of_a_group_is_taken_or_left_out_by_a_marker() -> None:
    compiled = [line for line in (REQUIREMENTS / "test.txt").read_text().splitlines() if "==" in line[:60]]
    without_marker = {line.split()[0] for line in compiled if " ; " not in line}
    taken = {line.split()[0] for line in BUILDER.pins("test", "linux-x86_64", "3.13")}

    assert len(without_marker) > 50
    assert without_marker <= taken


def test_the_vendors_client_is_in_no_group_of_a_bundle() -> None:
    groups = [group for group in BUILDER.GROUPS if (REQUIREMENTS / f"{group}.txt").exists()]
    lines = [line for group in groups for line in BUILDER.pins(group, FINDER.this_platform(), FINDER.this_python())]

    assert [line for line in lines if line.startswith("qalita")] == []


@pytest.mark.network
@pytest.mark.slow
def test_make_all_runs_to_its_end_from_a_bundle_and_with_no_network(tmp_path: Path) -> None:
    """The bundle is built from the package index; afterwards nothing can be reached, and nothing is cached."""
    workspace = Workspace(tmp_path / "clone", tmp_path / "home")
    workspace.home.mkdir()
    clone(workspace.folder)
    command = [sys.executable, BUILD, tmp_path / "bundles", "--group", "bootstrap", "workspace"]
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
