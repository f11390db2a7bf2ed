#!/usr/bin/env bash
# The second of the two commands: install what is missing and run every test that needs no accelerator and no cloud account.
# Arguments go to cargo: `scripts/test.sh -p synapscribe-domain`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

for_tests
if [ "$#" -gt 0 ]; then
    exec cargo test --locked "$@"
fi
scripts/page.sh build
say "building every test (artefacts go to $TARGET)"
cargo test --locked --workspace --tests --no-run --quiet
export SYNAPSCRIBE_PROGRAMS=built
# What takes milliseconds comes first, and what starts whole programs after it.
say "running the tests inside the crates"
cargo test --locked --workspace --lib --bins
say "running the tests from outside: conformance, programs, stories"
cargo test --locked --workspace --test '*' --no-fail-fast
say "running the examples in the documentation"
cargo test --locked --workspace --doc
say "running the tests of the web page, the last of them in a real browser"
scripts/page.sh test
say "every test passed"
