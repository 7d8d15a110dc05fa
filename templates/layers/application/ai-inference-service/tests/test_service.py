# SPDX-License-Identifier: Apache-2.0
"""The service over HTTP, with the real model."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from conftest import PATIENCE_SECONDS, Running
from make_model import signals

from service import healthcheck
from service.model import Model

Start = Callable[..., Running]


def metric(running: Running, name: str) -> float:
    """The value of one line of the metrics, 0 when it is not there."""
    for line in running.request("GET", "/metrics")[1].splitlines():
        if line.startswith(f"{name} "):
            return float(line.rsplit(" ", 1)[1])
    return 0


def test_tells_damaged_bearings_from_sound_ones(start: Start) -> None:
    running = start()
    windows, faulty = signals(400, np.random.default_rng(99))
    right = 0
    for at in range(0, 400, 50):
        status, answer = running.predict({"windows": windows[at : at + 50].tolist()})
        assert status == 200
        verdicts = [prediction["isFault"] for prediction in answer["predictions"]]
        right += sum(verdict == bool(truth) for verdict, truth in zip(verdicts, faulty[at : at + 50], strict=True))
        assert all(0 <= prediction["faultProbability"] <= 1 for prediction in answer["predictions"])
    assert right >= 380
    assert metric(running, 'inference_predictions_total{verdict="fault"}') > 150
    status, body, _ = running.request("GET", "/v1/model")
    assert (status, json.loads(body)["samples"], json.loads(body)["provider"]) == (200, 64, "CPUExecutionProvider")


def test_answers_each_caller_with_its_own_windows(start: Start, model_path: Path) -> None:
    running = start(BATCH_WAIT_MILLISECONDS="30", MAXIMUM_BATCH="16")
    windows, _ = signals(60, np.random.default_rng(5))
    expected = Model(model_path, "cpu", 1).run(windows)
    answers: dict[int, list[float]] = {}

    def ask(at: int) -> None:
        status, answer = running.predict({"windows": windows[at : at + 3].tolist()})
        assert status == 200
        answers[at] = [prediction["faultProbability"] for prediction in answer["predictions"]]

    callers = [threading.Thread(target=ask, args=(at,)) for at in range(0, 60, 3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    together = [value for at in sorted(answers) for value in answers[at]]
    assert np.allclose(together, expected, atol=1e-5)
    # Fewer runs than requests, none larger than allowed.
    assert metric(running, "inference_batch_windows_count") < 20
    assert metric(running, 'inference_batch_windows_bucket{le="16.0"}') == metric(running, "inference_batch_windows_count")


WINDOW = [0.0] * 64


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"windows": []}', 400),
        (json.dumps({"windows": WINDOW}).encode(), 400),
        (json.dumps({"windows": [WINDOW[1:]]}).encode(), 400),
        (json.dumps({"windows": [WINDOW, [*WINDOW, 1]]}).encode(), 400),
        (json.dumps({"windows": [["1", *WINDOW[1:]]]}).encode(), 400),
        (json.dumps({"windows": [[True, *WINDOW[1:]]]}).encode(), 400),
        (json.dumps({"windows": [[None, *WINDOW[1:]]]}).encode(), 400),
        (b'{"windows": [[NaN' + b",0" * 63 + b"]]}", 400),
        (b'{"windows": [[1e999' + b",0" * 63 + b"]]}", 400),
        (b'{"windows": [[1' + b"0" * 400 + b",0" * 63 + b"]]}", 400),
        (json.dumps({"windows": [WINDOW] * 65}).encode(), 413),
        (b'{"windows": [' + b" " * (300 << 10) + b"]}", 413),
    ],
)
def test_refuses_what_it_cannot_take(start: Start, body: bytes, status: int) -> None:
    running = start()
    got, answer, _ = running.request("POST", "/v1/predictions", body)
    assert got == status
    assert json.loads(answer)["error"]
    assert running.predict({"windows": [WINDOW]})[0] == 200


def test_refuses_at_once_what_would_wait_too_long(start: Start) -> None:
    # Batches wait for more, so a request still waits when the next one comes; on a slow machine not the first time.
    running = start(BATCH_WAIT_MILLISECONDS="1000", MAXIMUM_WAITING="4", MAXIMUM_BATCH="8")
    deadline = time.monotonic() + PATIENCE_SECONDS
    refused, headers = 0, {}
    while refused != 429 and time.monotonic() < deadline:
        first: list[int] = []
        caller = threading.Thread(target=lambda into=first: into.append(running.predict({"windows": [WINDOW] * 4})[0]))
        caller.start()
        while metric(running, "inference_waiting_windows") < 4 and not first:
            time.sleep(0.01)
        refused, _, headers = running.request("POST", "/v1/predictions", json.dumps({"windows": [WINDOW]}).encode())
        caller.join()
        assert first == [200]
    assert (refused, headers["retry-after"]) == (429, "1")
    assert metric(running, 'inference_refused_total{reason="overloaded"}') == 1


def test_its_health_is_that_of_the_model(start: Start, model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = start()
    assert running.request("GET", "/livez")[0] == 200
    assert running.request("GET", "/healthz")[0] == 200
    monkeypatch.setenv("PORT", str(running.port))
    assert healthcheck.main() == 0

    # The same model with weights that a bad disk or a bad build left: it loads, and infers nonsense.
    broken = onnx.load(model_path)
    weights = next(tensor for tensor in broken.graph.initializer if tensor.name == "weights")
    weights.CopyFrom(onnx.numpy_helper.from_array(np.full((3, 1), 9.0, dtype=np.float32), "weights"))
    onnx.save(broken, tmp_path / "broken.onnx")
    sick = start(MODEL_PATH=str(tmp_path / "broken.onnx"))
    assert sick.request("GET", "/livez")[0] == 200
    assert sick.request("GET", "/healthz")[0] == 503
    monkeypatch.setenv("PORT", str(sick.port))
    assert healthcheck.main() == 1
    monkeypatch.setenv("PORT", "1")
    assert healthcheck.main() == 1


def test_counts_what_it_answers(start: Start) -> None:
    running = start()
    assert running.request("GET", "/nothing")[0] == 404
    assert running.request("BREW", "/livez")[0] == 405
    assert metric(running, 'http_requests_total{method="GET",status="404"}') == 1
    assert metric(running, 'http_requests_total{method="other",status="405"}') == 1
    assert metric(running, "http_request_duration_seconds_count") > 0


def run_process(environment: dict[str, str]) -> subprocess.Popen[str]:
    """The service as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "service"],
        env={**os.environ, **environment},
        cwd=Path(__file__).parent.parent,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ends_in_order_and_logs_lines_of_json(model_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = run_process({"MODEL_PATH": str(model_path), "PORT": str(port), "SERVICE_NAME": "bearings"})
    running = Running(port, None)
    deadline = time.monotonic() + PATIENCE_SECONDS
    status = 0
    while status != 200 and time.monotonic() < deadline:
        try:
            status = running.predict({"windows": [WINDOW]})[0]
        except ConnectionError:
            time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=PATIENCE_SECONDS)
    lines = [json.loads(line) for line in log.splitlines()]
    assert status == 200
    assert process.returncode in (0, -signal.SIGTERM)
    assert {line["service"] for line in lines} == {"bearings"}
    assert any("runs on CPUExecutionProvider" in line["message"] for line in lines)


@pytest.mark.parametrize(
    ("environment", "code", "says"),
    [
        ({"PORT": "none", "INFERENCE_DEVICE": "quantum"}, 2, "INFERENCE_DEVICE must be one of auto, cpu, gpu"),
        ({"MODEL_PATH": "/does/not/exist"}, 1, "make_model.py"),
    ],
)
def test_says_why_it_does_not_start(environment: dict[str, str], code: int, says: str) -> None:
    process = run_process(environment)
    _, log = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == code
    assert says in log
