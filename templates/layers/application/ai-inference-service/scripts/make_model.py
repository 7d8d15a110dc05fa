# SPDX-License-Identifier: Apache-2.0
"""Makes the model: a detector of bearing faults in windows of vibration, trained here on signals of its own.

python scripts/make_model.py service/model.onnx

The graph takes windows of 64 samples, finds three features of each (root mean square, crest factor, kurtosis) and
weighs them by a logistic regression. The same seed gives the same model. It carries an example with its answer, by which
a running service can tell whether it infers as it should. Replace this script by your own; keep input, output and example.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SAMPLES = 64
FEATURES = 3


def signals(count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of a turning shaft with noise; every other one with the short knocks of a damaged bearing."""
    time = np.arange(SAMPLES)
    phase = random.uniform(0, 2 * np.pi, (count, 1))
    shaft = random.uniform(0.5, 1.5, (count, 1)) * np.sin(2 * np.pi * time / 16 + phase)
    windows = shaft + random.normal(0, 0.2, (count, SAMPLES))
    faulty = np.arange(count) % 2 == 1
    for row in np.flatnonzero(faulty):
        knocks = random.integers(0, SAMPLES, 3)
        windows[row, knocks] += random.choice([-1, 1], 3) * random.uniform(4, 8, 3)
    return windows.astype(np.float32), faulty.astype(np.float64)


def features(windows: np.ndarray) -> np.ndarray:
    """What the graph computes as well."""
    centred = windows - windows.mean(axis=1, keepdims=True)
    square = (centred**2).mean(axis=1)
    root = np.sqrt(square + 1e-6)
    crest = np.abs(centred).max(axis=1) / root
    kurtosis = (centred**4).mean(axis=1) / (square + 1e-6) ** 2
    return np.stack([root, crest, kurtosis], axis=1)


def train(windows: np.ndarray, faulty: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and bias for features as they are, by gradient descent on standardised ones."""
    raw = features(windows)
    centre, spread = raw.mean(axis=0), raw.std(axis=0)
    standard = (raw - centre) / spread
    weights, bias = np.zeros(FEATURES), 0.0
    for _ in range(2000):
        error = 1 / (1 + np.exp(-(standard @ weights + bias))) - faulty
        weights -= 0.5 * (standard.T @ error / len(faulty) + 0.001 * weights)
        bias -= 0.5 * error.mean()
    return weights / spread, bias - float((weights * centre / spread).sum())


def graph(weights: np.ndarray, bias: float) -> onnx.GraphProto:
    """The features and the regression as ONNX operators."""

    def constant(name: str, value: object, kind: type = np.float32) -> onnx.TensorProto:
        return numpy_helper.from_array(np.asarray(value, dtype=kind), name)

    node = helper.make_node
    nodes = [
        node("ReduceMean", ["windows", "axis"], ["mean"], keepdims=1),
        node("Sub", ["windows", "mean"], ["centred"]),
        node("Mul", ["centred", "centred"], ["squares"]),
        node("ReduceMean", ["squares", "axis"], ["variance"], keepdims=1),
        node("Add", ["variance", "epsilon"], ["square"]),
        node("Sqrt", ["square"], ["root"]),
        node("Abs", ["centred"], ["magnitudes"]),
        node("ReduceMax", ["magnitudes", "axis"], ["peak"], keepdims=1),
        node("Div", ["peak", "root"], ["crest"]),
        node("Mul", ["squares", "squares"], ["fourths"]),
        node("ReduceMean", ["fourths", "axis"], ["fourth"], keepdims=1),
        node("Mul", ["square", "square"], ["squared"]),
        node("Div", ["fourth", "squared"], ["kurtosis"]),
        node("Concat", ["root", "crest", "kurtosis"], ["features"], axis=1),
        node("Gemm", ["features", "weights", "bias"], ["logit"]),
        node("Sigmoid", ["logit"], ["probability"]),
    ]
    return helper.make_graph(
        nodes,
        "bearing-faults",
        [helper.make_tensor_value_info("windows", TensorProto.FLOAT, ["batch", SAMPLES])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["batch", 1])],
        [
            constant("axis", [1], np.int64),
            constant("epsilon", 1e-6),
            constant("weights", weights.reshape(FEATURES, 1)),
            constant("bias", [bias]),
        ],
    )


def make(path: Path) -> None:
    random = np.random.default_rng(7)
    weights, bias = train(*signals(4000, random))
    model = helper.make_model(graph(weights, bias), opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 9
    onnx.checker.check_model(model, full_check=True)

    example, _ = signals(2, random)
    logits = features(example.astype(np.float64)) @ weights + bias
    answer = 1 / (1 + np.exp(-logits))
    helper.set_model_props(
        model,
        {
            "name": "bearing-faults",
            "example": json.dumps({"windows": example.tolist(), "probability": answer.tolist()}),
        },
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    make(Path(sys.argv[1] if len(sys.argv) > 1 else "service/model.onnx"))
