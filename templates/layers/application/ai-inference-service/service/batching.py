# SPDX-License-Identifier: Apache-2.0
"""Runs requests that come together in one go, within bounds.

A batch begins when the first request comes in and runs when it is full or the wait is over. What would have to wait behind
too many others is refused at once: the caller may ask another device, and memory stays bounded.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


class Overloaded(Exception):
    """Too many windows wait already."""


class InferenceFailed(Exception):
    """The function did not answer."""


@dataclass(frozen=True)
class _Waiting:
    windows: np.ndarray
    answer: asyncio.Future[np.ndarray]


class Batcher:
    """Collects windows for one function that runs on many at once. Belongs to one event loop."""

    def __init__(
        self,
        run: Callable[[np.ndarray], np.ndarray],
        maximum_batch: int,
        maximum_waiting: int,
        wait_seconds: float,
        observe: Callable[[int], None],
    ) -> None:
        self._run = run
        self._maximum_batch = maximum_batch
        self._maximum_waiting = maximum_waiting
        self._wait_seconds = wait_seconds
        self._observe = observe
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._waiting = 0
        self._left: _Waiting | None = None

    def waiting(self) -> int:
        """Windows that wait or run."""
        return self._waiting

    async def infer(self, windows: np.ndarray) -> np.ndarray:
        """The answers to the windows, at most a batch of them; raises Overloaded or InferenceFailed."""
        if self._waiting + len(windows) > self._maximum_waiting:
            raise Overloaded
        request = _Waiting(windows, asyncio.get_running_loop().create_future())
        self._waiting += len(windows)
        self._queue.put_nowait(request)
        return await request.answer

    async def serve(self) -> None:
        """Runs batches until it is cancelled."""
        while True:
            batch = await self._collect()
            # Callers that gave up in the meantime cost nothing more.
            wanted = [request for request in batch if not request.answer.done()]
            try:
                if wanted:
                    await self._answer(wanted)
            finally:
                self._waiting -= sum(len(request.windows) for request in batch)

    async def _answer(self, batch: list[_Waiting]) -> None:
        windows = np.concatenate([request.windows for request in batch])
        self._observe(len(windows))
        try:
            answers = await asyncio.to_thread(self._run, windows)
        except Exception as error:
            for request in batch:
                if not request.answer.done():
                    request.answer.set_exception(InferenceFailed(str(error)))
            return
        at = 0
        for request in batch:
            if not request.answer.done():
                request.answer.set_result(answers[at : at + len(request.windows)])
            at += len(request.windows)

    async def _collect(self) -> list[_Waiting]:
        first = self._left or await self._queue.get()
        self._left = None
        batch, size = [first], len(first.windows)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._wait_seconds
        while size < self._maximum_batch:
            try:
                async with asyncio.timeout_at(deadline):
                    request = await self._queue.get()
            except TimeoutError:
                return batch
            if size + len(request.windows) > self._maximum_batch:
                self._left = request
                return batch
            batch.append(request)
            size += len(request.windows)
        return batch
