#!/usr/bin/env bash
# Makes the model and runs the tests; reports/ holds their results and the coverage, which must reach the gate.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-.venv/bin/python}
"$python" scripts/make_model.py service/model.onnx
"$python" -m pytest --junitxml=reports/junit.xml --cov=service --cov-report=term-missing \
  --cov-report=xml:reports/cobertura.xml --cov-fail-under="${COVERAGE_GATE:-80}"
