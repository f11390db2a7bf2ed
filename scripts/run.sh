#!/usr/bin/env bash
# The first of the two commands: install what is missing, build, and show the voice loop on the sample lecture.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/setup.sh run
scripts/model.sh
find_cargo

say "building (the first time takes a while; artefacts go to $TARGET)"
cargo build --locked --package synapscribe-terminal --package synapscribe-agentcore

say "starting the demonstration"
[ -e "$MODEL_DIR/model.safetensors" ] && export SYNAPSCRIBE_MINILM_DIR="$MODEL_DIR"
exec "$TARGET/debug/synapscribe" demo "$@"
