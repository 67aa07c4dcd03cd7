#!/usr/bin/env bash
# `make test-aws`: runs tests/aws/ against moto, an AWS emulator from the Python registry, in a
# virtual environment outside the repository. Nothing reaches AWS: the credentials are made up.
# Terraform, or OpenTofu with TERRAFORM=tofu, runs with an AWS provider of this machine or by download;
# without one, its tests say so and are skipped. RECORD_PLANS=1 writes plans to tests/fixtures/plans/.
set -euo pipefail
. scripts/cli/python-environment.sh

folder="${TMPDIR:-/tmp}/bitnet-lambda-moto"
python_environment "$folder" 'moto[server]==5.2.5'

port=$(free_port)
# Where moto's interpreter of state machines looks for AWS: a test listens there.
MOTO_PORT=$(free_port)
export MOTO_PORT
"$folder/bin/moto_server" -H 127.0.0.1 -p "$port" >"$folder/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT

export AWS_ENDPOINT_URL="http://127.0.0.1:$port"
export AWS_ACCESS_KEY_ID=emulated AWS_SECRET_ACCESS_KEY=emulated AWS_EC2_METADATA_DISABLED=true
export AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_REGION
node_modules/.bin/jest --selectProjects aws --testTimeout 600000 --runInBand
