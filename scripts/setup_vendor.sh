#!/bin/sh
# Install QALITA's own command line (requirements/vendor.txt) into .venv-qalita, beside the workspace's environment:
# both packages have a script named qalita, and in one environment they overwrite each other's.
set -eu
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}
vendor="$(dirname "$venv")/.venv-qalita"

fail() { echo "setup-vendor: $*" >&2; exit 2; }

echo "QALITA's own client is proprietary: installing it accepts the vendor's licence (requirements/vendor.in)."
# An interrupted start leaves an environment without pip: that one is made anew.
if ! "$vendor/bin/python" -m pip --version >/dev/null 2>&1; then
    "$venv/bin/python" -m venv --clear "$vendor" || fail "$vendor could not be made; the lines above say why"
fi
"$vendor/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/vendor.txt ||
    fail "requirements/vendor.txt could not be installed; the lines above say why"
version=$("$vendor/bin/python" -c 'import importlib.metadata as m; print(m.version("qalita"))')
echo "qalita $version is in $vendor; the workspace's \`qalita\` hands it every command but \`qalita ingest\`"
