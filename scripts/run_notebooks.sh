#!/bin/sh
# JupyterLab on the notebooks: scripts/run_notebooks.sh [options of `jupyter lab`, such as --no-browser --port 8890]
# Its settings, its list of trusted notebooks, its history and its caches are in .work/jupyter, not in your home.
set -eu
cd "$(dirname "$0")/.."
venv=$(cd "${VENV:-.venv}" && pwd)
work=$PWD/.work/jupyter
export JUPYTER_CONFIG_DIR="$work/config" JUPYTER_DATA_DIR="$work/data" JUPYTER_RUNTIME_DIR="$work/runtime"
export IPYTHONDIR="$work/ipython" JUPYTER_CONFIG_PATH="$PWD/notebooks/jupyter" JUPYTER_PREFER_ENV_PATH=1
export MPLCONFIGDIR="$work/matplotlib" npm_config_cache="$work/npm"
unset JUPYTERLAB_SETTINGS_DIR JUPYTERLAB_WORKSPACES_DIR JUPYTER_PATH
mkdir -p "$JUPYTER_CONFIG_DIR" "$JUPYTER_DATA_DIR" "$JUPYTER_RUNTIME_DIR" "$IPYTHONDIR"
# JupyterLab takes styles from this one place.
mkdir -p "$JUPYTER_CONFIG_DIR/custom" && cp notebooks/jupyter/custom.css "$JUPYTER_CONFIG_DIR/custom/custom.css"
chmod 700 "$work" "$JUPYTER_RUNTIME_DIR"
PATH="$venv/bin:$PATH"

# Without trust charts are hidden until their cells are run: no reason not to start.
python scripts/trust_notebooks.py || echo "notebooks: stored charts are not trusted; the lines above say why" >&2

# In a container everybody is root, and JupyterLab wants to be told that this is meant.
if [ "$(id -u)" -eq 0 ]; then set -- --allow-root "$@"; fi
exec jupyter lab --ServerApp.root_dir="$PWD" --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb "$@"
