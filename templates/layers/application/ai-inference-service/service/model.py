# SPDX-License-Identifier: Apache-2.0
"""The model: loaded from a file, run by ONNX Runtime on a GPU or a CPU."""

import hashlib
import json
import logging
from pathlib import Path

import numpy as np
import onnxruntime

GPU_PROVIDERS = ("TensorrtExecutionProvider", "CUDAExecutionProvider")
CPU_PROVIDER = "CPUExecutionProvider"
TOLERANCE = 1e-3
log = logging.getLogger(__name__)


class ModelUnusable(Exception):
    """The model cannot be loaded, or not on the device that was asked for."""


def choose_providers(device: str, available: list[str]) -> list[str]:
    """What ONNX Runtime tries, in order. A GPU that was asked for and is not there is an error, never silently a CPU."""
    gpus = [provider for provider in GPU_PROVIDERS if provider in available]
    if device == "cpu":
        return [CPU_PROVIDER]
    if device == "gpu" and not gpus:
        raise ModelUnusable(f"INFERENCE_DEVICE is gpu, but ONNX Runtime here only has {', '.join(available)}")
    # Operators that a GPU lacks run on the CPU.
    return [*gpus, CPU_PROVIDER]


class Model:
    """A loaded model. Safe to run from several threads."""

    def __init__(self, path: Path, device: str, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Of several providers ONNX Runtime drops those that do not start, for example without a driver.
        providers = choose_providers(device, onnxruntime.get_available_providers())
        try:
            content = path.read_bytes()
            self._session = onnxruntime.InferenceSession(content, options, providers=providers)
            metadata = self._session.get_modelmeta().custom_metadata_map
            example = json.loads(metadata["example"])
            self._example = np.asarray(example["windows"], dtype=np.float32)
            self._answer = np.asarray(example["probability"], dtype=np.float32)
            self.name = metadata["name"]
            self.samples = int(self._session.get_inputs()[0].shape[1])
        except Exception as error:
            raise ModelUnusable(f"{path} cannot be used as a model: {error}; make it by scripts/make_model.py") from error
        self.version = hashlib.sha256(content).hexdigest()[:12]
        self.provider = self._session.get_providers()[0]
        if device == "gpu" and self.provider == CPU_PROVIDER:
            raise ModelUnusable("INFERENCE_DEVICE is gpu, but no GPU could be started")

    def run(self, windows: np.ndarray) -> np.ndarray:
        """The probability of a fault for each window of shape (count, samples)."""
        return self._session.run(["probability"], {"windows": windows})[0][:, 0]

    def is_right(self) -> bool:
        """Infers the example that the model carries, and compares with the answer beside it."""
        try:
            answer = self.run(self._example)
        except Exception as error:
            log.error("The model does not infer: %s", error)
            return False
        return bool(np.allclose(answer, self._answer, atol=TOLERANCE))
