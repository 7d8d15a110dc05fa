#!/usr/bin/env bash
# Runs the tests; reports/ holds their results and the coverage, which must reach the gate.
set -euo pipefail
cd "$(dirname "$0")/.."

gate=${COVERAGE_GATE:-80}
mkdir -p reports

go tool gotestsum --junitfile reports/junit.xml --format testname -- \
  -coverpkg=./internal/... -coverprofile=reports/coverage.out ./...
go tool gocover-cobertura <reports/coverage.out >reports/cobertura.xml

covered=$(go tool cover -func=reports/coverage.out | awk '/^total:/ { sub("%", "", $NF); print $NF }')
echo "Coverage: $covered %, asked for are $gate %"
awk -v covered="$covered" -v gate="$gate" 'BEGIN { exit covered + 0 >= gate + 0 ? 0 : 1 }'
