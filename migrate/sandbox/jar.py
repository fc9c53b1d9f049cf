"""agent.jar: a real zip whose manifest says its version, and nothing that Java could run.

Facts B4: the version stands in META-INF/MANIFEST.MF as main attribute ``Version:``.
"""

import functools
import io
import zipfile

_TIME = (2024, 1, 1, 0, 0, 0)


@functools.cache
def agent_jar(version: str, main_class: str = "hudson.remoting.Launcher") -> bytes:
    """The bytes of the agent.jar of a remoting version; the same bytes each time.

    ``main_class``: ``hudson.plugins.swarm.Client`` makes it the swarm plugin's client, which has
    remoting of that version inside.
    """
    if not version[:1].isdigit():
        raise ValueError(f"not a version of remoting: {version}")
    manifest = (
        "Manifest-Version: 1.0\r\n"
        f"Main-Class: {main_class}\r\n"
        "Implementation-Title: Jenkins remoting layer\r\n"
        f"Version: {version}\r\n"
        "\r\n"
    )
    properties = f"version={version}\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as jar:
        for name, text in (
            ("META-INF/MANIFEST.MF", manifest),
            ("hudson/remoting/hudson-version.properties", properties),
        ):
            jar.writestr(zipfile.ZipInfo(name, _TIME), text)
    return buffer.getvalue()
