#!/usr/bin/env bash
# Makes the service in Kind answer on http://localhost:<port>.
set -euo pipefail

port=${1:-${{ values.port }}}
echo "http://localhost:$port"
exec kubectl --context kind-${{ values.name }} --namespace ${{ values.system }} \
  port-forward service/${{ values.name }} "$port:80"
