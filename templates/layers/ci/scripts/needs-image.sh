#!/usr/bin/env bash
# Says yes when something that goes into the image changed since BASE (default: the commit before).
# Documents and manifests alone make no new image.
set -euo pipefail
cd "$(dirname "$0")/.."

base=${BASE:-HEAD~1}
if ! git rev-parse --quiet --verify "$base^{commit}" >/dev/null; then
  echo yes
  exit 0
fi
changes=$(git diff --name-only "$base" -- . ':!docs' ':!deploy' ':!load' ':!*.md' ':!catalog-info.yaml' ':!mkdocs.yml')
if [ -n "$changes" ]; then echo yes; else echo no; fi
