"""The controller itself: version, URL, TCP agent listener. Reads only."""

from dataclasses import dataclass
from typing import Any

from migrate.jenkins.errors import Forbidden, UnexpectedAnswer
from migrate.jenkins.http import Http, by_jenkins
from migrate.net.answers import NotJson, parse_json, whole_values

LISTENER = "tcpSlaveAgentListener/"


@dataclass(frozen=True)
class Root:
    """What /api/json says."""

    version: str
    url: str | None
    """As Jenkins believes; None when it was never configured."""
    agent_port: int | None
    """``slaveAgentPort``; None where it is not exported."""


@dataclass(frozen=True)
class Listener:
    """What /tcpSlaveAgentListener/ says; it is readable by anyone."""

    on: bool
    port: int | None = None
    host: str | None = None
    protocols: tuple[str, ...] = ()
    minimum_remoting: str | None = None


def read_root(http: Http) -> Root:
    """Version and port; ``UnexpectedAnswer`` when it is not Jenkins that answers."""
    response = http.get("api/json", params={"tree": "slaveAgentPort,url"}, needs="Overall/Read")
    version = response.headers.get("X-Jenkins", "")
    data = json_object(response, "api/json")
    if not version:
        raise UnexpectedAnswer(
            f"what answers at {http.url} is not Jenkins: it sends no X-Jenkins header",
            next_command="migrate doctor --jenkins-url URL",
        )
    port, url = data.get("slaveAgentPort"), data.get("url")
    return Root(
        version,
        url if isinstance(url, str) and url else None,
        port if isinstance(port, int) and not isinstance(port, bool) else None,
    )


def read_listener(http: Http) -> Listener:
    """The TCP listener's own answer: 200 with headers while it is on, 404 when it is off.

    ``UnexpectedAnswer`` for a 404 that Jenkins did not give (recording 14-tcp-disabled).
    """
    response = http.get(LISTENER, expected=(200, 404))
    headers = response.headers
    if response.status_code == 404:
        if not by_jenkins(response):
            raise UnexpectedAnswer(f"/{LISTENER} answered 404, not said by Jenkins itself")
        return Listener(on=False)
    port = headers.get("X-Jenkins-JNLP-Port", "")
    if not port.isdigit():
        raise UnexpectedAnswer(f"/{LISTENER} answered 200 without X-Jenkins-JNLP-Port")
    protocols = headers.get("X-Jenkins-Agent-Protocols", "").split(",")
    return Listener(
        on=True,
        port=int(port),
        host=headers.get("X-Jenkins-JNLP-Host") or None,
        protocols=tuple(sorted(name.strip() for name in protocols if name.strip())),
        minimum_remoting=headers.get("X-Remoting-Minimum-Version") or None,
    )


def read_port(http: Http) -> int | None:
    """``slaveAgentPort``; None when the user may not read it."""
    try:
        return read_root(http).agent_port
    except Forbidden:
        return None


def json_object(response: Any, what: str, *, whole: bool = True) -> dict[str, Any]:
    """The JSON object of an answer; ``UnexpectedAnswer`` for anything else. ``whole``: with text
    that can be written again."""
    try:
        data = parse_json(response.content)
        why = "it is no object"
    except NotJson as error:
        data, why = None, str(error)
    if not isinstance(data, dict):
        raise UnexpectedAnswer(
            f"/{what} answered 200 with something that is not Jenkins' JSON ({why}): a login page "
            "or another server stands in front of it"
        )
    found: dict[str, Any] = whole_values(data) if whole else data
    return found
