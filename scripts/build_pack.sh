#!/bin/sh
# Build the library's wheel into the example pack, whose archive carries it: scripts/build_pack.sh [folder of the pack]
set -eu
folder=$(cd "${1:-$(dirname "$0")/../example_pack/opendata_dbt_pack}" && pwd)
cd "$(dirname "$0")/.."
rm -rf "$folder/wheels"
"${VENV:-.venv}/bin/python" -m flit_core.wheel --outdir "$folder/wheels" >/dev/null
ls "$folder"/wheels/*.whl
