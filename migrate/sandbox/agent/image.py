"""What the start script of the image jenkins/inbound-agent does: its environment becomes options.

Facts C1 (jenkins-agent of docker-agent): JENKINS_WEB_SOCKET must be exactly ``true``; what
excludes each other is passed on and refused by the jar; jnlp.Main before 3186.
"""

from migrate.sandbox.agent.jar import numbers

REPOSITORY = "jenkins/inbound-agent"
_ONE_ENTRY_POINT = (3186,)
_FROM_ENVIRONMENT = (
    ("JENKINS_TUNNEL", "-tunnel"),
    ("JENKINS_URL", "-url"),
    ("JENKINS_AGENT_WORKDIR", "-workDir"),
    ("JENKINS_DIRECT_CONNECTION", "-direct"),
)
_JAVA = {"jdk11": "11.0.21", "jdk17": "17.0.9", "jdk21": "21.0.1"}


def command(
    java: str, jar: str, version: str, environment: dict[str, str], arguments: list[str]
) -> list[str]:
    """The Java command of a container. ``arguments`` are the container's own."""
    words = list(arguments)
    given = environment.get("JENKINS_JAVA_OPTS") or environment.get("JAVA_OPTS") or ""
    jvm = [java, *given.split()]
    for name, option in _FROM_ENVIRONMENT:
        if environment.get(name) and option not in words:
            words += [option, environment[name]]
    if environment.get("JENKINS_WEB_SOCKET") == "true":
        words.append("-webSocket")
    words += environment.get("REMOTING_OPTS", "").split()
    secret = environment.get("JENKINS_SECRET", "")
    node = environment.get("JENKINS_NAME") or environment.get("JENKINS_AGENT_NAME") or ""
    if numbers(version) < _ONE_ENTRY_POINT:
        main = ["-cp", jar, "hudson.remoting.jnlp.Main", "-headless"]
        return [*jvm, *main, *words, *([secret] if secret else []), *([node] if node else [])]
    words += ["-secret", secret] if secret else []
    words += ["-name", node] if node else []
    return [*jvm, "-jar", jar, *words]


def jar_version(image: str) -> str:
    """The remoting version that a tag holds: ``3206.vb_15dcf73f6a_9-1-jdk17`` and so on.

    ``ValueError`` for an image of another kind, or a tag that does not say it.
    """
    name, _, tag = image.rpartition(":")
    version, dash, _ = tag.partition("-")
    if not name.endswith(REPOSITORY) or not dash or not version[:1].isdigit():
        raise ValueError(f"{image}: only tags of {REPOSITORY} that begin with a version run here")
    return version


def java_version(image: str) -> str:
    """The Java of the image, by the end of its tag."""
    return _JAVA.get(image.rpartition("-")[2], "17.0.9")
