#!/usr/bin/env bash
# Gives every alert to promtool.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp --directory)
trap 'rm -r "$folder"' EXIT
for file in infrastructure/alerts/*.yaml; do
  [[ $file == */kustomization.yaml ]] && continue
  yq '.spec' "$file" >"$folder/$(basename "$file")"
done
promtool check rules --lint=all --lint-fatal "$folder"/*.yaml
