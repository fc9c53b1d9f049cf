"""The tool's script ``run-lock``: a mark in the controller's system properties."""

import json
import time
from typing import Any

_KEY = "jenkins-agent-migrate.run-lock"


def run_lock(properties: dict[str, str], arguments: dict[str, Any]) -> dict[str, Any]:
    """As run-lock.groovy does it."""
    now = int(time.time() * 1000)
    held = json.loads(properties[_KEY]) if _KEY in properties else None
    mine = held is not None and held["token"] == arguments["token"]
    free = held is None or mine or held["until"] <= now
    action = arguments["action"]
    if (action == "take" and free) or (action == "renew" and (held is None or mine)):
        held = {
            "token": arguments["token"],
            "note": arguments["note"],
            "until": now + int(arguments["seconds"]) * 1000,
            "renewed": now,
        }
        properties[_KEY] = json.dumps(held)
    elif action == "release" and mine:
        del properties[_KEY]
        held = None
    if held is None:
        return {}
    left, age = (held["until"] - now) / 1000, (now - held["renewed"]) / 1000
    return {"token": held["token"], "note": held["note"], "left": left, "age": age}
