#!/usr/bin/env bash
# Everything that can be said about the code without running it. `check.sh fix` mends what can be mended first.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/setup.sh run
find_cargo

if [ "${1:-}" = fix ]; then
    cargo fmt --all
    cargo fmt --manifest-path fuzz/Cargo.toml
fi

say "format"
{ cargo fmt --all --check && cargo fmt --manifest-path fuzz/Cargo.toml --check; } || fail "the code is not formatted: run 'make fix'"
# A workspace of its own, which no other step here looks at.
say "the fuzzer's lock file"
cargo metadata --quiet --locked --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null ||
    fail "fuzz/Cargo.lock is behind the manifests: run 'cargo metadata --manifest-path fuzz/Cargo.toml >/dev/null', and commit it"
say "the fuzz targets"
CARGO_TARGET_DIR="$TARGET/fuzz-check" cargo check --quiet --locked --manifest-path fuzz/Cargo.toml
say "shell scripts"
for script in scripts/*.sh .ci/run infra/checks/*.sh infra/gpu-host/{install.sh,answers,watch}; do bash -n "$script"; done

say "the question set of the evaluation"
python3 eval/check.py >/dev/null || fail "the question set has faults: run 'python3 eval/check.py'"

scripts/infra.sh check

say "the web page: types and layers"
scripts/page.sh check

say "lints"
cargo clippy --quiet --locked --workspace --all-targets -- -D warnings

say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --workspace --no-deps

say "unused dependencies"
tool cargo-machete 0.9.2
cargo-machete --skip-target-dir . || fail "the dependencies above are declared and not used: remove them from their Cargo.toml"

say "licences, banned crates and sources"
tool cargo-deny 0.20.2 --no-default-features
cargo-deny --locked --log-level warn check licenses bans sources
# Advisories live in a database that is fetched from elsewhere. One that is already here is used; none is fetched.
if [ -n "$(ls -A "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs" 2>/dev/null)" ]; then
    say "advisories"
    cargo-deny --locked --offline check --disable-fetch advisories
else
    note "advisories were not checked: there is no advisory database on this machine ('cargo deny fetch db' gets one)"
fi

say "dependency direction"
cargo test --quiet --locked --workspace --test architecture
