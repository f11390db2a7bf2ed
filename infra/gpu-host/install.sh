#!/usr/bin/env bash
# Makes this machine a GPU host: users, programs, settings, units. It may be run again at any time; what an operator changed in
# /etc/synapscribe stays, and what is new lies beside it as NAME.new. With DESTDIR it fills a folder and touches nothing else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

ROOT="${DESTDIR:-}"
LIVE=$([ -z "$ROOT" ] && echo yes || echo no)
say() { printf '==> %s\n' "$*"; }
fail() {
    printf '\nerror: %s\n' "$*" >&2
    exit 1
}

[ "$LIVE" = no ] || [ "$(id -u)" = 0 ] || fail "only root can install services: run it with sudo"
[ -e synapscribe-agentcore ] || fail "synapscribe-agentcore does not lie beside this script: build the package with 'scripts/infra.sh bundle'"

# A setting that is the same, or that nobody has touched since it was installed, is renewed.
setting() {
    local from="settings/$1" to="$ROOT/etc/synapscribe/$1" was="$ROOT/usr/local/lib/synapscribe/settings/$1"
    if [ ! -e "$to" ] || cmp -s "$to" "$was"; then
        install -m 0640 "$from" "$to"
        rm -f "$to.new"
    elif ! cmp -s "$from" "$to" && ! cmp -s "$from" "$was"; then
        install -m 0640 "$from" "$to.new"
        say "$to was changed here and stays; what is new is in $to.new"
    fi
    install -D -m 0644 "$from" "$was"
}

if [ "$LIVE" = yes ]; then
    say "packages"
    export DEBIAN_FRONTEND=noninteractive
    packages=(curl build-essential python3-dev python3-venv flite libflite1 libpocketsphinx3 pocketsphinx-en-us libopus0 rsyslog logrotate)
    missing=()
    for package in "${packages[@]}"; do
        dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    # After its first start the system may be updating itself, for minutes.
    if [ "${#missing[@]}" -gt 0 ]; then
        for attempt in $(seq 60); do
            apt-get -qq update && break
            [ "$attempt" -lt 60 ] || fail "the lists of packages could not be fetched; check the network and run this again"
            sleep 10
        done
        apt-get -qq -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${missing[@]}"
    fi
    say "users"
    for user in synapscribe synapscribe-model; do
        getent passwd "$user" >/dev/null || useradd --system --user-group --no-create-home --home-dir "/var/lib/$user" --shell /usr/sbin/nologin "$user"
    done
    for group in video render; do
        ! getent group "$group" >/dev/null || usermod --append --groups "$group" synapscribe-model
    done
fi

say "programs"
install -D -m 0755 synapscribe-agentcore "$ROOT/usr/local/bin/synapscribe-agentcore"
install -D -m 0755 answers "$ROOT/usr/local/lib/synapscribe/answers"
install -D -m 0755 watch "$ROOT/usr/local/lib/synapscribe/watch"

say "settings"
install -d -m 0750 "$ROOT/etc/synapscribe"
install -d -m 0755 "$ROOT/etc/synapscribe/watch"
for name in model.yaml speech.env agentcore.env; do setting "$name"; done
# The deployment's own come from the launch of the machine; without them AgentCore serves a host's data folder.
[ -e "$ROOT/etc/synapscribe/deployment.env" ] || install -m 0640 /dev/null "$ROOT/etc/synapscribe/deployment.env"
[ ! -e rds.pem ] || install -m 0644 rds.pem "$ROOT/etc/synapscribe/rds.pem"
listen=$(sed -n 's/^SYNAPSCRIBE_AGENT_LISTEN=//p' "$ROOT/etc/synapscribe/deployment.env" "$ROOT/etc/synapscribe/agentcore.env" | tail -n1)
if [ -z "$listen" ]; then
    listen=127.0.0.1:5000
    echo "SYNAPSCRIBE_AGENT_LISTEN=$listen" >>"$ROOT/etc/synapscribe/deployment.env"
fi
echo "http://${listen/0.0.0.0/127.0.0.1}/health" >"$ROOT/etc/synapscribe/watch/agentcore"
echo http://127.0.0.1:8000/health >"$ROOT/etc/synapscribe/watch/model"
echo http://127.0.0.1:8001/health >"$ROOT/etc/synapscribe/watch/speech"

say "units and logs"
for unit in units/*; do install -D -m 0644 "$unit" "$ROOT/etc/systemd/system/$(basename "$unit")"; done
install -d -m 0750 "$ROOT/var/log/synapscribe"
install -D -m 0644 settings/rsyslog.conf "$ROOT/etc/rsyslog.d/30-synapscribe.conf"
install -D -m 0644 settings/logrotate.conf "$ROOT/etc/logrotate.d/synapscribe"
told() { sed -n "s/^$1=//p" "$ROOT/etc/synapscribe/deployment.env"; }
group=$(told SYNAPSCRIBE_HOST_LOG_GROUP)
if [ -n "$group" ]; then
    measuring="$ROOT/etc/synapscribe/cloudwatch-agent.json" control="$ROOT/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
    sed "s|@GROUP@|$group|; s|@DEPLOYMENT@|$(told SYNAPSCRIBE_TABLES)|" settings/cloudwatch-agent.json >"$measuring"
    if [ "$LIVE" = yes ] && [ ! -x "$control" ]; then
        say "the agent of CloudWatch"
        package=$(mktemp --suffix .deb)
        curl --silent --show-error --fail --output "$package" https://amazoncloudwatch-agent.s3.amazonaws.com/ubuntu/amd64/latest/amazon-cloudwatch-agent.deb &&
            dpkg --install "$package" >/dev/null || true
        rm -f "$package"
    fi
    # It takes the settings into its own folder, where whatever it did not put itself is removed.
    if ! [ -x "$control" ] || ! "$control" -a fetch-config -m ec2 -s -c "file:$measuring" >/dev/null; then
        say "the agent of CloudWatch does not run: logs and measurements stay on this machine, and its alarms are silent"
    fi
fi

# Of each service everything that it is made of, as it was when it was last started from here. A model takes minutes to load, so
# nothing is started again that has not changed.
state="$ROOT/usr/local/lib/synapscribe/started" etc="$ROOT/etc/synapscribe"
fingerprint() {
    case "$1" in
    model) set -- "$1" "$etc/model.yaml" "$etc/model.env" settings/requirements-model.txt ;;
    speech) set -- "$1" "$etc/speech.env" ;;
    agentcore) set -- "$1" "$etc/agentcore.env" "$etc/deployment.env" "$etc/rds.pem" synapscribe-agentcore ;;
    esac
    { cat "units/synapscribe-$1.service" && shift && { cat "$@" 2>/dev/null || true; }; } | sha256sum
}
changed=()
for name in model speech agentcore; do
    [ "$(fingerprint "$name")" = "$(cat "$state/$name" 2>/dev/null)" ] || changed+=("$name")
done
started() {
    install -d -m 0755 "$state"
    for name in "${changed[@]}"; do fingerprint "$name" >"$state/$name"; done
}
[ "${#changed[@]}" -eq 0 ] || say "to be started again: ${changed[*]}"

if [ "$LIVE" = no ]; then
    started
    exit
fi

chown -R root:synapscribe /etc/synapscribe
chgrp synapscribe-model /etc/synapscribe/model.yaml
chmod 0755 /etc/synapscribe
chown syslog:adm /var/log/synapscribe 2>/dev/null || true

wanted=$(sha256sum settings/requirements-model.txt | cut -d' ' -f1)
if [ "$(cat /opt/synapscribe/model/.requirements 2>/dev/null)" != "$wanted" ]; then
    say "the model server (the first time takes several minutes)"
    install -d -m 0755 /opt/synapscribe
    python3 -m venv --clear /opt/synapscribe/model
    /opt/synapscribe/model/bin/pip install --quiet --disable-pip-version-check -r settings/requirements-model.txt
    echo "$wanted" >/opt/synapscribe/model/.requirements
fi

say "starting"
systemctl restart rsyslog || true
systemctl daemon-reload
systemctl enable --quiet synapscribe.target synapscribe-model synapscribe-speech synapscribe-agentcore
# The model takes minutes to start; whoever installs need not wait, and `systemctl status synapscribe.target` tells.
names=(model speech agentcore)
services=("${names[@]/#/synapscribe-}") watches=("${names[@]/#/synapscribe-watch@}")
# What failed too often is started by nobody until that is forgotten, and a target that is up starts none of what belongs to it, so
# each is named: those that run are left alone.
systemctl reset-failed "${services[@]}" "${watches[@]/%/.timer}" 2>/dev/null || true
[ "${#changed[@]}" -eq 0 ] || systemctl restart --no-block "${changed[@]/#/synapscribe-}"
systemctl start --no-block synapscribe.target "${services[@]}" "${watches[@]/%/.timer}"
started
