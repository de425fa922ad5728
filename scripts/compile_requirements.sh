#!/bin/sh
# Compile requirements/*.in to *.txt: exact versions with hashes, no index address.
# Versions that are there stay; scripts/compile_requirements.sh --upgrade takes the newest that the .in files allow.
set -eu
cd "$(dirname "$0")/.."

compile() {
    group=$1; shift
    "${VENV:-.venv}/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-annotate "requirements/$group.in" --output-file "requirements/$group.txt" "$@"
}

compile bootstrap "$@"
compile workspace "$@"
# These go into the workspace's environment, with its versions.
compile sandbox --constraints requirements/workspace.txt "$@"
compile dagster --constraints requirements/workspace.txt --constraints requirements/sandbox.txt "$@"
compile notebooks --constraints requirements/workspace.txt --constraints requirements/sandbox.txt \
    --constraints requirements/dagster.txt "$@"
compile test --constraints requirements/workspace.txt --constraints requirements/sandbox.txt \
    --constraints requirements/dagster.txt --constraints requirements/notebooks.txt "$@"
compile seed "$@"
# Each in an environment of its own.
compile vendor "$@"
compile vendor-2.5.4 "$@"
compile vendor-2.3.0 "$@"
