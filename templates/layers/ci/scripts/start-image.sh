#!/usr/bin/env bash
# Starts an image as clusters do, with nothing writable but /tmp and /data, and waits until it says that it is
# healthy: start-image.sh <image> <platform>. It then answers on port 8080.
set -euo pipefail

image=$1 platform=$2
docker run --detach --name candidate --read-only --tmpfs /tmp --tmpfs /data:uid=65532 \
  --env DATA_DIRECTORY=/data --health-interval 2s --platform "$platform" \
  --publish 8080:${{ values.port }} "$image"
for _ in $(seq 60); do
  state=$(docker inspect --format '{{.State.Health.Status}}' candidate)
  [ "$state" = healthy ] && exit 0
  sleep 2
done
docker logs candidate
exit 1
