#!/usr/bin/env bash
# Puts load on what start-image.sh has started; reports/ holds the summary.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p reports && chmod 777 reports
docker run --rm --network host --volume "$PWD:/work" --workdir /work grafana/k6:1.3.0 \
  run --env DURATION=30s load/k6.js
