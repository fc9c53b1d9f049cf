"""The JNLP file: fetched once, at process start, and read as arguments of jnlp.Main."""

import hashlib
import os
import re
import time
from html import unescape

from migrate.sandbox.agent import settings, wire
from migrate.sandbox.agent.options import Options, parse
from migrate.sandbox.agent.output import raw
from migrate.sandbox.agent.proxies import Proxies

_WAIT = 10.0
_VECTOR = 16


def sealed(text: bytes, secret: str) -> bytes:
    """What ``?encrypt=true`` answers: as long as Jenkins' AES/CFB8, by another cipher.

    AES is not in the standard library, and this file protects nothing here.
    """
    vector = os.urandom(_VECTOR)
    return vector + _mixed(text, secret, vector)


def opened(body: bytes, secret: str) -> bytes:
    """The text of a sealed file; noise with another secret."""
    return _mixed(body[_VECTOR:], secret, body[:_VECTOR])


def _mixed(text: bytes, secret: str, vector: bytes) -> bytes:
    key = secret[:32].encode() + vector
    blocks = (hashlib.sha256(key + bytes(str(n), "ascii")) for n in range(len(text) // 32 + 1))
    stream = b"".join(block.digest() for block in blocks)
    return bytes(a ^ b for a, b in zip(text, stream, strict=False))


def resolved(options: Options, version: str, secret: str, proxies: Proxies) -> Options:
    """The options that the JNLP file gives, with this launch's own work directory.

    Fetches until it is there, as Launcher.parseJnlpArguments does; ``BadOptions`` for a file
    with options that exclude each other (a tunnel beside -webSocket).
    """
    url = options.values["-jnlpUrl"]
    while True:
        arguments = _fetch(url, secret, options.values.get("-jnlpCredentials"), proxies)
        if arguments is not None:
            break
        raw("Waiting 10 seconds before retry\n")
        time.sleep(_WAIT * settings.time_scale())
    found = parse(arguments, version, "main")
    for name in ("-workDir", "-internalDir", "-proxyCredentials"):
        if name in options.values:
            found.values[name] = options.values[name]
    found.flags |= options.flags
    return found


def _fetch(url: str, secret: str, credentials: str | None, proxies: Proxies) -> list[str] | None:
    headers, query = {}, "?encrypt=true"
    if credentials:
        import base64

        headers = {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}
        query = ""
    try:
        answer = wire.get(url + query, headers=headers, proxy=proxies.for_listener(url))
    except OSError as error:
        raw(f"Failed to obtain {url}{query}\n{_java_name(error)}\n")
        return None
    if answer.status != 200:
        raw(f"Failed to obtain {url}{query}\njava.io.IOException: {answer.status}\n")
        return None
    text = (answer.body if credentials else opened(answer.body, secret)).decode("utf-8", "replace")
    found = re.findall(r"<argument>(.*?)</argument>", text, re.DOTALL)
    if not found:
        raw("Failed to decrypt the JNLP file: the secret is wrong?\n")
        return None
    return [unescape(argument) for argument in found]


def _java_name(error: OSError) -> str:
    return f"java.net.ConnectException: {error.strerror or error}"


def secret_of(url: str, credentials: str, proxies: Proxies) -> str | None:
    """The secret that the plain file shows to a user with Agent/Connect; None without it."""
    arguments = _fetch(url, "", credentials, proxies)
    return arguments[0] if arguments else None
