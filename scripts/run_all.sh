#!/bin/sh
# make all: seed, run, dbt tests, then ingest and summary whatever the tests said.
# Exit status: dbt's, where a check or node failed; else the ingest's.
set -u
cd "$(dirname "$0")/.."
bin=${VENV:-$PWD/.venv}/bin
kept_in_outbox=3

"$bin/python" example_dbt/scripts/dbt_steps.py seed run test freshness
data=$?
# 2: dbt could not run at all, so there is nothing to take in.
if [ "$data" -ge 2 ]; then exit "$data"; fi

scripts/ingest_dbt.sh
ingest=$?
if [ "$ingest" -ne 0 ] && [ "$ingest" -ne "$kept_in_outbox" ]; then exit "$ingest"; fi

echo "        make issues    all open issues, with nothing to activate"
if [ "$data" -ne 0 ]; then
    echo "Some checks failed (see the findings above). make ends with an error so that a CI job sees it."
else
    echo "        make demo      break the data, watch issues open; mend it, watch them resolve"
fi
exit "$data"
