"""The agent.jar that the controller serves: its remoting version and its SHA-256."""

import hashlib
import io
import re
import zipfile

from migrate.jenkins.errors import UnexpectedAnswer

MAX_BYTES = 16 * 1024 * 1024
"""An agent.jar has 1.4 MiB."""
_VERSION = re.compile(r"^Version: *(\S+)", re.MULTILINE)
_PROPERTIES = "hudson/remoting/hudson-version.properties"
_PROPERTY = re.compile(r"^version=(\S+)", re.MULTILINE)


def jar_identity(content: bytes) -> tuple[str, str]:
    """(remoting version, SHA-256 as hex) of a jar's bytes.

    The version is the manifest's main attribute ``Version``, else ``version=`` of
    hudson-version.properties (facts B4). ``UnexpectedAnswer`` for what is no agent.jar.
    """
    digest = hashlib.sha256(content).hexdigest()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as jar:
            names = set(jar.namelist())
            manifest = _read(jar, "META-INF/MANIFEST.MF") if "META-INF/MANIFEST.MF" in names else ""
            found = _VERSION.search(manifest.split("\n\n")[0])
            if not found and _PROPERTIES in names:
                found = _PROPERTY.search(_read(jar, _PROPERTIES))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise UnexpectedAnswer(f"/jnlpJars/agent.jar is not a jar file ({error})") from None
    if not found:
        raise UnexpectedAnswer("/jnlpJars/agent.jar does not name its remoting version")
    return found[1], digest


def _read(jar: zipfile.ZipFile, name: str) -> str:
    with jar.open(name) as member:
        return member.read(256 * 1024).decode("utf-8", "replace").replace("\r\n", "\n")
