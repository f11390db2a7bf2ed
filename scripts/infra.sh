#!/usr/bin/env bash
# The deployment on AWS: `infra.sh check` looks at the templates and needs no account; the rest acts on one of the deployments in
# infra/samconfig.toml with the credentials at hand. `infra.sh help` lists what there is.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

INFRA_VENV="$VENV-infra"
export SAM_CLI_TELEMETRY=0

# An output of a deployment's root stack.
output() {
    local found
    found=$(aws cloudformation describe-stacks --region "$region" --stack-name "synapscribe-$1" \
        --query "Stacks[0].Outputs[?OutputKey=='$2'].OutputValue" --output text) || fail "synapscribe-$1 is not deployed in $region, or these credentials may not see it"
    [ -n "$found" ] && [ "$found" != None ] || fail "synapscribe-$1 gives out no $2: deploy it first"
    echo "$found"
}

# A parameter of a deployment, or what it is when nobody says.
parameter() {
    local given
    given=$(sed -n "/^\[$1\.deploy\.parameters\]/,/^\[/s/^ *\"$2=\(.*\)\",\$/\1/p" infra/samconfig.toml)
    echo "${given:-$3}"
}

of_deployment() {
    deployment="${1:-}"
    grep -q "^\[$deployment\.deploy\.parameters\]" infra/samconfig.toml || fail "infra/samconfig.toml knows dev and prod, not '$deployment'"
    region=$(sed -n "/^\[$deployment\.deploy\.parameters\]/,/^\[/s/^region = \"\(.*\)\"/\1/p" infra/samconfig.toml)
    command -v aws >/dev/null || fail "the AWS command line is missing: install awscli and sign in to the account"
}

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
    python3 infra/checks/test_cloudflare.py 2>&1 | tail -n1 | grep -qx OK || fail "records at Cloudflare are not kept: run infra/checks/test_cloudflare.py"
    say "the GPU host: units, install script"
    infra/checks/gpu_host.sh
}

# The functions and the authorities of RDS, where the templates look for them.
gather() {
    local arch="$1" built="$TARGET/lambdas/$1" name
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

# Brings the database's schema up to date. Asked twice it does nothing more.
migrate() {
    local function="$1" answer
    answer=$(mktemp)
    say "bringing the database's schema up to date"
    aws lambda invoke --region "$region" --function-name "$function" --cli-read-timeout 320 --query FunctionError --output text "$answer" |
        grep -qx None || fail "the schema could not be brought up to date: $(cat "$answer")"
    printf '    %s\n' "$(cat "$answer")"
    rm -f "$answer"
}

deploy() {
    of_deployment "${1:-}"
    shift
    scripts/setup.sh infra
    gather "$(parameter "$deployment" Architecture arm64)"
    # Functions refuse a database that is older than they need, and serve on with one that is newer: the schema goes first.
    local function="synapscribe-$deployment-migrate"
    if aws lambda get-function --region "$region" --function-name "$function" >/dev/null 2>&1; then
        aws lambda update-function-code --region "$region" --function-name "$function" --zip-file fileb://infra/build/lambda-migrate.zip >/dev/null
        aws lambda wait function-updated-v2 --region "$region" --function-name "$function"
        migrate "$function"
    fi
    (cd infra && "$INFRA_VENV/bin/sam" deploy --config-env "$deployment" "$@")
    migrate "$(output "$deployment" MigrateFunction)"
    say "deployed: $(output "$deployment" PageUrl)"
}

page() {
    of_deployment "${1:-}"
    scripts/page.sh build
    local bucket distribution
    bucket=$(output "$deployment" PageBucket)
    distribution=$(output "$deployment" PageDistributionId)
    say "putting the page into $bucket"
    # What has a hash in its name never changes; the page itself is asked for every time. It comes last, when all it names is there.
    aws s3 sync --region "$region" ui/dist/assets "s3://$bucket/assets" --cache-control "public, max-age=31536000, immutable" --only-show-errors
    aws s3 sync --region "$region" ui/dist "s3://$bucket" --exclude "assets/*" --cache-control "no-cache" --delete --only-show-errors
    aws cloudfront create-invalidation --distribution-id "$distribution" --paths "/*" --query Invalidation.Status --output text
    say "it is served at $(output "$deployment" PageUrl)"
}

# One archive with everything a GPU host runs that is ours, and its checksum.
bundle() {
    local folder="$TARGET/gpu-host"
    find_cargo
    say "building AgentCore (the first time takes ten minutes)"
    cargo build --quiet --locked --release --bin synapscribe-agentcore
    rm -rf "$folder"
    mkdir -p "$folder/gpu-host"
    cp -r infra/gpu-host/{answers,watch,install.sh,settings,units} "$folder/gpu-host/"
    strip --output-file "$folder/gpu-host/synapscribe-agentcore" "$TARGET/release/synapscribe-agentcore"
    [ ! -e infra/build/rds.pem ] || cp infra/build/rds.pem "$folder/gpu-host/"
    (cd "$folder" && tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cz -f gpu-host.tar.gz gpu-host && sha256sum gpu-host.tar.gz >gpu-host.tar.gz.sha256)
    say "$folder/gpu-host.tar.gz: $(du -h "$folder/gpu-host.tar.gz" | cut -f1)"
}

host() {
    of_deployment "${1:-}"
    [ -e infra/build/rds.pem ] || fail "the authorities of RDS are missing: run 'scripts/infra.sh deploy $deployment' first"
    bundle
    local bucket file
    bucket=$(output "$deployment" ReleasesBucket)
    for file in gpu-host.tar.gz gpu-host.tar.gz.sha256; do
        aws s3 cp --region "$region" --only-show-errors "$TARGET/gpu-host/$file" "s3://$bucket/gpu-host/$file"
    done
    say "the next machine that starts fetches it; one that runs takes it with 'sudo synapscribe-update'"
}

case "${1:-help}" in
check) check ;;
deploy | page | host) "$@" ;;
bundle) bundle ;;
help)
    echo "  infra.sh check              lint the templates, hold them to the policy, try the GPU host's installation"
    echo "  infra.sh deploy dev|prod    package and deploy, then bring the database's schema up to date"
    echo "  infra.sh page dev|prod      build the web page and put it where the edge serves it from"
    echo "  infra.sh bundle             build what a GPU host runs, as one archive"
    echo "  infra.sh host dev|prod      the same, and put it where a GPU host fetches it"
    ;;
*) fail "infra.sh knows check, deploy, page, bundle and host, not '$1'" ;;
esac
