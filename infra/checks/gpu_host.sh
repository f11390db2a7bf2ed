#!/usr/bin/env bash
# Installs the GPU host into a throw-away folder, twice, and looks at what came of it: nothing changes the second time, what an operator
# wrote stays, what does not run is started, the units are sound, and AgentCore may do next to nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../gpu-host"

# As systemd counts: 0 is shut, 10 is open.
declare -A EXPOSED=([agentcore]=3.0 [model]=3.0 [speech]=6.0)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
package="$work/package" root="$work/root"
fail() {
    printf '\nerror: %s\n' "$*" >&2
    exit 1
}

cp -r . "$package"
install -m 0755 /dev/null "$package/synapscribe-agentcore"
install -D -m 0640 /dev/stdin "$root/etc/synapscribe/deployment.env" <<'SETTINGS'
SYNAPSCRIBE_AGENT_LISTEN=0.0.0.0:5000
SYNAPSCRIBE_HOST_LOG_GROUP=/synapscribe-dev/gpu-host
SYNAPSCRIBE_TABLES=synapscribe-dev
SETTINGS
# The agent of CloudWatch, as far as it is asked here.
install -D -m 0755 /dev/stdin "$root/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl" <<'SCRIPT'
#!/bin/sh
echo "$*" >>"$(dirname "$0")/../../../../../asked-agent"
SCRIPT
again() { sed -n 's/^==> to be started again: //p' "$work/said"; }
installed() { DESTDIR="$root" "$package/install.sh" >"$work/said" || fail "the installation failed: $(cat "$work/said")"; }
state() { (cd "$root" && find . -type f -printf '%p %m ' -exec sha256sum {} \; | sort); }

installed
[ "$(again)" = "model speech agentcore" ] || fail "not everything is started: $(again)"
state >"$work/first"
installed
diff "$work/first" <(state) || fail "a second installation changed something"
[ -z "$(again)" ] || fail "a second installation starts again what has not changed: $(again)"
[ "$(cat "$root/etc/synapscribe/watch/agentcore")" = http://127.0.0.1:5000/health ] || fail "AgentCore is watched at another address than its own"
agent="$root/etc/synapscribe/cloudwatch-agent.json"
[ "$(sort -u "$work/asked-agent")" = "-a fetch-config -m ec2 -s -c file:$agent" ] || fail "the agent of the log is not told its settings: $(cat "$work/asked-agent")"
python3 -m json.tool "$agent" >/dev/null || fail "the agent of the log cannot read its settings"
grep -q '"/synapscribe-dev/gpu-host"' "$agent" || fail "the log goes nowhere"
[ "$(grep -c '"deployment": "synapscribe-dev"' "$agent")" = 3 ] || fail "the machine's metrics belong to no deployment"

# An operator changes one setting, and a new release changes two.
echo 'SYNAPSCRIBE_LOG=debug' >>"$root/etc/synapscribe/agentcore.env"
echo '# newer' >>"$package/settings/agentcore.env"
echo '# newer' >>"$package/settings/model.yaml"
installed
[ "$(again)" = "model agentcore" ] || fail "what changed is not what is started again: $(again)"
grep -q '^SYNAPSCRIBE_LOG=debug$' "$root/etc/synapscribe/agentcore.env" || fail "what an operator wrote was lost"
grep -q '# newer' "$root/etc/synapscribe/agentcore.env.new" || fail "what is new is nowhere to be seen"
grep -q '# newer' "$root/etc/synapscribe/model.yaml" || fail "a setting that nobody touched was not renewed"

# The end of an installation, with the services of this machine played: a file for each that has its state. What failed is started by
# nobody before that is forgotten.
mkdir -p "$work/playing"
cat >"$work/playing/systemctl" <<'SCRIPT'
#!/bin/sh
verb="$1"
for unit in "$@"; do
    state=$(cat "$UNITS/$unit" 2>/dev/null) || continue
    case "$verb $state" in
    "reset-failed failed") echo inactive >"$UNITS/$unit" ;;
    "start inactive" | "restart inactive" | "restart active") echo started >"$UNITS/$unit" ;;
    "start failed" | "restart failed") exit 1 ;;
    esac
done
SCRIPT
chmod +x "$work/playing/systemctl"
sed -n '/^say "starting"$/,$p' install.sh >"$work/starting"
timers=$(printf 'synapscribe-watch@%s.timer ' model speech agentcore)
# The states of model, speech and AgentCore before, what has changed, and the states after.
starts() {
    local units="$work/units" unit name before=($1)
    rm -rf "$units" && mkdir "$units"
    for unit in synapscribe.target $timers; do echo active >"$units/$unit"; done
    echo failed >"$units/synapscribe-watch@model.timer"
    for name in model speech agentcore; do echo "${before[0]}" >"$units/synapscribe-$name" && before=("${before[@]:1}"); done
    UNITS="$units" PATH="$work/playing:$PATH" bash -euo pipefail -c \
        'say() { :; }; started() { :; }; read -ra changed <<<"$2"; source "$1"' - "$work/starting" "$2" || fail "nothing is started: $1"
    [ "$(cat "$units/synapscribe-watch@model.timer")" = started ] || fail "a watch that failed is not started"
    (cd "$units" && cat synapscribe-model synapscribe-speech synapscribe-agentcore | xargs)
}
[ "$(starts "active active active" "")" = "active active active" ] || fail "what runs is started again for no reason"
[ "$(starts "failed inactive active" "")" = "started started active" ] || fail "what failed or does not run is not started"
[ "$(starts "failed active active" "model speech")" = "started started active" ] || fail "what failed and has changed is not started"

# The units, among those of the system.
mkdir -p "$root/lib" "$root/opt/synapscribe/model/bin" "$root/usr/bin"
cp -r /lib/systemd "$root/lib/systemd"
for program in opt/synapscribe/model/bin/vllm usr/bin/docker usr/bin/sh; do install -m 0755 /bin/true "$root/$program"; done
printf '[Service]\nExecStart=/usr/bin/docker\n' >"$root/etc/systemd/system/docker.service"
for unit in units/*; do
    name=$(basename "$unit")
    name=${name/@./@model.}
    said=$(systemd-analyze verify --root="$root" --man=no --recursive-errors=no "$name" 2>&1 | grep -F synapscribe || true)
    [ -z "$said" ] || fail "systemd does not like $name: $said"
done
for name in "${!EXPOSED[@]}"; do
    limit=${EXPOSED[$name]}
    said=$(systemd-analyze security --offline=true --threshold="$(awk -v limit="$limit" 'BEGIN { print limit * 10 }')" \
        "units/synapscribe-$name.service" 2>/dev/null) || fail "synapscribe-$name is more exposed than $limit: $(tail -n1 <<<"$said")"
    printf '    %-24s %s\n' "synapscribe-$name" "$(tail -n1 <<<"$said" | grep -oE '[0-9.]+ [A-Z]+')"
done

# The container runs with what the machine runs with, and is built from what a checkout is built from.
mapfile -t listed < <(awk '/apt-get install/ { getline; sub(/ && .*/, ""); print }' Containerfile)
[ "${#listed[@]}" = 2 ] || fail "the packages of the container are not read as they are written"
machine=$(sed -n 's/^ *packages=(\(.*\))$/\1/p' install.sh)
checkout=$(sed -n '/^RUN_PACKAGES=(/,/)$/p' ../../scripts/setup.sh | sed 's/^RUN_PACKAGES=(//; s/)$//' | xargs)
among() { [[ " $2 " == *" $1 "* ]]; }
for package in ${listed[1]}; do
    among "$package" "$machine ca-certificates" || fail "the container runs with $package, which install.sh does not install"
done
for package in $machine; do
    case "$package" in
    lib* | pocketsphinx*) among "$package" "${listed[1]}" || fail "the container lacks $package, with which the machine runs" ;;
    esac
done
for package in ${listed[0]}; do
    among "$package" "$checkout" || fail "the container is built with $package, which scripts/setup.sh does not install"
done
for package in $checkout; do
    case "$package" in
    # What the image has, what is needed later, and what the app alone is built with.
    build-essential | pocketsphinx-en-us | libasound2-dev | libwebkit2gtk-*) ;;
    *) among "$package" "${listed[0]}" || fail "the container is built without $package" ;;
    esac
done
grep -q "^FROM rust:$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' ../../Cargo.toml)-" Containerfile || fail "the container is built by another Rust than the checkout"

# The watch starts what is deaf again, and leaves alone what answers or is not meant to run.
mkdir -p "$work/bin"
cat >"$work/bin/systemctl" <<'SCRIPT'
#!/bin/sh
case "$1" in is-active) echo "$STATE" ;; *) echo "$*" >>"$ASKED" ;; esac
SCRIPT
cat >"$work/bin/curl" <<'SCRIPT'
#!/bin/sh
exit "$ANSWER"
SCRIPT
printf '#!/bin/sh\n' >"$work/bin/sleep"
chmod +x "$work"/bin/*
sed "s|/etc/synapscribe|$root/etc/synapscribe|" watch >"$work/watch"
watched() { : >"$work/asked" && STATE="$1" ANSWER="$2" ASKED="$work/asked" PATH="$work/bin:$PATH" sh "$work/watch" model >/dev/null && cat "$work/asked"; }
[ "$(watched active 1)" = "restart --no-block synapscribe-model.service" ] || fail "a deaf server is not started again"
[ -z "$(watched active 0)$(watched activating 1)$(watched inactive 1)" ] || fail "a server is started again for no reason"
