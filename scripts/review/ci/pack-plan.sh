#!/usr/bin/env bash
# Packs the saved plans, the synthesized stacks and the review into plan.tar, and prints the artifact
# name that `fetch-plan.sh` looks for. The git tree in it is the same before and after any kind of merge.
# Usage: pack-plan.sh REVIEW.md
set -euo pipefail
tar --create --file plan.tar --exclude .terraform "$1" cdktf.out
echo "name=plan-$(git rev-parse 'HEAD^{tree}')"
