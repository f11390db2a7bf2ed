#!/usr/bin/env bash
# Brings a whole deployment up on this machine, over an emulator of AWS, for whoever wants to try what an operator does.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

for_tests
say "building (the first time takes a while; artefacts go to $TARGET)"
mapfile -t functions < <(functions | sed 's/^/--bin=/')
cargo build --locked --workspace --quiet --bin synapscribe-rehearsal --bin synapscribe --bin synapscribe-agentcore \
    --bin synapscribe-reader-worker --bin synapscribe-media-worker "${functions[@]}"
export SYNAPSCRIBE_PROGRAMS=built
exec "$TARGET/debug/synapscribe-rehearsal"
