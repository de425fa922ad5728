#!/bin/sh
# Install QALITA's own command line beside the workspace's environment: scripts/setup_vendor.sh [release]
# Both packages have a script named qalita, and in one environment they overwrite each other's. The release of today
# goes to .venv-qalita, an older one to .venv-qalita-<release>; requirements/vendor*.in say which there are.
set -eu
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}

fail() { echo "setup-vendor: $*" >&2; exit 2; }

suffix=${1:+-$1}
if [ -n "$suffix" ] && grep -qx "qalita==$1" requirements/vendor.in; then suffix=; fi
vendor="$(dirname "$venv")/.venv-qalita$suffix"
requirements="requirements/vendor$suffix.txt"
[ -f "$requirements" ] ||
    fail "there is no $requirements; releases: $(sed -n 's/^qalita==//p' requirements/vendor*.in | tr '\n' ' ')"

echo "QALITA's own client is proprietary: installing it accepts the vendor's licence (${requirements%.txt}.in)."
# An interrupted start leaves an environment without pip: that one is made anew.
if ! "$vendor/bin/python" -m pip --version >/dev/null 2>&1; then
    "$venv/bin/python" -m venv --clear "$vendor" || fail "$vendor could not be made; the lines above say why"
fi
"$vendor/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements" ||
    fail "$requirements could not be installed; the lines above say why"
version=$("$vendor/bin/python" -c 'import importlib.metadata as m; print(m.version("qalita"))')
echo "qalita $version is in $vendor"
[ -n "$suffix" ] || echo "the workspace's \`qalita\` hands it every command but \`qalita ingest\`"
