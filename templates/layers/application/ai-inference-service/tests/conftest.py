# SPDX-License-Identifier: Apache-2.0
"""A model made for the tests, and a real server over it."""

import http.client
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from service.__main__ import create_server
from service.settings import read_settings

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

PATIENCE_SECONDS = 60


@pytest.fixture(scope="session")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as its script makes it."""
    from make_model import make

    path = tmp_path_factory.mktemp("model") / "model.onnx"
    make(path)
    return path


@dataclass
class Running:
    """A server on a port of this machine."""

    port: int
    server: uvicorn.Server

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str, dict[str, str]]:
        """Status, body and headers of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read().decode(), {name.lower(): value for name, value in response.getheaders()}
        finally:
            connection.close()

    def predict(self, document: object) -> tuple[int, dict]:
        """Status and document of a prediction."""
        status, body, _ = self.request("POST", "/v1/predictions", json.dumps(document).encode())
        return status, json.loads(body)


@pytest.fixture
def start(model_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts servers with the given environment; they are stopped at the end."""
    stops: list[Callable[[], None]] = []

    def starter(**environment: str) -> Running:
        listener = socket.create_server(("127.0.0.1", 0))
        server = create_server(read_settings({"MODEL_PATH": str(model_path), **environment}))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()

        def stop() -> None:
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()

        stops.append(stop)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return Running(listener.getsockname()[1], server)

    yield starter
    for stop in stops:
        stop()
