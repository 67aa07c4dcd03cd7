#!/usr/bin/env bash
# Comments a plan review on a pull request, or updates that comment. Needs gh and GH_TOKEN.
# Usage: comment-review.sh REVIEW.md PULL_REQUEST_NUMBER
set -euo pipefail
review=$1
comments="repos/$GITHUB_REPOSITORY/issues"

# The review's first line is an invisible marker.
marker=$(sed -n 1p "$review")
ours=".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$marker\"))) | .id"
ids=$(gh api --paginate "$comments/$2/comments" --jq "$ours")

if [ -n "$ids" ]; then
  gh api --silent --method PATCH "$comments/comments/${ids%%$'\n'*}" --field "body=@$review"
else
  gh api --silent --method POST "$comments/$2/comments" --field "body=@$review"
fi
