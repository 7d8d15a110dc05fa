#!/usr/bin/env bash
# Writes a release into an overlay of the fleet repository that is checked out in FLEET:
# promote.sh <stage> <version> <digest>. For fleets that no portal looks after; where one does, promote there.
set -euo pipefail

stage=$1 version=$2 digest=$3
: "${FLEET:?is the folder of the fleet repository}"
overlays=$FLEET/services/${{ values.name }}/overlays/$stage
found=no
while IFS= read -r file; do
  found=yes
  (cd "$(dirname "$file")" &&
    kustomize edit set image "${{ values.image }}=${{ values.image }}:$version@$digest")
done < <(find "$overlays" -name kustomization.yaml)
if [ "$found" = no ]; then
  echo "There is no overlay below $overlays." >&2
  exit 1
fi
git -C "$FLEET" --no-pager diff --stat
