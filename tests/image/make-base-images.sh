#!/bin/bash
# Stand-ins for the base images, without a registry: Debian by debootstrap with the compiler in it,
# the same with this machine's Node.js where Lambda's image has it, and an empty one for arm64.
# Usage: make-base-images.sh FOLDER BUILD_IMAGE RUNTIME_IMAGE RUNTIME_IMAGE_ARM64 PACKAGE…
# What a former run left in FOLDER is used again.
set -euo pipefail

folder=$1 build_image=$2 runtime_image=$3 runtime_image_arm64=$4
shift 4
root=$folder/debian

install_debian() {
  rm -rf "$root.partial" "$root"
  debootstrap --variant=minbase bookworm "$root.partial"
  # This machine's package sources, so that its mirrors and proxies are used.
  rm -f "$root.partial/etc/apt/sources.list"
  cp -r /etc/apt/sources.list* /etc/apt/apt.conf.d "$root.partial/etc/apt/"
  cp /etc/resolv.conf "$root.partial/etc/resolv.conf"
  chroot "$root.partial" apt-get update
  DEBIAN_FRONTEND=noninteractive chroot "$root.partial" apt-get install --yes --no-install-recommends "$@"
  mv "$root.partial" "$root"
}

# Makes an image of a folder: commit FOLDER IMAGE ARCH
commit() {
  local container
  container=$(buildah from --arch "$3" scratch)
  buildah copy --quiet "$container" "$1" / >/dev/null
  buildah config --arch "$3" --env PATH=/var/lang/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  buildah commit --quiet --rm "$container" "$2" >/dev/null
}

exists() { buildah inspect --type image "$1" >/dev/null 2>&1; }

mkdir -p "$folder"
if [ ! -e "$root" ] || [ "$(cat "$folder/packages" 2>/dev/null)" != "$*" ]; then
  install_debian "$@" >"$folder/debian.log" 2>&1 || { tail -n 20 "$folder/debian.log" >&2; exit 1; }
  install "$(command -v node)" "$root/usr/local/bin/node" # the stand-in's programs run by it
  echo "$*" >"$folder/packages"
  buildah rmi "$build_image" "$runtime_image" >/dev/null 2>&1 || true
fi
exists "$build_image" || commit "$root" "$build_image" amd64
if ! exists "$runtime_image"; then
  runtime=$folder/runtime
  rm -rf "$runtime" && mkdir -p "$runtime/var/lang/bin" "$runtime/bin" "$runtime/tmp" "$runtime/var/task"
  chmod 1777 "$runtime/tmp"
  cp -L "$(command -v node)" "$runtime/var/lang/bin/node"
  # A shell, and the libraries that it and Node.js load.
  cp -L "$root/bin/sh" "$root/bin/chmod" "$runtime/bin/"
  ldd "$runtime/var/lang/bin/node" "$runtime/bin/chmod" | grep -oE '/[^ ]+\.so[^ ]*' | sort -u |
    while read -r library; do install -D "$library" "$runtime$library"; done
  commit "$runtime" "$runtime_image" amd64
fi
if ! exists "$runtime_image_arm64"; then
  mkdir -p "$folder/runtime-arm64/var/task" && commit "$folder/runtime-arm64" "$runtime_image_arm64" arm64
fi
