#!/bin/bash
# Compiles the engine: llama-cli, llama-server and llama-quantize, stripped, in the folder OUT.
# Usage: compile-engine.sh SOURCE OUT ARCH [PROGRAM…]   (ARCH: x86_64 or arm64)
# Set by the caller: CC and CXX (clang), JOBS. Same source, same compiler: same bytes, wherever.
# Quiet on success; on failure the end of the log, and its path.
set -euo pipefail

source=$(cd "$1" && pwd) arch=$3
mkdir -p "$2" && out=$(cd "$2" && pwd)
shift 3
programs=("$@") && [ $# -gt 0 ] || programs=(llama-cli llama-server llama-quantize)
: "${CC:=clang}" "${CXX:=clang++}" "${JOBS:=2}"

# The processor features are fixed here, never taken from the machine that compiles.
# x86_64: every Lambda host has AVX2; without it the ternary kernels are compiled empty and the
# answers are wrong. arm64: Graviton2 has dot products, which this cmake does not ask for itself;
# fp16 sums are left out until their effect on the answers is measured.
case $arch in
  x86_64) machine=x86_64 flags="" options=(-DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_AVX512=OFF) ;;
  arm64) machine=aarch64 flags="-march=armv8.2-a+dotprod" options=() ;;
  *) echo "compile-engine.sh: no such architecture: $arch" >&2 && exit 2 ;;
esac

# Paths and dates stay out of the programs; Git's answers too (build-info asks it).
export GIT_DIR=/nonexistent SOURCE_DATE_EPOCH=0 LC_ALL=C TZ=UTC
build=$(mktemp -d) log=$out/compile.log
trap 'rm -rf "$build"' EXIT
flags="$flags -ffile-prefix-map=$source=engine -ffile-prefix-map=$build=build"
link=""
if [ "$(uname -s)" = Linux ]; then
  link="-static -Wl,--build-id=none" # GGML_STATIC=ON alone does not make static programs
fi
strip=strip
if [ "$(uname -s)" = Linux ] && [ "$(uname -m)" != "$machine" ]; then # another processor than this
  flags="--target=$machine-linux-gnu $flags" link="--target=$machine-linux-gnu $link" strip=$machine-linux-gnu-strip
  options+=(-DCMAKE_SYSTEM_NAME=Linux "-DCMAKE_SYSTEM_PROCESSOR=$machine")
fi

compile() {
  cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" \
    -DCMAKE_EXE_LINKER_FLAGS="$link" -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF \
    -DGGML_METAL=OFF -DGGML_BLAS=OFF -DGGML_ACCELERATE=OFF \
    -DBITNET_X86_TL2=OFF -DBITNET_ARM_TL1=OFF "${options[@]+"${options[@]}"}" &&
    cmake --build "$build" --parallel "$JOBS" --target "${programs[@]}"
}
if ! compile >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  echo "compile-engine.sh: the engine could not be compiled; the whole log: $log" >&2
  exit 1
fi
for program in "${programs[@]}"; do
  "$strip" -o "$out/$program" "$build/bin/$program"
done
