"""Break it, fix it: a good batch, a bad one, the good one again; issues open and resolve.

Works in `.work/demo`, a copy of example_dbt with a database of its own, and in QALITA's environment `demo`: nothing of
the learner's is touched. Exit status 1 when the last batch does not resolve what the bad one opened.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

BIN = Path(sys.executable).parent
TOP = Path(__file__).resolve().parent.parent
EXAMPLE = TOP / "example_dbt"
COPY = TOP / ".work" / "demo"
CSV = Path("seeds") / "opendata_airquality.csv"
ENVIRONMENT = "demo"
STEPS = ("seed", "run", "test", "freshness")

Row = dict[str, str]


def plant_negative_values(rows: list[Row]) -> list[Row]:
    """A sensor that lost its calibration: sixty values of one station turn negative."""
    sick = [row for row in rows if row["location"] == "Chatelet" and row["value"] not in {"NA", "0"}][:60]
    for row in sick:
        row["value"] = f"-{row['value']}"
    return rows


def plant_unknown_unit(rows: list[Row]) -> list[Row]:
    """A supplier that changed the unit without a word."""
    for row in [row for row in rows if row["parameter"] == "pm25"][:100]:
        row["unit"] = "ppq"
    return rows


def plant_duplicates(rows: list[Row]) -> list[Row]:
    """A file that was delivered twice in part, with other values."""
    return rows + [row | {"value": f"{row['value']}1"} for row in rows[:200] if row["value"] != "NA"]


def plant_missing_station(rows: list[Row]) -> list[Row]:
    """A station that fell silent."""
    return [row for row in rows if row["location"] != "CH0010A"]


FAULTS: tuple[Callable[[list[Row]], list[Row]], ...] = (
    plant_negative_values,
    plant_unknown_unit,
    plant_duplicates,
    plant_missing_station,
)


def make_copy() -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    left_out = shutil.ignore_patterns("target", "logs", "*.duckdb*", ".venv", ".user.yml", "__pycache__")
    shutil.copytree(EXAMPLE, COPY, ignore=left_out)


def write_bad_batch() -> None:
    with (EXAMPLE / CSV).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    for plant in FAULTS:
        rows = plant(rows)
    with (COPY / CSV).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_good_batch() -> None:
    shutil.copyfile(EXAMPLE / CSV, COPY / CSV)


def import_dbt_steps() -> ModuleType:
    """The copy's own step runner, in this process: dbt takes seconds to import, once is enough."""
    sys.path.insert(0, str(COPY / "scripts"))
    import dbt_steps  # noqa: PLC0415 (the copy is made first)

    return dbt_steps


def run_dbt(dbt_steps: ModuleType) -> None:
    """Failed checks are what the demo is about; a dbt that can't run ends it."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 (os.devnull is no path of ours)
        sys.stdout, terminal = nowhere, sys.stdout
        try:
            code = dbt_steps.main(list(STEPS))
        finally:
            sys.stdout = terminal
    if code > 1:
        sys.exit(code)


def ingest() -> dict[str, Any]:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [COPY / "scripts" / "ingest_qalita.sh", "--format", "json"],
        env=os.environ | {"QALITA_ENV": ENVIRONMENT, "PATH": path},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.returncode)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def show(answer: dict[str, Any]) -> float:
    """Print one round; returns the project's score in per cent."""
    delivery = answer["delivery"]
    score = next((100 * one["value"] for one in delivery["scores"] if one["perimeter"] == "project"), 0.0)
    counts = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in answer["counts"].items() if number)
    print(f"  checks  {counts}")
    print(f"  score   {score:.1f} %")
    for word in ("opened", "reopened", "resolved"):
        for issue in delivery[word]:
            print(f"  {word:9} #{issue['id']} {issue['title']} ({issue['severity']})")
    return score


def ids(answer: dict[str, Any], *words: str) -> set[int]:
    return {issue["id"] for word in words for issue in answer["delivery"][word]}


def main() -> int:
    make_copy()
    os.environ.update(DBT_QUIET="1", DBT_TARGET_PATH="target")
    os.environ.pop("OPENDATA_DUCKDB", None)
    dbt_steps = import_dbt_steps()
    rounds = []
    for number, (title, write) in enumerate(
        (
            ("the good batch", write_good_batch),
            ("a bad batch: negative values, an unknown unit, duplicates, a station missing", write_bad_batch),
            ("the good batch again", write_good_batch),
        ),
        start=1,
    ):
        print(f"\n{number}/3  {title}", flush=True)
        write()
        run_dbt(dbt_steps)
        answer = ingest()
        rounds.append((show(answer), answer))
    (good, _), (bad, broken), (again, mended) = rounds
    opened, resolved = ids(broken, "opened", "reopened"), ids(mended, "resolved")
    print(f"\nScore {good:.1f} % → {bad:.1f} % → {again:.1f} %")
    print(f"{len(opened)} issues opened, {len(opened & resolved)} of them resolved")
    qalita = (BIN.relative_to(TOP) if BIN.is_relative_to(TOP) else BIN) / "qalita"
    print(f"Look at their story: {qalita} ingest issues --env {ENVIRONMENT} --status all")
    return 0 if opened and opened == resolved else 1


if __name__ == "__main__":
    sys.exit(main())
