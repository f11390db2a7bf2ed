# Sourced by every script: where things are, and how to speak. It sets variables and functions, and does nothing else.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/synapscribe"
# Cargo reads this variable itself; a script needs to know where it leads even when it is not set.
TARGET="${CARGO_TARGET_DIR:-$ROOT/target}"
# The host looks here by itself; the variable is the one that it reads too.
MODEL_DIR="${SYNAPSCRIBE_MINILM:-$CACHE/models/all-MiniLM-L6-v2}"
VENV="${SYNAPSCRIBE_TEST_VENV:-$CACHE/test-venv}"

say() { printf '==> %s\n' "$*"; }
note() { printf '    note: %s\n' "$*"; }
fail() {
    printf '\nerror: %s\n' "$*" >&2
    exit 1
}

# Under sudo the person's own toolchain is used; what is downloaded and built then belongs to root.
find_cargo() {
    local home
    PATH="$PATH:$HOME/.cargo/bin"
    if ! command -v cargo >/dev/null && [ -n "${SUDO_USER:-}" ]; then
        home=$(getent passwd "$SUDO_USER" | cut -d: -f6)
        PATH="$PATH:$home/.cargo/bin"
        export RUSTUP_HOME="${RUSTUP_HOME:-$home/.rustup}"
    fi
    export PATH
    command -v cargo >/dev/null || fail "Rust is not installed: install it from https://rustup.rs or your distribution, then run this again"
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(cargo --version | cut -d' ' -f2) || fail "cargo does not start; run 'cargo --version' to see why"
    [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n1)" = "$wanted" ] ||
        fail "Rust $wanted or newer is needed and this is $found: run 'rustup update stable', then try again"
}

# What is built is fetched first, so that a registry that cannot be reached is told as such and not as a failed build.
fetch_crates() {
    cargo fetch --locked --quiet --target "$(rustc --version --verbose | sed -n 's/^host: //p')" ||
        fail "the crates that SynapScribe is built from could not be fetched; check the network, then run this again"
}

# What whoever starts programs of tests needs: the stock clients, the embedding model where it can be had, and the crates.
for_tests() {
    scripts/setup.sh test
    scripts/model.sh
    find_cargo
    export SYNAPSCRIBE_TEST_VENV="$VENV"
    if [ -e "$MODEL_DIR/model.safetensors" ]; then
        export SYNAPSCRIBE_MINILM_DIR="$MODEL_DIR"
    else
        note "no embedding model: what compares meanings is passed over"
    fi
    fetch_crates
}

# The programs of a deployment's functions.
functions() { sed -n 's/^name = "\(lambda-[a-z-]*\)"$/\1/p' lambdas/*/Cargo.toml | sort -u; }

# The newest version of the C library that a program needs, whatever machine it was built for; nothing where it cannot be looked
# into. A symbol that may be missing is asked for when the program runs.
glibc_of() {
    readelf --dyn-syms --wide "$1" | grep -v ' WEAK ' | grep -oE 'GLIBC_[0-9.]+' | cut -d_ -f2 | sort -V | tail -n1
}

# `tool NAME VERSION [OPTION…]`: a cargo command, built once without optimisation beside the other artefacts and found there
# by later runs.
tool() {
    local name="$1" version="$2" TOOLS="$TARGET/tools"
    shift 2
    PATH="$TOOLS/bin:$PATH"
    "$name" --version 2>/dev/null | grep -qwF "$version" && return
    say "building $name $version (once, about a minute)"
    CARGO_TARGET_DIR="$TOOLS/build" CARGO_PROFILE_DEV_DEBUG=false \
        cargo install --quiet --debug --locked --force --root "$TOOLS" "$name" --version "$version" "$@" ||
        fail "$name $version could not be built from the crate registry; check the network and run this again"
    rm -rf "$TOOLS/build"
}
