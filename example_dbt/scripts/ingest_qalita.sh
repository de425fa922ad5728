#!/bin/sh
# Take what dbt left behind into QALITA: scripts/ingest_qalita.sh [more options of `qalita ingest dbt`]
#
# QALITA_PROJECT (opendata_dbt) and QALITA_ENV (dev) say where it belongs, QALITA_AGENT_ENDPOINT and
# QALITA_AGENT_TOKEN which server gets it; without these it stays in the sandbox on this machine.
# Runs from any folder; relative paths in the options count from the project folder.
set -eu
# A relative store is counted from where the command was typed.
case ${QALITA_STORE:-/} in /* | '~'*) ;; *) export QALITA_STORE="$PWD/$QALITA_STORE" ;; esac
cd "$(dirname "$0")/.."
target=${DBT_TARGET_PATH:-target}

fail() { code=$1; shift; echo "ingest_qalita: $*" >&2; exit "$code"; }

# Another tool called qalita may come first on PATH: take the first one that can ingest.
can_ingest() { "$1" ingest dbt --help >/dev/null 2>&1; }
find_qalita() {
    for candidate in "$(command -v qalita || true)" ../.venv/bin/qalita .venv/bin/qalita; do
        if [ -n "$candidate" ] && can_ingest "$candidate"; then echo "$candidate"; return; fi
    done
    fail 127 "no 'qalita' that can ingest was found; in the workspace run 'make env' at its top, elsewhere: pip install -e /path/to/the/workspace"
}

# Every dbt command overwrites target/run_results.json, so each step's file was copied to target/steps. A file that no
# copy equals was written later, by a dbt command typed by hand: it goes along.
is_kept_already() {
    for copy in "$target"/steps/*.run_results.json; do
        if cmp -s "$copy" "$target/run_results.json"; then return 0; fi
    done
    return 1
}

# Options are put in front of those given, last one first: what you give wins.
# Only freshness writes sources.json, so the one in target is never older than its copy.
sources=$target/sources.json
if ! [ -f "$sources" ]; then sources=$target/steps/sources.json; fi
if [ -f "$sources" ]; then set -- --sources "$sources" "$@"; fi
found=
if [ -f "$target/run_results.json" ] && ! is_kept_already; then
    set -- --results "$target/run_results.json" "$@"
    found=yes
fi
for step in test run seed; do
    if [ -f "$target/steps/$step.run_results.json" ]; then
        set -- --results "$target/steps/$step.run_results.json" "$@"
        found=yes
    fi
done
if ! [ -f "$target/manifest.json" ] || [ -z "$found" ]; then
    fail 2 "no results in $target yet; run 'make run test' first"
fi

qalita=$(find_qalita)
exec "$qalita" ingest dbt --manifest "$target/manifest.json" \
    --project "${QALITA_PROJECT:-opendata_dbt}" --env "${QALITA_ENV:-dev}" "$@"
