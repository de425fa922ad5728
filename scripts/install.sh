#!/bin/sh
# Fill .venv with the requirement groups named: scripts/install.sh workspace [test ...]
# Each group is requirements/<group>.txt: exact versions, each with its hashes.
# OFFLINE=1 installs from a folder that `make offline-bundle` made, with no network: BUNDLE names it, else offline-bundle.
set -eu
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}

fail() { echo "install: $*" >&2; exit 2; }

# uv reads neither pip's configuration nor the system's certificates by itself; whoever sits
# behind a mirror or a proxy has set them for pip, so they are handed on.
pip_setting() { "$venv/bin/python" -m pip config get "$1" 2>/dev/null || true; }
hand_pip_settings_to_uv() {
    index=${PIP_INDEX_URL:-$(pip_setting global.index-url)}
    extra=${PIP_EXTRA_INDEX_URL:-}
    certificates=${PIP_CERT:-$(pip_setting global.cert)}
    if [ -n "$index" ]; then export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"; fi
    if [ -n "$extra" ]; then export UV_INDEX="${UV_INDEX:-$extra}"; fi
    if [ -n "$certificates" ]; then export SSL_CERT_FILE="${SSL_CERT_FILE:-$certificates}"; fi
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" UV_PYTHON_DOWNLOADS=never
    # Cached files on another disk can't be linked; copying is quiet and always works.
    export UV_LINK_MODE="${UV_LINK_MODE:-copy}"
}

is_supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; }
choose_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if is_supported "$candidate"; then echo "$candidate"; return; fi
    done
    fail "Python 3.11, 3.12 or 3.13 is needed and none was found; install one, or name it: make all PYTHON=/path/to/python3"
}

# Offline: the wheels of a bundle that fits this Python and holds these groups. `made` is the environment, once it is.
wheels=
made=
find_wheels() {
    case ${OFFLINE:-0} in 0 | '') return ;; esac
    interpreter=$1; shift
    wheels=$("$interpreter" scripts/find_bundle.py ${made:+--environment "$made"} \
        "${BUNDLE:-offline-bundle}" bootstrap "$@") || exit 2
    # Settings that would lead to an index all the same, or to other versions.
    unset PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_CONSTRAINT
    unset UV_DEFAULT_INDEX UV_INDEX UV_INDEX_URL UV_EXTRA_INDEX_URL UV_FIND_LINKS UV_CONSTRAINT
    export PIP_CONFIG_FILE=/dev/null UV_NO_CONFIG=1 UV_OFFLINE=1
}
install_with() {
    if [ -n "$wheels" ]; then set -- "$@" --no-index --find-links "$wheels"; fi
    "$@"
}

# An interrupted start leaves an environment without pip: that one is made anew.
if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    made=$venv
    find_wheels "$venv/bin/python" "$@"
else
    python=$(choose_python)
    find_wheels "$python" "$@"
    echo "Making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv" ||
        fail "'$python -m venv' failed; on Debian and Ubuntu: apt install python3-venv; then remove $venv and try again"
fi
if ! [ -x "$venv/bin/uv" ] || [ requirements/bootstrap.txt -nt "$venv/bin/uv" ]; then
    install_with "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r requirements/bootstrap.txt ||
        fail "pip could not install uv (requirements/bootstrap.txt); is the package index reachable? Behind a mirror set PIP_INDEX_URL, behind a proxy HTTPS_PROXY"
    touch "$venv/bin/uv"
fi

hand_pip_settings_to_uv
for group in "$@"; do
    install_with "$venv/bin/uv" pip install --python "$venv/bin/python" --require-hashes --compile-bytecode \
        -r "requirements/$group.txt" ||
        fail "requirements/$group.txt could not be installed; the lines above say why"
done
# The library itself, editable: what you change in src/ runs at once.
install_with "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable . ||
    fail "the library (src/) could not be installed; the lines above say why"
