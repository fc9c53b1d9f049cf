"""Images of inbound agents: which are Jenkins' own, and what their tags tell. Pure.

Source: jenkinsci/docker-agent(s), its tags and README. Only Jenkins' own images have remoting
versions as tags; the tag of an image that somebody built from one of them is theirs.
"""

import re

from migrate.model.versions import Version, v

FIRST_WITH_WEBSOCKET = v("4.0.1")
"""docker-inbound-agent 4.0.1-1 (eebbdf2) is the first whose script knows JENKINS_WEB_SOCKET."""

_AGENT = re.compile(r"inbound-agent|jnlp-slave|jnlp-agent")
_OFFICIAL = re.compile(r"(?:^|/)(?:jenkins|jenkinsci)/(?:inbound-agent|agent|jnlp-slave|slave)$")
_TAG = re.compile(r"(?:v|(?:alpine|debian|windows)-)?(\d+(?:\.[0-9a-z_]+)+)")
_WINDOWS = re.compile(r"windows|nanoserver|servercore", re.IGNORECASE)


def image_path(image: str) -> str:
    """The image without its tag and digest."""
    name = image.split("@", 1)[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.partition(":")[0]


def tag_of(image: str) -> str:
    """Its tag; empty where it has none."""
    name = image.split("@", 1)[0].rpartition("/")[2]
    return name.partition(":")[2]


def is_official(image: str) -> bool:
    """Whether Jenkins publishes it: ``jenkins/...`` or ``jenkinsci/...``, also from a mirror."""
    return _OFFICIAL.search(image_path(image)) is not None


def looks_like_agent(image: str) -> bool:
    """Whether its name is that of an inbound agent, Jenkins' own or built from it."""
    return _AGENT.search(image_path(image).rpartition("/")[2]) is not None


def remoting_version(image: str) -> str | None:
    """The remoting version that the tag of Jenkins' own image names; None: not told.

    None for ``latest``, ``jdk17``, a digest alone, and for images of somebody's own.
    """
    if not is_official(image):
        return None
    match = _TAG.match(tag_of(image))
    return match[1] if match else None


def too_old(image: str) -> bool:
    """Whether its start script is known to know no JENKINS_WEB_SOCKET."""
    version = Version.maybe(remoting_version(image))
    return version is not None and version < FIRST_WITH_WEBSOCKET


def is_windows(image: str) -> bool:
    """Whether its tag is that of a Windows image, which starts by PowerShell."""
    return _WINDOWS.search(tag_of(image)) is not None
