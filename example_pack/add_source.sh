#!/bin/sh
# Tell the vendor's client of the open data: sources-conf.yaml → ~/.qalita/sources-conf.yaml, with the whole path of the
# dbt project in it. A file that is there already stays as it is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target="${HOME:?}/.qalita/sources-conf.yaml"
project=$(cd "$here/../example_dbt" && pwd)

# The client writes its list anew, with other quotes or none.
names_project() {
    PROJECT="$project" awk '
        sub(/^[- ]*path: */, "") {
            if (/^\047.*\047$/) { $0 = substr($0, 2, length($0) - 2); gsub(/\047\047/, "\047") }
            if ($0 == ENVIRON["PROJECT"]) found = 1
        }
        END { exit !found }
    ' "$target"
}

if [ -e "$target" ]; then
    if names_project; then
        echo "$target names $project already"
        exit 0
    fi
    echo "add_source: $target is there already; copy the entry of $here/sources-conf.yaml into it, with the whole path" >&2
    exit 2
fi
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
