#!/usr/bin/env bash
# `make golden`: trains the golden model and writes its answers. Nothing else needs Python; its
# packages go to temp/.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v python3 >/dev/null || { echo "python3 is needed to train the golden model" >&2; exit 1; }
python3 -m venv temp/golden-venv
temp/golden-venv/bin/pip install --quiet --disable-pip-version-check -r model/golden/requirements.txt
for step in train evaluate prompts verify; do
  temp/golden-venv/bin/python model/golden/train.py "$step"
done
node_modules/.bin/tsx scripts/build/write-expectations.ts
