#!/usr/bin/env python3
"""Says what the parts of this repository do not agree about: alerts and runbooks, and both lists of devices."""

import pathlib
import sys

import yaml

root = pathlib.Path(__file__).resolve().parent.parent


def read(path):
    return yaml.safe_load((root / path).read_text(encoding="utf-8"))


def alerts():
    for path in sorted((root / "infrastructure/alerts").glob("*.yaml")):
        document = read(path)
        if document["kind"] == "PrometheusRule":
            for group in document["spec"]["groups"]:
                yield from group["rules"]


def hosts(group):
    yield from group.get("hosts") or {}
    for child in (group.get("children") or {}).values():
        yield from hosts(child or {})


problems = []
named = {rule["alert"] for rule in alerts()}
written = {path.stem for path in (root / "docs/runbooks").glob("*.md")} - {"index"}
problems += [f"{name} has no runbook" for name in sorted(named - written)]
problems += [f"docs/runbooks/{name}.md is about no alert" for name in sorted(written - named)]
problems += [
    f"{rule['alert']} names another runbook"
    for rule in alerts()
    if rule["annotations"]["runbook"] != f"docs/runbooks/{rule['alert']}.md"
]
known = set(read("fleet.yaml")["devices"])
groups = read("ansible/inventory/hosts.yaml")["all"]["children"]
reached = {host for name in ("jetson", "raspberry_pi") for host in hosts(groups[name])}
problems += [f"{name} is in fleet.yaml alone" for name in sorted(known - reached)]
problems += [f"{name} is in the inventory of Ansible alone" for name in sorted(reached - known)]

print("\n".join(problems) or f"{len(named)} alerts, {len(known)} devices: all is well")
sys.exit(1 if problems else 0)
