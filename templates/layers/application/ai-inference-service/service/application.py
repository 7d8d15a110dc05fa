# SPDX-License-Identifier: Apache-2.0
"""The HTTP side.

POST /v1/predictions  {"windows": [[64 numbers], …]} → {"model": …, "predictions": [{"faultProbability", "isFault"}, …]}
GET  /v1/model        what the model is and takes
GET  /livez           the process answers
GET  /healthz         the model infers its example as it should
GET  /metrics         for Prometheus

Errors are {"error": sentence}: 400 for windows that are not such, 413 for too much, 429 when too many wait, 503 when the
model does not infer, 504 when it takes too long.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import numpy as np
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.batching import Batcher, InferenceFailed, Overloaded
from service.model import Model
from service.settings import Settings
from service.telemetry import Measured, Metrics

FAULT_FROM = 0.5
log = logging.getLogger(__name__)


class Refused(Exception):
    """The request cannot be taken as it is."""

    def __init__(self, status: int, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.reason = reason


async def read_body(request: Request, most: int) -> bytes:
    """The body, of which no more than allowed is ever in memory."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Refused(413, "too-large", f"The body may have {most} bytes.")
    return bytes(body)


def read_windows(body: bytes, samples: int, most: int) -> np.ndarray:
    """The windows in the body; raises Refused for everything else."""
    invalid = Refused(400, "invalid", f'Send {{"windows": [[{samples} finite numbers], …]}} with 1 to {most} windows.')
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise invalid from None
    windows = document.get("windows") if isinstance(document, dict) else None
    if not isinstance(windows, list) or not windows:
        raise invalid
    if len(windows) > most:
        raise Refused(413, "too-large", f"At most {most} windows at once.")
    for window in windows:
        if not isinstance(window, list) or len(window) != samples:
            raise invalid
        if not all(type(value) in (int, float) and abs(value) < 1e30 for value in window):
            raise invalid
    return np.asarray(windows, dtype=np.float32)


def create_application(settings: Settings, model: Model, metrics: Metrics) -> Starlette:
    """The application over a loaded model."""
    batcher = Batcher(
        model.run,
        settings.maximum_batch,
        settings.maximum_waiting,
        settings.batch_wait_milliseconds / 1000,
        metrics.batch.observe,
    )
    metrics.waiting.set_function(batcher.waiting)
    metrics.model.labels(model.name, model.version, model.provider).set(1)
    about = {"name": model.name, "version": model.version}

    async def predict(request: Request) -> Response:
        body = await read_body(request, settings.maximum_body_bytes)
        windows = read_windows(body, model.samples, settings.maximum_batch)
        try:
            async with asyncio.timeout(settings.request_timeout_seconds):
                probabilities = await batcher.infer(windows)
        except Overloaded:
            raise Refused(429, "overloaded", "Too many windows wait already; ask again soon.") from None
        except TimeoutError:
            raise Refused(504, "timeout", "The model took too long.") from None
        predictions = [
            {"faultProbability": round(float(value), 6), "isFault": bool(value >= FAULT_FROM)} for value in probabilities
        ]
        for prediction in predictions:
            metrics.predictions.labels("fault" if prediction["isFault"] else "healthy").inc()
        return JSONResponse({"model": about, "predictions": predictions})

    async def describe(_: Request) -> Response:
        return JSONResponse({**about, "provider": model.provider, "samples": model.samples, "maximumWindows": settings.maximum_batch})

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def healthy(_: Request) -> Response:
        if await asyncio.to_thread(model.is_right):
            return JSONResponse({"status": "healthy", "model": about})
        return JSONResponse({"error": "The model does not infer its example as it should."}, 503)

    async def scrape(_: Request) -> Response:
        return Response(generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def refuse(_: Request, error: Exception) -> Response:
        if not isinstance(error, Refused):
            raise error
        metrics.refused.labels(error.reason).inc()
        headers = {"Retry-After": "1"} if error.status == 429 else {}
        return JSONResponse({"error": str(error)}, error.status, headers)

    async def gone(_: Request, __: Exception) -> Response:
        return Response(status_code=400)

    async def broken(_: Request, error: Exception) -> Response:
        log.error("The model does not infer: %s", error)
        return JSONResponse({"error": "The model could not infer."}, 503)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        serving = asyncio.create_task(batcher.serve())
        yield
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving

    return Starlette(
        routes=[
            Route("/v1/predictions", predict, methods=["POST"]),
            Route("/v1/model", describe),
            Route("/livez", live),
            Route("/healthz", healthy),
            Route("/metrics", scrape),
        ],
        middleware=[Middleware(Measured, metrics)],
        exception_handlers={Refused: refuse, ClientDisconnect: gone, InferenceFailed: broken},
        lifespan=lifespan,
    )
