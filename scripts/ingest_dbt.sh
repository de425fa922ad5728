#!/bin/sh
# Take what dbt left behind in example_dbt/ into QALITA; options go on to `qalita ingest dbt`.
set -eu
case ${QALITA_STORE:-/} in /* | '~'*) ;; *) export QALITA_STORE="$PWD/$QALITA_STORE" ;; esac
cd "$(dirname "$0")/.."
PATH="${VENV:-$PWD/.venv}/bin:$PATH" exec example_dbt/scripts/ingest_qalita.sh "$@"
