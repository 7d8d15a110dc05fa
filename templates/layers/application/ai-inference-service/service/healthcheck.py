# SPDX-License-Identifier: Apache-2.0
"""What the container's health check runs: its exit code says whether the service beside it infers as it should."""

import http.client
import os
import sys


def main() -> int:
    """0 when the service answers that it is healthy, else 1."""
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8080), timeout=4)
    try:
        connection.request("GET", "/healthz")
        return 0 if connection.getresponse().status == 200 else 1
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
