#!/usr/bin/env bash
# Downloads the plan that was reviewed for the current git tree as plan.tar, and prints the id of the
# run that made it and its SHA-256. With both given, fails unless that run's plan is the same file.
# Needs gh and GH_TOKEN. Usage: fetch-plan.sh [RUN SHA256]
set -euo pipefail
run=${1:-}
expected=${2:-}
name="plan-$(git rev-parse 'HEAD^{tree}')"

stop() {
  echo "::error::$1" >&2
  exit 1
}

if [ -z "$run" ]; then
  # Ignores artifacts of forks: their pull requests can upload any name.
  own='[.artifacts[] | select(.expired == false) | .workflow_run
    | select(.head_repository_id == .repository_id) | .id][0] // empty'
  run=$(gh api "repos/$GITHUB_REPOSITORY/actions/artifacts?name=$name&per_page=100" --jq "$own")
  [ -n "$run" ] || stop "no plan was made of this tree of files: bring the pull request up to date with main before it is merged, or run \`make deploy\` by hand"
fi

made_by=$(gh api "repos/$GITHUB_REPOSITORY/actions/runs/$run" --jq '"\(.path) \(.event) \(.conclusion)"')
[ "$made_by" = ".github/workflows/plan.yml pull_request success" ] \
  || stop "run $run is not a plan that passed its review: $made_by"

rm -f plan.tar
gh run download "$run" --repo "$GITHUB_REPOSITORY" --name "$name" >&2
sha256=$(sha256sum plan.tar | cut -d ' ' -f 1)
[ -z "$expected" ] || [ "$sha256" = "$expected" ] \
  || stop "the plan has changed since it was approved: $expected, now $sha256"
echo "run_id=$run"
echo "sha256=$sha256"
