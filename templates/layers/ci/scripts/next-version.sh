#!/usr/bin/env bash
# The version of the commit at hand: its own tag, else what VERSION says while that is free, else
# the next free patch of it.
set -euo pipefail
cd "$(dirname "$0")/.."

tagged=$(git tag --points-at HEAD --list 'v[0-9]*' | head -n 1)
if [ -n "$tagged" ]; then
  echo "${tagged#v}"
  exit 0
fi
version=$(tr -d '[:space:]' <VERSION)
if ! printf '%s' "$version" | grep --quiet --extended-regexp '^[0-9]+\.[0-9]+\.[0-9]+$'; then
  echo "The file VERSION must hold a version like 2.7.0, and holds \"$version\"." >&2
  exit 1
fi
if [ -z "$(git tag --list "v$version")" ]; then
  echo "$version"
  exit 0
fi
last=$(git tag --list "v${version%.*}.*" | sed 's/.*\.//' | grep --extended-regexp '^[0-9]+$' | sort --numeric-sort | tail -n 1)
echo "${version%.*}.$((last + 1))"
