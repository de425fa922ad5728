"""What Codespaces, VS Code and Binder read, held against the workspace; their servers are not at hand here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest

from docs.pages import TOP

CONTAINER = json.loads((TOP / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
BINDER = TOP / "binder"
MAKEFILE = (TOP / "Makefile").read_text(encoding="utf-8")
# Of the reference at containers.dev, those that stand here: a misspelt property is ignored without a word.
PROPERTIES = {
    "name",
    "image",
    "hostRequirements",
    "updateContentCommand",
    "postCreateCommand",
    "forwardPorts",
    "portsAttributes",
    "customizations",
}


def targets() -> set[str]:
    return set(re.findall(r"^([\w./-]+):", MAKEFILE.replace("$(VENV)", ".venv"), re.MULTILINE))


def named_targets(code: str) -> set[str]:
    """Without its variables: make all PYTHON=python3 → all."""
    lines = re.findall(r"^make (.+)$", code, re.MULTILINE)
    return {word for line in lines for word in line.split() if "=" not in word}


def test_the_container_has_only_properties_that_are_known() -> None:
    assert set(CONTAINER) == PROPERTIES


def test_the_container_makes_targets_that_there_are() -> None:
    commands = f"{CONTAINER['updateContentCommand']}\n{CONTAINER['postCreateCommand']}"
    assert named_targets(commands) == {"all", ".venv/.installed-notebooks"}
    assert named_targets(commands) <= targets()


def test_the_container_forwards_the_ports_that_the_targets_serve_on() -> None:
    told = re.findall(r"^(?:sandbox|dagster):.*http://localhost:(\d+)", MAKEFILE, re.MULTILINE)
    assert CONTAINER["forwardPorts"] == [8888, *map(int, told)]
    assert sorted(CONTAINER["portsAttributes"]) == sorted(map(str, CONTAINER["forwardPorts"]))


def test_container_and_binder_have_the_same_python_and_the_workspace_supports_it() -> None:
    (python,) = re.findall(r"^python:(3\.\d+)-", CONTAINER["image"])
    assert (BINDER / "runtime.txt").read_text() == f"python-{python}\n"
    assert f"python{python}" in (TOP / "scripts" / "install.sh").read_text()


def test_the_script_of_binder_makes_targets_that_there_are() -> None:
    code = (BINDER / "postBuild").read_text()
    assert named_targets(code) <= targets()
    assert os.access(BINDER / "postBuild", os.X_OK)


def test_shellcheck_finds_nothing_in_the_scripts_of_the_workspace() -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed (apt install shellcheck)")
    scripts = [
        *TOP.glob("scripts/*.sh"),
        *TOP.glob("example_dbt/scripts/*.sh"),
        BINDER / "postBuild",
        TOP / ".ci" / "run",
    ]
    # SC3013: -nt is in no standard, and in every sh that ships with Linux and macOS.
    command = ["shellcheck", "--exclude", "SC3013,SC2164", *scripts]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert len(scripts) > 8
    assert done.returncode == 0, done.stdout


# What GNU's tools know and those of macOS don't: in scripts that learners run.
GNU_ONLY = {
    "sed -i without a suffix": r"\bsed -i(?! ?'')",
    "a tab as \\t in sed": r"\bsed '[^']*\\t",
    "sed -r": r"\bsed -\w*r\b",
    "readlink -f": r"\breadlink -f\b",
    "realpath": r"(?<![\w.])realpath ",
    "cp with long options": r"\bcp --",
    "rm, mkdir, ln with long options": r"\b(?:rm|mkdir|ln|mv|touch) --",
    "date -d or --": r"\bdate (?:-d|--)",
    "stat -c": r"\bstat -c\b",
    "grep -P": r"\bgrep -\w*P",
    "xargs -r": r"\bxargs -\w*r\b",
    "sort -V": r"\bsort -\w*V",
    "mktemp with long options": r"\bmktemp --",
    "nproc, timeout, tac, sha256sum": r"(?<![\w.])(?:nproc|timeout|tac|sha256sum) ",
    "tail or head with a negative count": r"\bhead -n ?-\d",
    "base64 -w": r"\bbase64 -w",
}
# GNU make 3.81, which macOS has, came before these.
NEWER_THAN_MAKE_3_81 = {
    "$(file …)": r"\$\(file ",
    ".ONESHELL": r"^\.ONESHELL",
    "!=": r"^\w+ *!=",
    "::=": r"::=",
    "&:": r" &:",
    "undefine or private": r"^(?:undefine|private) ",
    "$(let …) or $(intcmp …)": r"\$\((?:let|intcmp) ",
}


def code_of(name: str) -> str:
    """Without comments."""
    text = (TOP / name).read_text(encoding="utf-8")
    return re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)


RUN_BY_LEARNERS = [
    "Makefile",
    "example_dbt/Makefile",
    "binder/postBuild",
    *(
        str(path.relative_to(TOP))
        for folder in ("scripts", "example_dbt/scripts")
        for path in TOP.glob(f"{folder}/*.sh")
    ),
]


@pytest.mark.parametrize("name", RUN_BY_LEARNERS)
def test_nothing_that_learners_run_needs_tools_of_gnu(name: str) -> None:
    code = code_of(name)
    assert [trap for trap, pattern in GNU_ONLY.items() if re.search(pattern, code)] == []


@pytest.mark.parametrize("name", ["Makefile", "example_dbt/Makefile"])
def test_the_makefiles_need_no_newer_make_than_that_of_macos(name: str) -> None:
    code = code_of(name)
    assert [trap for trap, pattern in NEWER_THAN_MAKE_3_81.items() if re.search(pattern, code, re.MULTILINE)] == []
