#!/bin/sh
# The gate: the engine just built must say what the golden model says, to the letter, as llama-cli
# and as llama-server. Upstream has shipped engines that compile, run, and talk fluent nonsense.
# Usage: gate.sh BIN GATE RUNNER   (RUNNER: an emulator when the engine is for another processor)
set -eu

bin=$1 gate=$2 runner=$3
for program in llama-cli llama-server; do
  printf '#!/bin/sh\nexec %s %s/%s "$@"\n' "$runner" "$bin" "$program" >"/tmp/$program"
  chmod 0755 "/tmp/$program"
done
node "$gate/test-engine.mjs" --engine /tmp/llama-cli --server /tmp/llama-server \
  --model "$gate/golden.gguf" --expectations "$gate/expectations.json" >&2
