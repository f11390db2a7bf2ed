#!/usr/bin/env bash
# Brings a whole deployment up on this machine, over an emulator of AWS, for whoever wants to try what an operator does.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/setup.sh test
scripts/model.sh
find_cargo

[ -e "$MODEL_DIR/model.safetensors" ] && export SYNAPSCRIBE_MINILM_DIR="$MODEL_DIR"
export SYNAPSCRIBE_TEST_VENV="$VENV"
fetch_crates
say "building (the first time takes a while; artefacts go to $TARGET)"
mapfile -t functions < <(functions | sed 's/^/--bin=/')
cargo build --locked --workspace --quiet --bin synapscribe-rehearsal --bin synapscribe --bin synapscribe-agentcore \
    --bin synapscribe-reader-worker --bin synapscribe-media-worker "${functions[@]}"
export SYNAPSCRIBE_PROGRAMS=built
exec "$TARGET/debug/synapscribe-rehearsal"
