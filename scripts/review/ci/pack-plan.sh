#!/usr/bin/env bash
# Packs the saved plans, what they were made of and their review into plan.tar, and prints the name
# under which `fetch-plan.sh` will look for it: that of the tree of files, the same before a merge
# and after it, however it is merged.
# Usage: pack-plan.sh REVIEW.md
set -euo pipefail
tar --create --file plan.tar --exclude .terraform "$1" cdktf.out
echo "name=plan-$(git rev-parse 'HEAD^{tree}')"
