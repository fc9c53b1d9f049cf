"""The JNLP file: fetched once, at process start, and read as arguments of jnlp.Main."""

import re
import time
from html import unescape

from migrate.sandbox.agent import settings, wire
from migrate.sandbox.agent.options import Options, parse
from migrate.sandbox.agent.output import raw

SANDBOX_SECRET = "X-Migrate-Sandbox-Secret"
"""Stands for the AES key of the encrypted file, which is the secret itself."""
_WAIT = 10.0


def resolved(options: Options, version: str, secret: str) -> Options:
    """The options that the JNLP file gives, with this launch's own work directory.

    Fetches until it is there, as Launcher.parseJnlpArguments does; ``BadOptions`` for a file
    with options that exclude each other (a tunnel beside -webSocket).
    """
    url = options.values["-jnlpUrl"]
    while True:
        arguments = _fetch(url, secret, options.values.get("-jnlpCredentials"))
        if arguments is not None:
            break
        raw("Waiting 10 seconds before retry\n")
        time.sleep(_WAIT * settings.time_scale())
    found = parse(arguments, version, "main")
    for name in ("-workDir", "-internalDir"):
        if name in options.values:
            found.values[name] = options.values[name]
    found.flags |= options.flags
    return found


def _fetch(url: str, secret: str, credentials: str | None) -> list[str] | None:
    headers = {SANDBOX_SECRET: secret}
    query = "?encrypt=true"
    if credentials:
        import base64

        headers = {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}
        query = ""
    try:
        answer = wire.get(url + query, headers=headers)
    except OSError as error:
        raw(f"Failed to obtain {url}{query}\n{_java_name(error)}\n")
        return None
    if answer.status != 200:
        raw(f"Failed to obtain {url}{query}\njava.io.IOException: {answer.status}\n")
        return None
    text = answer.body.decode("utf-8", "replace")
    found = re.findall(r"<argument>(.*?)</argument>", text, re.DOTALL)
    if not found:
        raw("Failed to decrypt the JNLP file: the secret is wrong?\n")
        return None
    return [unescape(argument) for argument in found]


def _java_name(error: OSError) -> str:
    return f"java.net.ConnectException: {error.strerror or error}"


def secret_of(url: str, credentials: str) -> str | None:
    """The secret that the plain file shows to a user with Agent/Connect; None without it."""
    arguments = _fetch(url, "", credentials)
    return arguments[0] if arguments else None
