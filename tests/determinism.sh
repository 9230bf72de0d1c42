#!/bin/sh
# Ten processes, five of each build, play the same scenario with the same seed: their traces must be one and the same.
# Build both before: cargo build && cargo build --release.
set -eu
cd "$(dirname "$0")/.."
traces=
for build in debug release; do
    for run in 1 2 3 4 5; do
        # What the environment holds moves the stack and the heap of each process.
        result=$(BALLAST=$(printf "%${run}000s" x) "target/$build/plimsoll" run scenarios/peak/million.toml --orders 2000 --json)
        trace=$(printf '%s' "$result" | sed -n 's/.*"trace_hash": *"\([0-9a-f]\{32\}\)".*/\1/p')
        if [ -z "$trace" ]; then
            echo "the $build build printed no trace_hash" >&2
            exit 1
        fi
        echo "$build $run $trace"
        traces="$traces$trace
"
    done
done
if [ "$(printf '%s' "$traces" | sort -u | wc -l)" -ne 1 ]; then
    echo "the traces differ" >&2
    exit 1
fi
