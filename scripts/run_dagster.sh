#!/bin/sh
# Dagster in example_dagster, with a home that lasts: scripts/run_dagster.sh dev -f definitions.py
# What it remembers is in .work/dagster; `make clean` removes it. DAGSTER_HOME names another place.
set -eu
cd "$(dirname "$0")/.."
venv=$(cd "${VENV:-.venv}" && pwd)
export DAGSTER_HOME="${DAGSTER_HOME:-$PWD/.work/dagster}" DAGSTER_DISABLE_TELEMETRY=1 DO_NOT_TRACK=1
# Those of dbt's own runs, so that a test which comes both ways counts once.
export QALITA_PROJECT="${QALITA_PROJECT:-opendata_dbt}" QALITA_ENV="${QALITA_ENV:-dev}"
mkdir -p "$DAGSTER_HOME"
[ -e "$DAGSTER_HOME/dagster.yaml" ] || cp example_dagster/dagster.yaml "$DAGSTER_HOME/"
PATH="$venv/bin:$PATH"
cd example_dagster
exec dagster "$@"
