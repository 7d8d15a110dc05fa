#!/usr/bin/env python3
"""Tells the portal of a release, and leaves there what was found out about it.

report-release.py <version> <image> <digest> [folder of evidence]

PORTAL_URL and RELEASE_SECRET say where and prove who. The same release may be reported again.
"""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

SERVICE = "component:default/${{ values.name }}"
TRIES = 5
# Kinds of evidence by the names that tools give their files.
KINDS = {
    "junit.xml": "junit",
    "lcov.info": "lcov",
    "cobertura.xml": "cobertura",
    "trivy.sarif": "sarif",
    "sbom.cdx.json": "cyclonedx",
    "k6-summary.json": "k6-summary",
    "lighthouse.json": "lighthouse",
}


def git(*arguments):
    return subprocess.run(("git", *arguments), check=True, capture_output=True, text=True).stdout.strip()


def signed(secret, *parts):
    return "sha256=" + hmac.new(secret.encode(), b".".join(parts), hashlib.sha256).hexdigest()


def send(url, body, headers):
    """Sends a body. Tries again while the portal is away, not when it refuses."""
    rest = TRIES
    while True:
        rest -= 1
        request = urllib.request.Request(url, data=body, headers=headers(str(int(time.time()))), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500 or rest == 0:
                sys.exit(f"The portal refused {url}: {error.code} {error.read().decode(errors='replace')}")
        except OSError as error:
            if rest == 0:
                sys.exit(f"The portal is away: {error}")
        time.sleep(2 ** (TRIES - rest))


def report(portal, secret, repository, version, image, digest):
    written = time.gmtime(int(git("log", "-1", "--format=%ct")))
    body = json.dumps(
        {
            "service": SERVICE,
            "repository": repository,
            "version": version,
            "commit": {
                "sha": git("rev-parse", "HEAD"),
                "message": git("log", "-1", "--format=%B")[:4000],
                "author": git("log", "-1", "--format=%an"),
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", written),
            },
            "images": [{"name": image, "tag": version, "digest": digest}],
        }
    ).encode()
    delivery = hashlib.sha256(body).hexdigest()[:36]
    return send(
        f"{portal}/api/delivery/releases",
        body,
        lambda now: {
            "Content-Type": "application/json",
            "X-Causeway-Timestamp": now,
            "X-Causeway-Delivery": delivery,
            "X-Causeway-Signature": signed(secret, now.encode(), delivery.encode(), body),
        },
    )


def leave(portal, secret, repository, release, folder, file):
    kind = KINDS[file.name]
    name = "-".join(file.relative_to(folder).parts)
    body = file.read_bytes()
    checksum = "sha256=" + hashlib.sha256(body).hexdigest()
    about = (release, kind, name, checksum)
    path = "/".join(urllib.parse.quote(part, safe="") for part in (release, "evidence", kind))
    send(
        f"{portal}/api/delivery/releases/{path}?name={urllib.parse.quote(name)}",
        body,
        lambda now: {
            "Content-Type": "application/octet-stream",
            "X-Causeway-Repository": repository,
            "X-Causeway-Timestamp": now,
            "X-Causeway-Checksum": checksum,
            "X-Causeway-Signature": signed(secret, now.encode(), *(part.encode() for part in about)),
        },
    )
    print(f"left {name}")


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    version, image, digest = sys.argv[1:4]
    try:
        portal, secret = os.environ["PORTAL_URL"].rstrip("/"), os.environ["RELEASE_SECRET"]
    except KeyError as missing:
        sys.exit(f"{missing.args[0]} is not set.")
    repository = (os.environ.get("REPOSITORY_URL") or git("remote", "get-url", "origin")).removesuffix(".git")
    release = report(portal, secret, repository, version, image, digest)
    print(f"reported {version} as {release['id']}")
    folder = Path(sys.argv[4]) if len(sys.argv) == 5 else None
    files = sorted(folder.rglob("*")) if folder else []
    for file in files:
        if file.name in KINDS:
            leave(portal, secret, repository, release["id"], folder, file)


if __name__ == "__main__":
    main()
