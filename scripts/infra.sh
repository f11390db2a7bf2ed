#!/usr/bin/env bash
# The deployment on AWS: `infra.sh check` looks at the templates and needs no account. What acts on one of the deployments in
# infra/samconfig.toml is `synapscribe ops deploy`, which is started here with the tools that it needs, and which asks here for what
# has to be built. `infra.sh help` lists what there is.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

INFRA_VENV="$VENV-infra"
# Of Ubuntu 24.04, which the GPU host's image is.
HOST_GLIBC=2.39
export SAM_CLI_TELEMETRY=0

check() {
    scripts/setup.sh infra
    say "the templates: cfn-lint"
    "$INFRA_VENV/bin/cfn-lint" infra/template.yaml infra/stacks/*.yaml
    say "the templates: sam validate --lint"
    local template
    for template in $(grep -lE '^Transform:' infra/template.yaml infra/stacks/*.yaml); do
        "$INFRA_VENV/bin/sam" validate --lint --region eu-central-1 --template-file "$template" >/dev/null
    done
    say "the policy of the templates, and whether it sees what it should"
    "$INFRA_VENV/bin/python" infra/checks/policy.py || fail "the templates above do not keep to the policy in infra/checks"
    "$INFRA_VENV/bin/python" infra/checks/test_policy.py 2>&1 | tail -n1 | grep -qx OK || fail "the policy overlooks something: run infra/checks/test_policy.py"
    "$INFRA_VENV/bin/python" infra/checks/test_people.py 2>&1 | tail -n1 | grep -qx OK || fail "people with accounts reach or show something else: run infra/checks/test_people.py"
    python3 infra/checks/test_cloudflare.py 2>&1 | tail -n1 | grep -qx OK || fail "records at Cloudflare are not kept: run infra/checks/test_cloudflare.py"
    say "the GPU host: units, install script"
    infra/checks/gpu_host.sh
}

# The functions and the authorities of RDS, where the templates look for them.
gather() {
    local arch="$1" region="$2" built="$TARGET/lambdas/$1" name
    for name in $(grep -ohE 'build/lambda-[a-z-]+\.zip' infra/stacks/compute.yaml | cut -d/ -f2); do
        [ -e "$built/$name" ] || fail "$name was not built for $arch: run 'scripts/lambdas.sh $arch'"
    done
    (cd "$built" && sha256sum --quiet --check ./*.sha256) || fail "the functions in $built are not what was built: run 'scripts/lambdas.sh $arch'"
    rm -rf infra/build
    mkdir infra/build
    cp "$built"/*.zip infra/build/
    say "fetching the authorities of RDS in $region"
    curl --silent --show-error --fail --output infra/build/rds.pem "https://truststore.pki.rds.amazonaws.com/$region/$region-bundle.pem" ||
        fail "the certificates of RDS could not be fetched; check the network and run this again"
    (cd infra/build && python3 - <<'PYTHON'
import zipfile
with zipfile.ZipFile("certificates.zip", "w", zipfile.ZIP_DEFLATED) as packed:
    packed.writestr(zipfile.ZipInfo("rds.pem", (1980, 1, 1, 0, 0, 0)), open("rds.pem").read())
PYTHON
    )
}

# `synapscribe ops deploy` owns the steps and their order; these are its tools.
deploy() {
    local deployment="${1:-}"
    grep -q "^\[$deployment\.deploy\.parameters\]" infra/samconfig.toml || fail "infra/samconfig.toml knows dev and prod, not '$deployment'"
    if ! command -v sam >/dev/null; then
        scripts/setup.sh infra
        PATH="$PATH:$INFRA_VENV/bin"
    fi
    find_cargo
    say "building synapscribe (the first time takes minutes)"
    cargo build --quiet --locked --bin synapscribe
    exec "$TARGET/debug/synapscribe" ops deploy "$@"
}

# One archive with everything a GPU host runs that is ours, and its checksum.
bundle() {
    local folder needed
    folder=$(mktemp -d)
    trap "rm -rf '$folder'" EXIT
    find_cargo
    [ "$(rustc -vV | sed -n 's/^host: //p')" = x86_64-unknown-linux-gnu ] ||
        fail "the GPU host is an x86_64 machine with Linux, and AgentCore is built on such a one: run this there, and 'synapscribe ops deploy' with --only host"
    say "building AgentCore (the first time takes ten minutes)"
    cargo build --quiet --locked --release --bin synapscribe-agentcore
    needed=$(glibc_of "$TARGET/release/synapscribe-agentcore" || true)
    [ "$(printf '%s\n%s\n' "$HOST_GLIBC" "$needed" | sort -V | tail -n1)" = "$HOST_GLIBC" ] ||
        fail "AgentCore needs version $needed of the C library, and the GPU host has $HOST_GLIBC: build it on an older distribution"
    mkdir -p "$folder/gpu-host" infra/build
    cp -r infra/gpu-host/{answers,watch,install.sh,settings,units} "$folder/gpu-host/"
    strip --output-file "$folder/gpu-host/synapscribe-agentcore" "$TARGET/release/synapscribe-agentcore"
    [ ! -e infra/build/rds.pem ] || cp infra/build/rds.pem "$folder/gpu-host/"
    (cd "$folder" && tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cz -f gpu-host.tar.gz gpu-host && sha256sum gpu-host.tar.gz >gpu-host.tar.gz.sha256)
    mv "$folder"/gpu-host.tar.gz "$folder"/gpu-host.tar.gz.sha256 infra/build/
    say "infra/build/gpu-host.tar.gz: $(du -h infra/build/gpu-host.tar.gz | cut -f1)"
}

case "${1:-help}" in
check | bundle) "$1" ;;
deploy) "$@" ;;
page | host) deploy "${2:-}" --only "$1" "${@:3}" ;;
gather) gather "$2" "$3" ;;
help)
    echo "  infra.sh check              lint the templates, hold them to the policy, try the GPU host's installation"
    echo "  infra.sh deploy dev|prod    everything: synapscribe ops deploy, with the options that it has"
    echo "  infra.sh page dev|prod      the web page alone"
    echo "  infra.sh host dev|prod      what the GPU host runs alone"
    echo "  infra.sh bundle             build what a GPU host runs, as one archive"
    ;;
*) fail "infra.sh knows check, deploy, page, host and bundle, not '$1'" ;;
esac
