# SPDX-License-Identifier: Apache-2.0
"""The configuration, read from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEVICES = ("auto", "cpu", "gpu")
LEVELS = ("debug", "info", "warning", "error")


class InvalidSettings(Exception):
    """Names every variable that is wrong, and what it must be."""


@dataclass(frozen=True)
class Settings:
    """Where the model is, what runs it, and the bounds of what it is asked."""

    service_name: str
    log_level: str
    port: int
    model: Path
    # auto takes a GPU where there is one; gpu refuses to start without.
    device: str
    threads: int
    maximum_body_bytes: int
    # Windows that run at once, and windows that may wait for that.
    maximum_batch: int
    maximum_waiting: int
    batch_wait_milliseconds: int
    request_timeout_seconds: int
    grace_seconds: int


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings of the environment; raises InvalidSettings with all that is wrong."""
    problems: list[str] = []

    def number(name: str, fallback: int, least: int, most: int) -> int:
        text = environment.get(name) or str(fallback)
        if text.isascii() and text.isdecimal() and least <= int(text) <= most:
            return int(text)
        problems.append(f"{name} must be a whole number from {least} to {most}")
        return fallback

    def choice(name: str, allowed: tuple[str, ...], fallback: str) -> str:
        value = environment.get(name) or fallback
        if value not in allowed:
            problems.append(f"{name} must be one of {', '.join(allowed)}")
        return value

    settings = Settings(
        service_name=environment.get("SERVICE_NAME") or "ai-inference-service",
        log_level=choice("LOG_LEVEL", LEVELS, "info"),
        port=number("PORT", 8080, 0, 65535),
        model=Path(environment.get("MODEL_PATH") or Path(__file__).with_name("model.onnx")),
        device=choice("INFERENCE_DEVICE", DEVICES, "auto"),
        threads=number("INFERENCE_THREADS", 1, 1, 64),
        maximum_body_bytes=number("MAXIMUM_BODY_BYTES", 256 << 10, 1, 64 << 20),
        maximum_batch=number("MAXIMUM_BATCH", 64, 1, 4096),
        maximum_waiting=number("MAXIMUM_WAITING", 512, 1, 65536),
        batch_wait_milliseconds=number("BATCH_WAIT_MILLISECONDS", 2, 0, 1000),
        request_timeout_seconds=number("REQUEST_TIMEOUT_SECONDS", 5, 1, 300),
        grace_seconds=number("SHUTDOWN_GRACE_SECONDS", 10, 0, 300),
    )
    if problems:
        raise InvalidSettings("; ".join(problems))
    return settings
