#!/bin/sh
# Send a result to QALITA with nothing but a shell and curl: the direct REST way, for jobs without Python.
#
#     send_run.sh orders.csv customer_id
#
# counts the rows of a CSV file whose column is empty, sends the count as one run with one check, and prints the open
# issues. Needs: curl 7.76 or newer, awk, sha256sum. docs/contract.md describes every field.
#
#   QALITA_AGENT_ENDPOINT   address of the server, e.g. http://localhost:3080
#   QALITA_AGENT_TOKEN      its token, where it wants one
#   QALITA_PROJECT, QALITA_ENV   where the run belongs [QALITA_ENV: dev]
#   RUN_ID                  name of the run: the same name is the same run [the SHA-256 of the file]
#   GIT_SHA                 commit of the job, where it has one
set -eu

if [ $# -ne 2 ] || [ -z "$2" ]; then echo "usage: send_run.sh FILE.csv COLUMN" >&2; exit 2; fi
file=$1
column=$2
if ! [ -f "$file" ] || ! [ -r "$file" ]; then
    echo "send_run: $file: no such file, or not readable; usage: send_run.sh FILE.csv COLUMN" >&2
    exit 2
fi
endpoint=${QALITA_AGENT_ENDPOINT:?set it to the address of the QALITA server}
project=${QALITA_PROJECT:?set it to the name of the project in QALITA}
environment=${QALITA_ENV:-dev}
run_id=${RUN_ID:-$(sha256sum "$file" | cut -d ' ' -f 1)}
dataset=$(basename "$file" .csv)
check="not_null_${dataset}_${column}"
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)

# These words go into JSON as they are.
for word in "$project" "$environment" "$run_id" "$dataset" "$column" "${GIT_SHA:-}"; do
    case $word in *[![:alnum:]._-]*) echo "send_run: $word: letters, digits, . _ - only" >&2; exit 2 ;; esac
done
# And this one into curl's options. (The characters of a bearer token: RFC 6750, 2.1.)
case ${QALITA_AGENT_TOKEN:-} in
    *[![:alnum:]._~+/=-]*) echo "send_run: QALITA_AGENT_TOKEN holds characters that no token has" >&2; exit 2 ;;
esac
if [ -n "${GIT_SHA:-}" ]; then git_sha="\"$GIT_SHA\""; else git_sha=null; fi

# The check itself. (Plain CSV: no commas and no line breaks inside a field.)
failures=$(awk -F , -v column="$column" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) wanted = i; if (!wanted) exit 1; next }
    $wanted == "" { failures++ }
    END { if (!wanted) exit 1; print failures + 0 }
' "$file") || { echo "send_run: $file: has no column $column" >&2; exit 2; }
if [ "$failures" -eq 0 ]; then status=passed; else status=failed; fi

# The same run has the same key, so that it is counted once however often it is sent:
# SHA-256 of the JSON [kind, project, environment, git_sha, run_id], without blanks.
key=$(printf '["dbt","%s","%s",%s,"%s"]' "$project" "$environment" "$git_sha" "$run_id" | sha256sum | cut -d ' ' -f 1)

# printf is part of the shell: what it writes is in no process list, and curl reads its options from there.
authorization() {
    if [ -n "${QALITA_AGENT_TOKEN:-}" ]; then printf 'header = "Authorization: Bearer %s"\n' "$QALITA_AGENT_TOKEN"; fi
}
call() { authorization | curl --config - --silent --show-error --fail-with-body --max-time 60 "$@"; }

report=$(mktemp)
trap 'rm -f "$report"' EXIT

# A field that is left out has its default. definitions_complete is false, so that no other check is retired by this run.
cat > "$report" <<JSON
{
  "kind": "dbt",
  "project": "$project",
  "environment": "$environment",
  "context": {"run_id": "$run_id", "started_at": null, "finished_at": "$now", "git_sha": $git_sha, "tool": "curl"},
  "definitions_scope": "curl:$dataset",
  "definitions_complete": false,
  "sources": [{"name": "files", "type": "csv"}],
  "datasets": [{"key": "$dataset", "name": "$dataset", "kind": "file", "source": "files"}],
  "checks": [
    {"key": "$check", "name": "$check", "kind": "data_test", "dimension": "completeness",
     "dataset": "$dataset", "column": "$column"}
  ],
  "invocations": [{"id": "$run_id", "command": "send_run", "finished_at": "$now"}],
  "results": [
    {"check": "$check", "invocation": "$run_id", "status": "$status", "tool_status": null, "failures": $failures}
  ]
}
JSON

# Tried again on 408, 429 and 5xx, after the time that Retry-After asks for: the key makes that harmless.
call --retry 5 --retry-connrefused --request POST "$endpoint/api/v2/ingest/runs" \
    --header "Content-Type: application/json" --header "Idempotency-Key: $key" --data-binary "@$report"
echo

call --get "$endpoint/api/v2/issues" \
    --data-urlencode "project=$project" --data-urlencode "environment=$environment" --data-urlencode "status=open"
echo
