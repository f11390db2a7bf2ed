#!/usr/bin/env bash
# The web page: `page.sh build`, `page.sh check` (types, layers), `page.sh test` (units, then stories in a real browser).
# `page.sh build --if-possible` says why and goes on without a page where Node is missing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

NODE_WANTED=20.19.0

node_is_missing() {
    command -v node >/dev/null && command -v npm >/dev/null || { echo "Node is not installed"; return; }
    local found
    found=$(node --version | tr -d v)
    [ "$(printf '%s\n%s\n' "$NODE_WANTED" "$found" | sort -V | head -n1)" = "$NODE_WANTED" ] || echo "Node is $found"
}

why=$(node_is_missing)
if [ -n "$why" ]; then
    [ "${2:-}" = --if-possible ] || fail "$why: the web page needs Node $NODE_WANTED or newer, from https://nodejs.org or your distribution"
    note "$why: the web page is not built, and everything else works (Node $NODE_WANTED or newer builds it)"
    exit 0
fi

cd ui
# With nothing changed this takes no time.
if ! cmp -s package-lock.json node_modules/.installed; then
    say "installing the page's packages"
    npm ci --no-audit --no-fund --silent || fail "the page's packages could not be installed from the package registry; check the network and run this again"
    cp package-lock.json node_modules/.installed
fi

case "${1:-build}" in
build)
    say "building the web page"
    npm run --silent build -- --logLevel warn
    ;;
check)
    npm run --silent check
    ;;
test)
    npm run --silent build -- --logLevel warn
    npm run --silent size
    npm run --silent test
    export CARGO_TARGET_DIR="$TARGET"
    npm run --silent e2e
    ;;
*) fail "page.sh knows build, check and test, not '$1'" ;;
esac
