#!/usr/bin/env bash
# Builds every function as AWS takes it: a zip file with `bootstrap` at its root and the checksum beside it, one folder for each
# architecture below the build artefacts. `lambdas.sh [arm64|x86_64 …]`; without a name, whatever this machine can build for. What did
# not change is not packed again.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
find_cargo
# Where there are other packages, whoever builds has installed their counterparts. Compilers, Python and libopus may be there without the
# packages that are asked for, and are looked for below.
if command -v dpkg-query >/dev/null; then
    scripts/setup.sh lambdas || note "not all packages are installed; what is there has to do"
fi
command -v python3 >/dev/null || fail "python3 is not installed; it packs what was built"

# What AWS's image provided.al2023 has: nothing may be linked that is not there, nor a newer C library.
LIBRARIES='ld-linux-aarch64.so.1 ld-linux-x86-64.so.2 libc.so.6 libdl.so.2 libgcc_s.so.1 libm.so.6 libpthread.so.0'
GLIBC=2.34
LARGEST=$((12 * 1000 * 1000))

host=$(rustc -vV | sed -n 's/^host: //p')
mapfile -t names < <(functions)

# What Rust, GCC and Debian call an architecture of AWS.
triple() { echo "${1/arm64/aarch64}-unknown-linux-gnu"; }
gnu() { echo "${1/arm64/aarch64}-linux-gnu"; }
debian() { echo "${1/x86_64/amd64}"; }

# Why this machine cannot build for an architecture, or nothing.
obstacle() {
    local triple gnu debian folder
    triple=$(triple "$1") gnu=$(gnu "$1") debian=$(debian "$1")
    if [ "$triple" = "$host" ]; then
        folder=$(pkg-config --variable=libdir opus 2>/dev/null || true)
        [ -e "$folder/libopus.a" ] || echo "there is no libopus.a to be built in; Debian has it in libopus-dev"
    elif ! [ -d "$(rustc --print sysroot)/lib/rustlib/$triple/lib" ]; then
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

# Since version 2.35 of the C library, what is built with it asks for another hypot than AWS has. The one of AWS is there as well: an
# object leads to it, and is linked in.
older() {
    local arch="$1" compiler="$2" object="$3" version=GLIBC_2.2.5
    [ "$arch" != arm64 ] || version=GLIBC_2.17
    "$compiler" -O2 -fPIC -fno-builtin -x c -c -o "$object" - <<C
double older_hypot(double, double);
float older_hypotf(float, float);
__asm__(".symver older_hypot, hypot@$version");
__asm__(".symver older_hypotf, hypotf@$version");
__attribute__((visibility("hidden"))) double hypot(double x, double y) { return older_hypot(x, y); }
__attribute__((visibility("hidden"))) float hypotf(float x, float y) { return older_hypotf(x, y); }
C
}

# Whether an archive was made of a program as it is now, by this script, and is whole. A program's time says nothing: cargo puts back
# what it built once with the time of then.
is_packed() {
    local program="$1" archive="$2"
    [ "$archive" -nt "$ROOT/scripts/lambdas.sh" ] &&
        (cd "$(dirname "$archive")" && sha256sum --status --check "$(basename "$archive").sha256" 2>/dev/null) &&
        python3 - "$program" "$archive" 2>/dev/null <<'PYTHON'
import sys, zipfile
program, archive = sys.argv[1:]
with zipfile.ZipFile(archive) as packed, open(program, "rb") as content:
    sys.exit(packed.read("bootstrap") != content.read())
PYTHON
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

# A panic ends the process, so nobody unwinds, and the tables for it (a fifteenth of what is packed) are left out: those of the standard
# library and of C as well, which only the linker can.
unwinds_nothing() {
    cat >"$1" <<'LINKER'
SECTIONS { /DISCARD/ : { *(.eh_frame) } } INSERT AFTER .text;
LINKER
}

# What it tells compilers is for one architecture, so each is built in a shell of its own.
build() (
    arch="$1" triple=$(triple "$1") gnu=$(gnu "$1") compiler=cc packages=()
    folder="$TARGET/lambdas/$arch" object="$TARGET/$triple/older.o" layout="$TARGET/$triple/layout.ld"
    for name in "${names[@]}"; do packages+=(--package "$name" --bin "$name"); done
    fetch_crates
    say "building ${#names[@]} functions for $arch (the first time takes twenty minutes on two cores)"
    if [ "$triple" != "$host" ]; then
        compiler="$gnu-gcc"
        export "CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$triple")_LINKER=$compiler" "CC_${triple//-/_}=$compiler"
        export PKG_CONFIG_ALLOW_CROSS=1 PKG_CONFIG_LIBDIR="/usr/lib/$gnu/pkgconfig"
    fi
    mkdir -p "$folder" "$TARGET/$triple"
    older "$arch" "$compiler" "$object"
    unwinds_nothing "$layout"
    printf -v CARGO_ENCODED_RUSTFLAGS '%s\x1f' -Cforce-unwind-tables=no "-Clink-arg=$object" \
        "-Clink-arg=-Wl,--no-eh-frame-hdr,-T,$layout"
    export SYNAPSCRIBE_STATIC_OPUS=1 CARGO_ENCODED_RUSTFLAGS+=-Clink-arg=-lm
    cargo build --quiet --locked --profile lambda --target "$triple" "${packages[@]}"
    # Nothing stays of a function that there is no more.
    for path in "$folder"/*; do
        name=${path##*/}
        [[ " ${names[*]} " == *" ${name%%.*} "* ]] || rm -rf "$path"
    done
    for name in "${names[@]}"; do
        program="$TARGET/$triple/lambda/$name" archive="$folder/$name.zip" as="as it was"
        if ! is_packed "$program" "$archive"; then
            # What is refused must not be taken for what was built.
            rm -f "$archive" "$archive.sha256"
            wrong=$(foreign "$program")
            [ -z "$wrong" ] || fail "$name $wrong"
            pack "$program" "$archive"
            as=packed
        fi
        size=$(stat -c %s "$archive")
        if [ "$size" -gt "$LARGEST" ]; then
            rm -f "$archive" "$archive.sha256"
            fail "$name.zip is $size bytes, more than $LARGEST: a function that large starts late"
        fi
        [ "$as" != packed ] || (cd "$folder" && sha256sum "$name.zip" >"$name.zip.sha256")
        printf '    %-28s %6s MB of %s  %s…  %s\n' \
            "$name.zip" "$(megabytes "$size")" "$(megabytes "$LARGEST")" "$(cut -c1-12 "$archive.sha256")" "$as"
    done
    say "they are in $folder"
)

# With a point, whatever numbers look like here.
megabytes() { LC_ALL=C awk -v bytes="$1" 'BEGIN { printf "%.2f", bytes / 1e6 }'; }

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
