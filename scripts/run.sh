#!/usr/bin/env bash
# The first of the two commands: install what is missing, build, and show the voice loop on the sample lecture.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/setup.sh run
scripts/model.sh
find_cargo
scripts/page.sh build --if-possible
fetch_crates

say "building (the first time takes a while; artefacts go to $TARGET)"
# Selected from the whole workspace, so that the tests find most dependencies built with the same features.
cargo build --locked --workspace --bin synapscribe --bin synapscribe-agentcore --bin synapscribe-desktop

# Where there is a screen the app opens on it; elsewhere, or with arguments, the loop is shown in the terminal.
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ "$#" -eq 0 ]; then
    say "opening the app (run 'make run' without a display, or '$TARGET/debug/synapscribe demo', for the loop in the terminal)"
    exec "$TARGET/debug/synapscribe-desktop"
fi
say "starting the demonstration"
exec "$TARGET/debug/synapscribe" demo "$@"
