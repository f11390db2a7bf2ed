#!/usr/bin/env bash
# Builds every function as AWS takes it: a zip file with `bootstrap` at its root and the checksum beside it, one folder for each
# architecture below the build artefacts. `lambdas.sh [arm64|x86_64 …]`; without a name, whatever this machine can build for.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
find_cargo

# What AWS's image provided.al2023 has: nothing may be linked that is not there, nor a newer C library.
LIBRARIES='ld-linux-aarch64.so.1 ld-linux-x86-64.so.2 libc.so.6 libdl.so.2 libgcc_s.so.1 libm.so.6 libpthread.so.0'
GLIBC=2.34
LARGEST=$((12 * 1000 * 1000))

host=$(rustc -vV | sed -n 's/^host: //p')
mapfile -t names < <(sed -n 's/^name = "\(lambda-[a-z-]*\)"$/\1/p' lambdas/*/Cargo.toml | sort -u)

# What Rust, GCC and Debian call an architecture of AWS.
triple() { echo "${1/arm64/aarch64}-unknown-linux-gnu"; }
gnu() { echo "${1/arm64/aarch64}-linux-gnu"; }
debian() { echo "${1/x86_64/amd64}"; }

# Why this machine cannot build for an architecture, or nothing.
obstacle() {
    local triple gnu debian
    triple=$(triple "$1") gnu=$(gnu "$1") debian=$(debian "$1")
    [ "$triple" != "$host" ] || return 0
    if ! [ -d "$(rustc --print sysroot)/lib/rustlib/$triple/lib" ]; then
        echo "Rust cannot build for $triple: run 'rustup target add $triple'"
    elif ! command -v "$gnu-gcc" >/dev/null; then
        echo "there is no linker for $triple: run 'apt-get install gcc-${gnu/_/-}'"
    elif ! [ -e "/usr/lib/$gnu/libopus.a" ]; then
        echo "libopus is not there for $triple: run 'dpkg --add-architecture $debian && apt-get update && apt-get install libopus-dev:$debian'"
    fi
}

# What keeps a program from running on AWS, or nothing. `readelf` looks into programs of every architecture.
foreign() {
    local library newest
    for library in $(readelf --dynamic --wide "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
        [[ " $LIBRARIES " == *" $library "* ]] || echo "needs $library, which AWS does not have"
    done
    newest=$(glibc_of "$1")
    if [ -z "$newest" ]; then
        echo "cannot be looked into: is binutils installed?"
    elif [ "$(printf '%s\n%s\n' "$GLIBC" "$newest" | sort -V | tail -n1)" != "$GLIBC" ]; then
        echo "needs version $newest of the C library, and AWS has $GLIBC: build it on an older distribution"
    fi
}

# The same program makes the same file: no times, no owners, one order.
pack() {
    python3 - "$1" "$2" <<'PYTHON'
import sys, zipfile
program, archive = sys.argv[1:]
entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
entry.create_system, entry.external_attr, entry.compress_type = 3, 0o100755 << 16, zipfile.ZIP_DEFLATED
with zipfile.ZipFile(archive, "w") as packed, open(program, "rb") as content:
    packed.writestr(entry, content.read(), compresslevel=9)
PYTHON
}

# What it tells compilers is for one architecture, so each is built in a shell of its own.
build() (
    arch="$1" triple=$(triple "$1") gnu=$(gnu "$1") packages=()
    folder="$TARGET/lambdas/$arch"
    for name in "${names[@]}"; do packages+=(--package "$name" --bin "$name"); done
    say "building ${#names[@]} functions for $arch (the first time takes ten minutes)"
    if [ "$triple" != "$host" ]; then
        export "CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$triple")_LINKER=$gnu-gcc" "CC_${triple//-/_}=$gnu-gcc"
        export PKG_CONFIG_ALLOW_CROSS=1 PKG_CONFIG_LIBDIR="/usr/lib/$gnu/pkgconfig"
    fi
    export SYNAPSCRIBE_STATIC_OPUS=1
    cargo build --quiet --locked --profile lambda --target "$triple" "${packages[@]}"
    rm -rf "$folder"
    mkdir -p "$folder"
    for name in "${names[@]}"; do
        program="$TARGET/$triple/lambda/$name"
        wrong=$(foreign "$program")
        [ -z "$wrong" ] || fail "$name $wrong"
        pack "$program" "$folder/$name.zip"
        size=$(stat -c %s "$folder/$name.zip")
        [ "$size" -le "$LARGEST" ] || fail "$name.zip is $size bytes, more than $LARGEST: a function that large starts late"
        (cd "$folder" && sha256sum "$name.zip" >"$name.zip.sha256")
        printf '    %-28s %8.2f MB  %s\n' "$name.zip" "$(megabytes "$size")" "$(cut -c1-12 "$folder/$name.zip.sha256")…"
    done
    say "they are in $folder"
)

megabytes() { awk -v bytes="$1" 'BEGIN { printf "%.2f", bytes / 1e6 }'; }

if [ "$#" -gt 0 ]; then
    for arch in "$@"; do
        case "$arch" in arm64 | x86_64) ;; *) fail "AWS knows arm64 and x86_64, not '$arch'" ;; esac
        reason=$(obstacle "$arch")
        [ -z "$reason" ] || fail "$reason"
        build "$arch"
    done
    exit
fi
for arch in arm64 x86_64; do
    reason=$(obstacle "$arch")
    if [ -n "$reason" ]; then
        note "nothing for $arch: $reason"
        continue
    fi
    build "$arch"
    built=yes
done
[ -n "${built:-}" ] || fail "this machine builds for neither of AWS's architectures: see above, or use a Linux machine with the GNU C library"
