"""``java``: reads its own command line, checks the jar's class level, and runs the agent."""

import os
import threading
import time

from migrate.model.java_words import CLASS_PATH, WITH_VALUE
from migrate.sandbox.agent import settings
from migrate.sandbox.agent.jar import Jar, NoJar, java_needed, numbers
from migrate.sandbox.agent.options import BadOptions, Options, from_file, parse
from migrate.sandbox.agent.output import raw

_CLASS_FILE = {8: 52, 11: 55, 17: 61, 21: 65}
_MAIN_WARNS = (3190,)
_OPTIONS_WARN = (3198,)


class Launch:
    """What the command line says: jar, entry point, the jar's own arguments."""

    def __init__(self, arguments: list[str]) -> None:
        """``NoJar`` with Java's words when there is nothing to run."""
        self.arguments = arguments
        self.jar_path, self.entry, self.own = self._split(arguments)
        jvm = arguments[: len(arguments) - len(self.own)]
        self.properties = _properties(
            [
                *os.environ.get("JAVA_TOOL_OPTIONS", "").split(),
                *os.environ.get("JDK_JAVA_OPTIONS", "").split(),
                *jvm,
            ]
        )
        """``-DNAME=VALUE`` before the jar, and from the variables that Java reads itself."""

    @staticmethod
    def _split(arguments: list[str]) -> tuple[str, str, list[str]]:
        rest = list(arguments)
        class_path = ""
        while rest:
            word = rest.pop(0)
            if word == "-jar" and rest:
                return rest[0], "-jar", rest[1:]
            if word in WITH_VALUE and rest:
                value = rest.pop(0)
                class_path = value if word in CLASS_PATH else class_path
            elif not word.startswith(("-", "@")):
                if word == "hudson.remoting.jnlp.Main" and class_path:
                    return class_path, "main", rest
                raise NoJar(f"Error: Could not find or load main class {word}")
        raise NoJar("Usage: java [options] -jar <jarfile> [args...]")


def _properties(words: list[str]) -> dict[str, str]:
    found = {}
    for word in words:
        if word.startswith("-D"):
            name, _, value = word[2:].partition("=")
            found[name] = value
    return found


def _print_java_version() -> int:
    version = settings.java_version()
    os.write(
        2,
        f'openjdk version "{version}" 2023-10-17\n'
        f"OpenJDK Runtime Environment (build {version}+9)\n"
        f"OpenJDK 64-Bit Server VM (build {version}+9, mixed mode, sharing)\n".encode(),
    )
    return 0


def _feature(version: str) -> int:
    first, _, rest = version.partition(".")
    return int(rest.partition(".")[0]) if first == "1" else int(first)


def main(arguments: list[str]) -> int:
    """Run a java command line; the exit code."""
    if arguments in (["-version"], ["--version"]):
        return _print_java_version()
    try:
        launch = Launch(arguments)
        jar = Jar(launch.jar_path)
    except NoJar as error:
        raw(f"{error}\n")
        return 1
    needed, have = java_needed(jar.version), _feature(settings.java_version())
    if have < needed:
        raw(
            "Error: LinkageError occurred while loading main class hudson.remoting.Launcher\n"
            "\tjava.lang.UnsupportedClassVersionError: hudson/remoting/Launcher has been compiled"
            " by a more recent version of the Java Runtime (class file version"
            f" {_CLASS_FILE[needed]}.0)\n"
        )
        return 1
    version = _running_version(jar)
    _warn(launch, version)
    try:
        if jar.swarm:
            _watch_parent()
            from migrate.sandbox.agent.swarm import run as run_swarm

            return run_swarm(launch, jar, version)
        options = parse(launch.own, version, launch.entry)
        return _run(launch, jar, version, options)
    except BadOptions as error:
        raw(f"{error}\njava -jar agent.jar [options...]\n")
        return error.code


def _watch_parent() -> None:
    """An agent of a sandbox that was killed does not outlive it."""
    parent = int(os.environ.get(settings.PARENT) or "0")
    owner = int(os.environ.get(settings.OWNER) or "0")
    if not parent and not owner:
        return

    def watch() -> None:
        while _runs(owner) if owner else os.getppid() == parent:
            time.sleep(2)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _running_version(jar: Jar) -> str:
    """The jar's version; with the fault ``old-jar`` the one of the first start."""
    first = os.environ.setdefault(settings.FIRST_VERSION, jar.version)
    return first if "old-jar" in settings.faults() else jar.version


def _warn(launch: Launch, version: str) -> None:
    """What the entry points print before they do anything (Launcher.main, jnlp.Main)."""
    named = numbers(version)
    for name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"):
        if os.environ.get(name):
            note = "NOTE: " if name.startswith("JDK") else ""
            raw(f"{note}Picked up {name}: {os.environ[name]}\n")
    if launch.entry == "main" and named >= _MAIN_WARNS:
        raw(
            'WARNING: Using deprecated entrypoint "java -cp agent.jar hudson.remoting.jnlp.Main".'
            ' Use "java -jar agent.jar" instead.\n'
        )
    if "-headless" in launch.own and named >= _OPTIONS_WARN:
        raw(
            'WARNING: The "-headless" argument is deprecated and will be removed without'
            " replacement in a future release.\n"
        )


def _run(launch: Launch, jar: Jar, version: str, options: Options) -> int:
    if "-version" in options.flags:
        raw(f"{version}\n")
        return 0
    if "-help" in options.flags:
        raw("java -jar agent.jar [options...]\n")
        return 0
    _watch_parent()
    from migrate.sandbox.agent.engine import Engine
    from migrate.sandbox.agent.jnlp import resolved
    from migrate.sandbox.agent.proxies import Proxies

    try:
        credentials = from_file(options.values.get("-secret", ""))
    except OSError as error:
        raw(f"Failed to read the secret: {error}\n")
        return 1
    if "-jnlpUrl" in options.values:
        if numbers(version) >= _OPTIONS_WARN:
            raw(
                'WARNING: The "-jnlpUrl" argument is deprecated. Use "-url" and "-name" instead,'
                ' potentially also passing in "-webSocket", "-tunnel", and/or work directory'
                " options as needed.\n"
            )
        proxies = Proxies(launch.properties, os.environ)
        options = resolved(options, version, credentials, proxies)
    if not options.urls:
        raw("-url option is required\n")
        return 1
    return Engine(launch, jar, version, options).run()
