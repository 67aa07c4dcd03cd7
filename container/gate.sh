#!/bin/sh
# The gate: judges the engine just built, as llama-cli and as llama-server, by the golden model's
# answers, stop strings and grammars; fails on any difference. Upstream has shipped engines that
# compile, run, and answer wrongly.
# Usage: gate.sh BIN GATE RUNNER   (RUNNER: an emulator when the engine is for another processor)
set -eu

bin=$1 gate=$2 runner=$3
for program in llama-cli llama-server; do
  # The runtime hands its own variables to no engine: the emulator's processor is named here.
  printf '#!/bin/sh\nQEMU_CPU=max exec %s %s/%s "$@"\n' "$runner" "$bin" "$program" >"/tmp/$program"
  chmod 0755 "/tmp/$program"
done
node "$gate/test-engine.mjs" --engine /tmp/llama-cli --server /tmp/llama-server \
  --model "$gate/golden.gguf" --expectations "$gate/expectations.json" \
  --only golden,stops,grammars --stops 50 >&2
