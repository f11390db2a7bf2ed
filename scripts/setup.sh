#!/usr/bin/env bash
# Installs what is missing, and nothing else: `setup.sh run`, `setup.sh test`, `setup.sh bench`, `setup.sh embedding`, `setup.sh infra` or
# `setup.sh lambdas`.
# With nothing missing it takes well under a second and needs no network and no rights.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

RUN_PACKAGES=(build-essential cmake pkg-config flite1-dev libpocketsphinx-dev libsphinxbase-dev pocketsphinx-en-us libasound2-dev libopus-dev
    libwebkit2gtk-4.1-dev)
TEST_PACKAGES=(ffmpeg sox pulseaudio pulseaudio-utils libasound2-plugins python3 python3-venv
    flite pocketsphinx tesseract-ocr tesseract-ocr-eng curl tmux groff-base
    xvfb xauth dbus faketime gnome-keyring libsecret-tools webkit2gtk-driver imagemagick xdotool chromium)
BENCH_PACKAGES=(time python3-gi gir1.2-webkit2-4.1)
# What looks at units is systemd itself, which need not run.
INFRA_PACKAGES=(python3 python3-venv systemd curl)
# What functions are built from, and packed by.
LAMBDA_PACKAGES=(build-essential cmake pkg-config libopus-dev python3)

EMBEDDING_PACKAGES=(python3 python3-venv)

job="${1:-run}"
case "$job" in
run) packages=("${RUN_PACKAGES[@]}") ;;
test) packages=("${RUN_PACKAGES[@]}" "${TEST_PACKAGES[@]}") ;;
bench) packages=("${RUN_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${BENCH_PACKAGES[@]}") ;;
embedding) packages=("${EMBEDDING_PACKAGES[@]}") ;;
infra) packages=("${INFRA_PACKAGES[@]}") ;;
lambdas) packages=("${LAMBDA_PACKAGES[@]}") ;;
*) fail "setup.sh knows run, test, bench, embedding, infra and lambdas, not '$job'" ;;
esac

missing_packages() {
    # A package that dpkg has never heard of is an error to dpkg-query and simply missing to us.
    local installed
    installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
    printf '%s\n' "${packages[@]}" | grep -vxF -e "$installed" || true
}

install_packages() {
    local as_root=() log
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "these packages are missing and only root can install them: $* (there is no sudo here)"
        as_root=(sudo)
    fi
    say "installing $* (on a new machine some minutes, in which nothing more is said)"
    log=$(mktemp)
    # The environment is set behind sudo, which does not pass it on. The package lists are refreshed only when they turn out to be absent or stale.
    local get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    if ! "${get[@]}" install -y --no-install-recommends "$@" >"$log" 2>&1; then
        say "refreshing the package lists"
        "${get[@]}" update >>"$log" 2>&1 || true
        "${get[@]}" install -y --no-install-recommends "$@" >>"$log" 2>&1 || true
    fi
    mapfile -t packages < <(printf '%s\n' "$@")
    mapfile -t missing < <(missing_packages)
    if [ "${#missing[@]}" -gt 0 ]; then
        tail -n 5 "$log" >&2
        fail "apt-get could not install ${missing[*]}; its log is $log"
    fi
    rm -f "$log"
}

command -v dpkg-query >/dev/null || fail "this is not Debian or Ubuntu: install the counterparts of ${packages[*]}, then run cargo by hand (see README.md)"
# Functions have neither model nor page.
if [ "$job" != lambdas ]; then
    # Only the optional download of the embedding model needs pip.
    if [ ! -e "$MODEL_DIR/model.safetensors" ] && ! python3 -c 'import pip' 2>/dev/null; then
        packages+=(python3-pip)
    fi
    # The page is built with it; one that came with a newer Node than the distribution's is left alone.
    command -v npm >/dev/null || packages+=(npm)
fi
# A browser of one's own is named by CHROMIUM; Ubuntu's package has another name.
for at in "${!packages[@]}"; do
    [ "${packages[$at]}" = chromium ] || continue
    if [ -n "${CHROMIUM:-}" ]; then
        unset "packages[$at]"
    elif [ "$(. /etc/os-release && echo "${ID:-}")" = ubuntu ]; then
        packages[at]=chromium-browser
    fi
done
mapfile -t missing < <(missing_packages)
[ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"

find_cargo

# A virtual environment of stock clients, outside the checkout, made anew when its list of versions changes.
python_tools() {
    local venv="$1" wanted="$2" made="$1/.requirements"
    cmp -s "$wanted" "$made" && return
    say "installing $(sed -n 's/^\([a-z0-9-]*\)[^=]*==.*/\1/p' "$wanted" | paste -sd' ') into $venv"
    rm -rf "$venv"
    mkdir -p "$(dirname "$venv")"
    python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" ||
        fail "the Python tools in $wanted could not be installed from the package index; check the network and run this again"
    cp "$wanted" "$made"
}

case "$job" in
test) python_tools "$VENV" scripts/requirements-test.txt ;;
bench) python_tools "$VENV-bench" scripts/requirements-bench.txt ;;
embedding) python_tools "$VENV-embedding" scripts/requirements-embedding.txt ;;
infra) python_tools "$VENV-infra" scripts/requirements-infra.txt ;;
esac
