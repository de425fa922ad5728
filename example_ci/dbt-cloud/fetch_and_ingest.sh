#!/bin/sh
# Take the newest finished runs of one dbt Cloud job into QALITA, failed and cancelled ones too.
# Run it on a schedule; README.md beside this file says how. A run that is there already is not counted twice.
set -eu

: "${DBT_CLOUD_API_TOKEN:?set it to a service token that may view jobs}"
: "${DBT_CLOUD_HOST:?set it to the access URL in the account settings of dbt Cloud, e.g. ab123.us1.dbt.com}"
: "${DBT_CLOUD_ACCOUNT_ID:?set it to the number after /accounts/ in the addresses of dbt Cloud}"
: "${DBT_CLOUD_JOB:?set it to the number after /jobs/ in the address of the job}"
: "${QALITA_PROJECT:?set it to the name of the project in QALITA}"
export QALITA_ENV="${QALITA_ENV:-prod}"
# A scheduler starts anywhere: the outbox needs one place for all runs.
export QALITA_STORE="${QALITA_STORE:-$HOME/.qalita}"

# More runs than the job makes between two calls of this script, so that none is missed.
code=0
qalita ingest dbt-cloud --job "$DBT_CLOUD_JOB" --limit "${RUNS:-5}" "$@" || code=$?

# 3: QALITA could not be reached. The runs are in the outbox, and the next call sends them.
if [ "$code" -eq 3 ]; then
    echo "kept in the outbox; the next call sends it" >&2
    exit 0
fi
exit "$code"
