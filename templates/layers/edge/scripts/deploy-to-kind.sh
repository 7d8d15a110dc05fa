#!/usr/bin/env bash
# Builds the image, and runs it in a Kind cluster of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

name=${{ values.name }}
namespace=${{ values.system }}

if ! kind get clusters | grep --quiet --line-regexp "$name"; then
  kind create cluster --config kind.yaml
fi
docker build --tag "$name:local" .
kind load docker-image "$name:local" --name "$name"
kubectl --context "kind-$name" apply --kustomize deploy/overlays/local
kubectl --context "kind-$name" --namespace "$namespace" rollout restart "deployment/$name"
kubectl --context "kind-$name" --namespace "$namespace" rollout status "deployment/$name" --timeout 3m
