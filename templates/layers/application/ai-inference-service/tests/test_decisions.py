# SPDX-License-Identifier: Apache-2.0
"""What is decided without a server."""

import asyncio
import json
import logging
from pathlib import Path

import numpy as np
import pytest
from make_model import make

from service.__main__ import main
from service.batching import Batcher, InferenceFailed
from service.model import Model, ModelUnusable, choose_providers
from service.settings import InvalidSettings, read_settings
from service.telemetry import JsonLines

CUDA, TENSORRT, CPU = "CUDAExecutionProvider", "TensorrtExecutionProvider", "CPUExecutionProvider"


@pytest.mark.parametrize(
    ("device", "available", "chosen"),
    [
        ("auto", [CPU], [CPU]),
        ("auto", [CPU, CUDA], [CUDA, CPU]),
        ("auto", [CUDA, CPU, TENSORRT], [TENSORRT, CUDA, CPU]),
        ("gpu", [CUDA, CPU], [CUDA, CPU]),
        ("cpu", [TENSORRT, CUDA, CPU], [CPU]),
    ],
)
def test_chooses_what_runs_the_model(device: str, available: list[str], chosen: list[str]) -> None:
    assert choose_providers(device, available) == chosen


def test_a_gpu_that_is_asked_for_must_be_there(model_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="INFERENCE_DEVICE is gpu"):
        Model(model_path, "gpu", 1)


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(ModelUnusable, match=r"model\.onnx cannot be used"):
        Model(path, "cpu", 1)


def test_the_same_script_makes_the_same_model(model_path: Path, tmp_path: Path) -> None:
    make(tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == model_path.read_bytes()


def test_names_every_setting_that_is_wrong() -> None:
    wrong = {"PORT": "80000", "LOG_LEVEL": "loud", "MAXIMUM_BATCH": "-1", "INFERENCE_THREADS": "²"}
    with pytest.raises(InvalidSettings) as caught:
        read_settings(wrong)
    assert all(f"{name} must be" in str(caught.value) for name in wrong)


def test_the_process_says_by_its_code_why_it_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODEL_PATH", str(tmp_path / "none"))
    assert main() == 1
    monkeypatch.setenv("PORT", "none")
    assert main() == 2


def test_a_failing_model_fails_its_callers_and_nobody_else() -> None:
    def run(windows: np.ndarray) -> np.ndarray:
        if windows[0, 0] < 0:
            raise ValueError("out of memory")
        return windows[:, 0]

    async def story() -> None:
        batcher = Batcher(run, 2, 100, 0, lambda _: None)
        serving = asyncio.create_task(batcher.serve())
        with pytest.raises(InferenceFailed, match="out of memory"):
            await batcher.infer(np.array([[-1.0]]))
        # One that gives up takes nothing from the others.
        abandoned = asyncio.create_task(batcher.infer(np.array([[1.0]])))
        await asyncio.sleep(0)
        abandoned.cancel()
        answers = await asyncio.gather(*(batcher.infer(np.full((2, 1), float(value))) for value in range(5)))
        assert [answer.tolist() for answer in answers] == [[float(value)] * 2 for value in range(5)]
        serving.cancel()

    asyncio.run(story())


def test_errors_are_lines_as_well() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), (ValueError, error, None))
    line = JsonLines("bearings").format(record)
    assert "\n" not in line
    assert "two\nlines" in json.loads(line)["error"]
