# SPDX-License-Identifier: Apache-2.0
"""Runs the service until SIGTERM or SIGINT; requests under way get the time of grace."""

import logging
import os
import sys

import uvicorn

from service.application import create_application
from service.model import Model, ModelUnusable
from service.settings import InvalidSettings, Settings, read_settings
from service.telemetry import Metrics, log_as_json

log = logging.getLogger("service")


def create_server(settings: Settings) -> uvicorn.Server:
    """The server, ready to run, with its model loaded."""
    model = Model(settings.model, settings.device, settings.threads)
    log.info("Model %s %s runs on %s", model.name, model.version, model.provider)
    configuration = uvicorn.Config(
        create_application(settings, model, Metrics()),
        # Reached from outside the container only.
        host="0.0.0.0",
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # Slow or silent clients must not hold connections for ever.
        timeout_keep_alive=30,
        limit_concurrency=1000,
        timeout_graceful_shutdown=settings.grace_seconds,
    )
    return uvicorn.Server(configuration)


def main() -> int:
    """The exit code: 2 for a configuration that is wrong, 1 for a model that cannot be used."""
    try:
        settings = read_settings(os.environ)
    except InvalidSettings as error:
        log_as_json("ai-inference-service", "info")
        log.error("The configuration is not valid: %s", error)
        return 2
    log_as_json(settings.service_name, settings.log_level)
    try:
        server = create_server(settings)
    except ModelUnusable as error:
        log.error("%s", error)
        return 1
    server.run()
    log.info("Stopped")
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
