#!/usr/bin/env bash
# Prints how well the built-in engines find and answer: the question set of `eval`, by full text, by vectors and by both, in a file and
# on a server; then what students ask of single lectures, with every answer and what is wrong with it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

for_tests
cargo build --locked --workspace --quiet --bin synapscribe-eval --bin synapscribe --bin synapscribe-reader-worker --bin synapscribe-media-worker
export SYNAPSCRIBE_PROGRAMS=built
"$TARGET/debug/synapscribe-eval" "$@"
exec cargo test --locked --workspace --quiet --test tutoring -- --nocapture --test-threads=1
