#!/bin/sh
# Tell the vendor's client of the open data: sources-conf.yaml → ~/.qalita/sources-conf.yaml, with the whole path of the
# dbt project in it. A file that is there already stays as it is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target="${HOME:?}/.qalita/sources-conf.yaml"

if [ -e "$target" ]; then
    echo "add_source: $target is there already; copy the entry of $here/sources-conf.yaml into it, with the whole path" >&2
    exit 2
fi
project=$(cd "$here/../example_dbt" && pwd)
mkdir -p "$(dirname "$target")"
# Quoted: a path may hold what YAML takes for something else.
PROJECT="$project" awk '
    /^ *path: / {
        quoted = ENVIRON["PROJECT"]
        gsub(/\047/, "\047\047", quoted)
        sub(/path: .*/, "path: ")
        print $0 "\047" quoted "\047"
        next
    }
    { print }
' "$here/sources-conf.yaml" >"$target"
echo "$target names $project"
