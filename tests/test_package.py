"""The library's own shape: what it exports, and the error tree as drawn."""

import importlib
import inspect
import pkgutil
import re

import pytest

import qalita_ingest
from qalita_ingest import errors

PACKAGES = [
    name
    for _, name, is_package in pkgutil.walk_packages(qalita_ingest.__path__, "qalita_ingest.")
    if is_package and not name.endswith(".versions")
]


def as_ruff_sorts(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then all else."""
    return not name.isupper(), not name[0].isupper(), name


@pytest.mark.parametrize("name", ["qalita_ingest", *PACKAGES])
def test_what_a_package_exports_is_sorted_and_there(name: str) -> None:
    package = importlib.import_module(name)
    exported = getattr(package, "__all__", [])

    assert exported == sorted(exported, key=as_ruff_sorts)
    for one in exported:
        assert hasattr(package, one)


def test_every_package_says_what_it_is() -> None:
    for name in PACKAGES:
        assert importlib.import_module(name).__doc__, name


def test_the_error_tree_is_the_one_drawn() -> None:
    drawn = re.findall(r"(\w+Error)\b", errors.__doc__ or "")
    defined = [name for name, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, Exception)]

    assert sorted(drawn) == sorted(defined)


def test_exit_codes_are_the_ones_drawn() -> None:
    for name, code in re.findall(r"(\w+Error) .*exit (\d)", errors.__doc__ or ""):
        assert getattr(errors, name).exit_code == int(code)
