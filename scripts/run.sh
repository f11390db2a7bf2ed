#!/usr/bin/env bash
# The first of the two commands: install what is missing, build, and show the voice loop on the sample lecture.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/setup.sh run
scripts/model.sh
find_cargo
scripts/page.sh build --if-possible

say "building (the first time takes a while; artefacts go to $TARGET)"
# Selected from the whole workspace, so that the tests find the same dependencies built with the same features.
cargo build --locked --workspace --bin synapscribe --bin synapscribe-agentcore

say "starting the demonstration"
exec "$TARGET/debug/synapscribe" demo "$@"
