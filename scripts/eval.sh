#!/usr/bin/env bash
# Puts the questions of backend/host/tests/tutoring to the built-in tutor and prints every answer, what is wrong with it, and how many
# of each kind are right.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/setup.sh test
scripts/model.sh
find_cargo

[ -e "$MODEL_DIR/model.safetensors" ] && export SYNAPSCRIBE_MINILM_DIR="$MODEL_DIR"
exec cargo test --locked --workspace --quiet --test tutoring -- --nocapture --test-threads=1
