#!/usr/bin/env bash
# Builds the image for the boards of the fleet, and runs it here under QEMU.
set -euo pipefail
cd "$(dirname "$0")/.."

image=${{ values.name }}:arm64
if ! docker run --rm --platform linux/arm64 busybox true >/dev/null 2>&1; then
  echo 'Installing QEMU for arm64 (binfmt), which needs a privileged container once.'
  docker run --rm --privileged tonistiigi/binfmt --install arm64
fi
docker buildx build --platform linux/arm64 --load --tag "$image" .
# As much as a Raspberry Pi gives a pod of this service.
exec docker run --rm --platform linux/arm64 --cpus 1 --memory 256m --read-only \
  --tmpfs /tmp --tmpfs /data:uid=65532 --env DATA_DIRECTORY=/data \
  --publish ${{ values.port }}:${{ values.port }} "$image"
