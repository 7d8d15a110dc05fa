#!/usr/bin/env bash
# Builds every folder that has a kustomization, as Flux would.
set -euo pipefail
cd "$(dirname "$0")/.."

find clusters infrastructure services -name kustomization.yaml -printf '%h\n' 2>/dev/null | sort | while read -r folder; do
  # A component is built with what includes it.
  grep --quiet '^kind: Component' "$folder/kustomization.yaml" && continue
  echo "$folder"
  kustomize build --load-restrictor LoadRestrictionsNone "$folder" >/dev/null
done
