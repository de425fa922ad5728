"""A store whose numbers are known, and its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from factories import report
from qalita_ingest.contract import Column, RunReport, Sample
from sandboxes import Sandbox, open_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qalita_ingest.sandbox.settings import Settings

HOSTILE = '<script>alert("1")</script>'
FORMULA = "=HYPERLINK(1)"


def hostile(hour: int) -> RunReport:
    """Names and texts that a page or a spreadsheet could take for orders."""
    one = report(hour, {HOSTILE: "failed", FORMULA: "passed"}, project=HOSTILE, environment=HOSTILE)
    replace = msgspec.structs.replace
    dataset = replace(
        one.datasets[0], name=HOSTILE, description=HOSTILE, columns=(Column(name=HOSTILE),), tags=(HOSTILE,)
    )
    sample = Sample(columns=(HOSTILE,), rows=((HOSTILE,), (None,)), masked=(HOSTILE,))
    results = tuple(replace(result, message=HOSTILE, sample=sample) for result in one.results)
    context = replace(one.context, user=HOSTILE, git_branch=HOSTILE, ci_url="javascript:alert(1)")
    return replace(one, datasets=(dataset,), results=results, context=context)


def runs() -> Iterator[RunReport]:
    yield report(1, {"value_is_given": "passed", "unit_is_known": "passed"}, git_sha="a" * 40)
    yield report(
        2,
        {"value_is_given": "passed", "unit_is_known": "failed", "city_is_known": "warning", "hour_is_known": "skipped"},
        steps={"model.opendata.stg_airquality": "error"},
        git_sha="b" * 40,
    )
    yield report(3, {"value_is_given": "passed"}, environment="prod")
    yield hostile(4)


@pytest.fixture(scope="module")
def shown(store_of_module: Callable[[], Settings]) -> Iterator[Sandbox]:
    """Nobody changes it: the tests that do have one of their own."""
    settings = store_of_module()
    with open_sandbox(settings.store, settings.url) as opened:
        for run in runs():
            opened.take(run)
        yield opened
