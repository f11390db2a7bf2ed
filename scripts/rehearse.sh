#!/usr/bin/env bash
# Brings a whole deployment up on this machine, over an emulator of AWS, for whoever wants to try what an operator does.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/setup.sh test
scripts/model.sh
find_cargo

[ -e "$MODEL_DIR/model.safetensors" ] && export SYNAPSCRIBE_MINILM_DIR="$MODEL_DIR"
export SYNAPSCRIBE_TEST_VENV="$VENV"
say "building (the first time takes a while; artefacts go to $TARGET)"
cargo build --locked --workspace --quiet --bin synapscribe-rehearsal --bin synapscribe --bin synapscribe-agentcore --bin synapscribe-reader-worker \
    --bin synapscribe-media-worker --bin lambda-websocket --bin lambda-answer --bin lambda-validate-lecture --bin lambda-library --bin lambda-documents \
    --bin lambda-accounts --bin lambda-migrate
export SYNAPSCRIBE_PROGRAMS=built
exec "$TARGET/debug/synapscribe-rehearsal"
