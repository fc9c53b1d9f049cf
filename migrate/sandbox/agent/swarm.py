"""The swarm plugin's client: asks for its node's secret with a user's credentials, then dials in.

Option names: hudson.plugins.swarm.Options of swarm-plugin. The real client makes its node first;
here the node is there already.
"""

import os
import time
from pathlib import Path
from urllib.parse import quote

from migrate.sandbox.agent import settings
from migrate.sandbox.agent.jar import Jar
from migrate.sandbox.agent.java import Launch
from migrate.sandbox.agent.jnlp import secret_of
from migrate.sandbox.agent.options import BadOptions, Options
from migrate.sandbox.agent.output import raw
from migrate.sandbox.agent.proxies import Proxies

_VALUES = frozenset(
    {
        "-url",
        "-master",
        "-name",
        "-username",
        "-password",
        "-passwordFile",
        "-passwordEnvVariable",
        "-executors",
        "-labels",
        "-mode",
        "-fsroot",
        "-tunnel",
        "-retry",
        "-retryInterval",
        "-description",
    }
)
_FLAGS = frozenset({"-webSocket", "-deleteExistingClients", "-disableClientsUniqueId"})
_RETRY = 10.0


def run(launch: Launch, jar: Jar, version: str) -> int:
    """Serve until the connection ends; the exit code. ``BadOptions`` as args4j refuses."""
    from migrate.sandbox.agent.engine import Engine

    given = _parsed(launch.own)
    base = (given.values.get("-url") or given.values.get("-master") or "").rstrip("/") + "/"
    node, user = given.values.get("-name", ""), given.values.get("-username", "")
    address = f"{base}computer/{quote(node)}/jenkins-agent.jnlp"
    proxies = Proxies(launch.properties, os.environ)
    while (secret := secret_of(address, f"{user}:{_password(given)}", proxies)) is None:
        raw(f"SEVERE: Failed to establish a connection. Retrying in {_RETRY:.0f} seconds\n")
        time.sleep(_RETRY * settings.time_scale())
    options = Options()
    options.urls = [base]
    options.flags = given.flags & {"-webSocket"}
    options.values = {"-name": node, "-secret": secret}
    options.values["-workDir"] = given.values.get("-fsroot", ".")
    if "-tunnel" in given.values:
        options.values["-tunnel"] = given.values["-tunnel"]
    return Engine(launch, jar, version, options).run()


def _parsed(words: list[str]) -> Options:
    options, rest = Options(), list(words)
    while rest:
        name = rest.pop(0)
        if name in _FLAGS:
            options.flags.add(name)
        elif name in _VALUES and rest:
            options.values[name] = rest.pop(0)
        else:
            raise BadOptions(f'"{name}" is not a valid option', 1)
    if "-webSocket" in options.flags and "-tunnel" in options.values:
        raise BadOptions('option "-webSocket" cannot be used with the option(s) [-tunnel]', 1)
    return options


def _password(options: Options) -> str:
    if "-passwordFile" in options.values:
        return Path(options.values["-passwordFile"]).read_text("utf-8").strip()
    if "-passwordEnvVariable" in options.values:
        return os.environ.get(options.values["-passwordEnvVariable"], "")
    return options.values.get("-password", "")
