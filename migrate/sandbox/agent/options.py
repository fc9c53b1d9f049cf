"""agent.jar's command line, as its args4j reads it in each version.

jenkinsci/remoting, the @Option annotations of Launcher and jnlp.Main at 3107, 3160, 3176, 3184,
3190, 3198, 3206, 3241, 3283 and 3352; 3160 and 3206 were measured, too.
"""

from pathlib import Path

from migrate.sandbox.agent.jar import numbers

_COMMON_VALUES = frozenset(
    {
        "-agentLog",
        "-cert",
        "-internalDir",
        "-jar-cache",
        "-loggingConfig",
        "-proxyCredentials",
        "-workDir",
    }
)
_COMMON_FLAGS = frozenset({"-failIfWorkDirIsMissing", "-help", "-noKeepAlive", "-version"})
_INBOUND_VALUES = frozenset(
    {
        "-url",
        "-tunnel",
        "-webSocketHeader",
        "-credentials",
        "-direct",
        "-instanceIdentity",
        "-protocols",
    }
)
_INBOUND_FLAGS = frozenset(
    {"-headless", "-webSocket", "-noreconnect", "-disableHttpsCertValidation"}
)
_CLASS_PATH = frozenset({"-cp", "-classpath"})
_OLD_VALUES = _CLASS_PATH | frozenset(
    {"-auth", "-connectTo", "-jnlpCredentials", "-jnlpUrl", "-secret", "-tcp"}
)
"""Of ``-jar``; together with ``_OLD_FLAGS``, before 3176."""
_OLD_FLAGS = frozenset({"-noCertificateCheck", "-noReconnect", "-ping", "-text"})
_NEW_VALUES = frozenset({"-name", "-directConnection", "-noReconnectAfter"})

_WEB_SOCKET_FORBIDS = ("-direct", "-directConnection", "-tunnel", "-credentials", "-noKeepAlive")
_JNLP_URL_FORBIDS = ("-direct", "-directConnection", "-name", "-tunnel", "-url", "-webSocket")
ONE_ENTRY_POINT = (3176,)
"""From here on, -jar and jnlp.Main read the same options."""
_NO_CLASS_PATH = (3190,)
_NO_RECONNECT_AFTER = (3241,)
_TLS_BESIDE_WEB_SOCKET = (3184,)
_DEPENDS = (
    ("-webSocket", "-url"),
    ("-webSocketHeader", "-webSocket"),
    ("-internalDir", "-workDir"),
    ("-failIfWorkDirIsMissing", "-workDir"),
    ("-instanceIdentity", "-direct"),
    ("-protocols", "-direct"),
    ("-direct", "-instanceIdentity"),
)
_EXCLUDES = (
    ("-direct", ("-jnlpUrl", "-url", "-tunnel")),
    ("-cert", ("-noCertificateCheck", "-disableHttpsCertValidation")),
)
_ALIASES = {"-directConnection": "-direct"}


class BadOptions(Exception):
    """args4j refuses the line; ``code`` is the exit code of this version."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Options:
    """The parsed options of one launch. (No dataclass: its import costs 10 ms an agent.)"""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.flags: set[str] = set()
        self.urls: list[str] = []
        self.headers: dict[str, str] = {}
        """``-webSocketHeader``, each time it is given."""
        self.positional: list[str] = []

    @property
    def web_socket(self) -> bool:
        """``-webSocket``."""
        return "-webSocket" in self.flags

    @property
    def no_reconnect(self) -> bool:
        """Exit instead of reconnecting."""
        return bool(self.flags & {"-noReconnect", "-noreconnect"})

    @property
    def names(self) -> list[str]:
        """Every option given."""
        return [*self.values, *(["-url"] if self.urls else []), *sorted(self.flags)]

    @property
    def secret(self) -> str:
        """The secret, read from its file when it is given as ``@file``."""
        given = self.values.get("-secret") or (self.positional[0] if self.positional else "")
        return from_file(given)

    @property
    def node(self) -> str:
        """The node's name."""
        return self.values.get("-name") or (self.positional[1] if len(self.positional) > 1 else "")


def from_file(value: str) -> str:
    """``@file`` is the text of that file; ``OSError`` when it cannot be read."""
    if not value.startswith("@"):
        return value
    return Path(value[1:]).read_text("utf-8").strip()


def parse(arguments: list[str], version: str, entry: str) -> Options:
    """Read the arguments after the jar (``entry`` is ``-jar``) or after jnlp.Main (``main``).

    ``BadOptions`` as this version of the jar would refuse them: exit code 1 before 3176, 0 from
    there on (Launcher.main catches CmdLineException and returns).
    """
    new = numbers(version) >= ONE_ENTRY_POINT
    code = 0 if new else 1
    with_value, flags = _known(new, entry, version)
    options = Options()
    rest = list(arguments)
    while rest:
        name = rest.pop(0)
        if not name.startswith("-"):
            options.positional.append(name)
        elif name in with_value:
            if not rest:
                raise BadOptions(f'Option "{name}" takes an operand', code)
            value = rest.pop(0)
            if name == "-url":
                options.urls.append(value)
            elif name == "-webSocketHeader":
                header, _, text = value.partition("=")
                options.headers[header] = text
                options.values[name] = value
            else:
                options.values[name] = value
        elif name in flags:
            options.flags.add(name)
        else:
            raise BadOptions(f'"{name}" is not a valid option', code)
    if options.positional and not new and entry == "-jar":
        raise BadOptions(f"No argument is allowed: {options.positional[0]}", code)
    _check(options, version, code)
    return options


def _known(new: bool, entry: str, version: str) -> tuple[frozenset[str], frozenset[str]]:
    if new:
        values = _COMMON_VALUES | _INBOUND_VALUES | _OLD_VALUES | _NEW_VALUES
        if numbers(version) < _NO_RECONNECT_AFTER:
            values -= {"-noReconnectAfter"}
        if numbers(version) >= _NO_CLASS_PATH:
            values -= _CLASS_PATH
        return values, _COMMON_FLAGS | _INBOUND_FLAGS | _OLD_FLAGS
    if entry == "-jar":
        return _COMMON_VALUES | _OLD_VALUES, _COMMON_FLAGS | _OLD_FLAGS
    return _COMMON_VALUES | _INBOUND_VALUES, _COMMON_FLAGS | _INBOUND_FLAGS


def _check(options: Options, version: str, code: int) -> None:
    given = {_ALIASES.get(name, name) for name in options.names}
    for name, needed in _DEPENDS:
        if name in given and needed not in given:
            raise BadOptions(f'option "{name}" requires the option(s) [{needed}]', code)
    for name, others in _EXCLUDES:
        if name in given:
            _exclude(name, list(others), given, code)
    if options.web_socket:
        forbidden = list(_WEB_SOCKET_FORBIDS)
        if numbers(version) < _TLS_BESIDE_WEB_SOCKET:
            forbidden += ["-proxyCredentials", "-cert", "-disableHttpsCertValidation"]
            forbidden += ["-noCertificateCheck"] if numbers(version) >= ONE_ENTRY_POINT else []
        _exclude("-webSocket", forbidden, given, code)
        if len(options.urls) > 1:
            raise BadOptions("-webSocket supports only a single -url", code)
    if "-jnlpUrl" in given:
        _exclude("-jnlpUrl", list(_JNLP_URL_FORBIDS), given, code)
    if {"-noReconnectAfter"} & given and options.no_reconnect:
        _exclude("-noReconnectAfter", ["-noReconnect", "-noreconnect"], given, code)


def _exclude(name: str, forbidden: list[str], given: set[str], code: int) -> None:
    if given & set(forbidden):
        listed = ", ".join(sorted(forbidden))
        raise BadOptions(f'option "{name}" cannot be used with the option(s) [{listed}]', code)
