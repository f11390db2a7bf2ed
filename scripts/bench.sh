#!/usr/bin/env bash
# Measures the bars of the project and the peers they are compared with, in the same minutes.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/setup.sh bench
scripts/model.sh
find_cargo
scripts/page.sh build

export SYNAPSCRIBE_BENCH_PYTHON="$VENV-bench/bin/python" SYNAPSCRIBE_TEST_VENV="$VENV-bench"
[ -e "$MODEL_DIR/model.safetensors" ] && export SYNAPSCRIBE_MINILM_DIR="$MODEL_DIR"
# Only books are embedded beside it, and only what was asked for is fetched.
case reading in
*"${1:-}"*)
    if scripts/setup.sh embedding; then
        export SYNAPSCRIBE_BENCH_EMBEDDING="$VENV-embedding/bin/python"
    else
        note "books are embedded without a peer"
    fi
    ;;
esac

say "building for speed (artefacts go to $TARGET)"
cargo build --locked --release --package synapscribe-bench --package synapscribe-terminal --package synapscribe-agentcore-daemon \
    --package synapscribe-desktop --package synapscribe-stories --package lambda-websocket --package lambda-answer \
    --package lambda-validate-lecture --package lambda-library --package lambda-documents --package lambda-accounts \
    --package lambda-migrate
# What was just built is what is measured.
export SYNAPSCRIBE_PROGRAMS=built
# Started directly: 'cargo run' would select one package, and build the dependencies again with that one's features.
exec "$TARGET/release/synapscribe-bench" "$@"
