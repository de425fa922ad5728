#!/bin/sh
# What a QALITA worker runs, in this folder: dbt's files → metrics.json, recommendations.json, schemas.json.
# Clients of 2.x look for words of trouble on stderr, those of 3.x at the exit status. So: a failure says "error" there
# and ends non-zero; a success says nothing there.
set -eu
cd "$(dirname "$0")"
log="${TMPDIR:-/tmp}/qalita-ingest-pack.$$.log"
trap 'rm -rf "$log" "${fresh:-$log}"' EXIT

fail() { echo "error: $*" >&2; exit 1; }
quietly() { "$@" >"$log" 2>&1 || { cat "$log" >&2; return 1; }; }

# The library travels in the archive.
wheel=$(ls wheels/qalita_ingest-*.whl 2>/dev/null | tail -n 1)
[ -n "$wheel" ] || fail "the pack holds no wheel of qalita-ingest: build it with scripts/build_pack.sh, and push the pack again"

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "$python is not Python 3.11 or newer; name one in PYTHON"

# One environment for each wheel, kept: a routine runs often. It is made beside and moved when it is complete.
environment="${XDG_CACHE_HOME:-$HOME/.cache}/qalita-ingest-pack/$(cksum <"$wheel" | tr ' ' -)"
if ! "$environment/bin/python" -c 'import qalita_ingest' 2>/dev/null; then
    fresh="$environment.$$"
    rm -rf "$environment"
    quietly "$python" -m venv "$fresh" || fail "no environment could be made; on Debian and Ubuntu: apt install python3-venv"
    # Offline: QALITA_PACK_WHEELS names a folder with the wheels of what the library needs.
    if [ -n "${QALITA_PACK_WHEELS:-}" ]; then set -- --no-index --find-links "$QALITA_PACK_WHEELS"; else set --; fi
    # --no-compile: few of the modules are ever loaded here, and those write their byte code then.
    quietly "$fresh/bin/python" -m pip install --disable-pip-version-check --no-compile "$@" "$wheel" ||
        fail "qalita-ingest could not be installed; offline, name a folder of wheels in QALITA_PACK_WHEELS"
    [ -d "$environment" ] || mv "$fresh" "$environment"
fi

# A deprecation warning on stderr would be a word of trouble.
"$environment/bin/python" -W ignore main.py
