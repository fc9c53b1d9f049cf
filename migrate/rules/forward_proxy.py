"""M050: an agent gets out over TCP by a proxy setting that WebSocket does not take."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, ProxySettings
from migrate.model.plan import Choices
from migrate.rules.edge import agents_url
from migrate.rules.nodes import subject, to_move
from migrate.rules.proxy_ways import Gap, gap
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting

_CAUSE = (
    "Over TCP remoting takes http_proxy of the environment, and Java's SOCKS proxy for its first "
    "request; its WebSocket client takes only HTTP proxies of Java's own settings "
    "(-Dhttps.proxyHost, -Dhttp.proxyHost), and for http:// the variable proxy_host."
)
_BASIC = (
    "; the proxy wants a user and a password: check that it lets this host through, with "
    "-Djdk.http.auth.tunneling.disabledSchemes= for Basic, before the node is moved"
)


def _hit(name: str, found: Gap, settings: ProxySettings) -> Hit:
    carried = f"{found.today.by} ({found.today.address})"
    tried = {
        True: "opens from its host without a proxy",
        False: "does not open from its host without a proxy",
        None: "was not tried from its host without a proxy",
    }[found.direct]
    evidence = f"read in its process: {_shown(settings)}; {found.url} {tried}"
    fix = (
        f"Add {found.to_add} to the Java options of its launch, in front of -jar "
        "(JENKINS_JAVA_OPTS of a container), restart the agent, then run: migrate plan"
    )
    fix += _BASIC if settings.credentials else ""
    if found.direct:
        return Hit(
            name,
            f"goes through {carried} over TCP and without a proxy over WebSocket",
            evidence,
            _CAUSE,
            "Nothing to do, unless the proxy has to be kept: then add its Java options first.",
            Severity.INFO,
        )
    if found.then.kind == "system":
        return Hit(
            name,
            f"goes through {carried} over TCP, and over WebSocket as its system is set, which was "
            "not read",
            evidence,
            _CAUSE,
            fix,
            Severity.WARNING,
        )
    return Hit(
        name,
        f"gets out through {carried}, which its WebSocket client does not take: it stays on TCP",
        evidence,
        _CAUSE,
        fix,
    )


def _shown(settings: ProxySettings) -> str:
    java = [f"-D{key}={value}" for key, value in settings.properties.items()]
    return " ".join(
        [*java, *(f"{key}={value}" for key, value in sorted(settings.environment.items()))]
    )


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    for node in to_move(inventory):
        settings = node.launch.proxy if node.launch else None
        if settings is None:
            continue
        found = gap(inventory, node, choices)
        if found is not None:
            yield _hit(subject(node), found, settings)
        elif node.launch and "-proxyCredentials" in node.launch.options:
            yield from _without_user(inventory, subject(node), settings)


def _without_user(inventory: Inventory, name: str, settings: ProxySettings) -> Iterator[Hit]:
    if agents_url(inventory.controller).lower().startswith("http://"):
        return
    yield Hit(
        name,
        "has -proxyCredentials, which its WebSocket client does not send for https",
        f"read in its process: {_shown(settings) or 'no proxy setting'}",
        "Engine sends Proxy-Authorization for http:// controllers only; a proxy that insists on "
        "it answers 407.",
        "Let the proxy pass this host without a user, or check the way from the host first; the "
        "probe from the host shows it where the driver can run code there.",
        Severity.WARNING,
    )


RULE = Rule(
    id="M050",
    name="forward-proxy",
    title="An agent's way out that WebSocket does not take",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The settings of a forward proxy, read in the agent's process (Java's properties and "
    "the environment), carry its TCP connection and not its WebSocket one.",
    why="Such an agent works today and is lost after its move. The plan leaves it out until its "
    "Java options name the proxy.",
    by_hand="On the host: tr '\\0' '\\n' < /proc/PID/environ | grep -i proxy, the -D words of the "
    "agent's command line, and curl --noproxy '*' -sI JENKINS_URL/login, which tries the way "
    "without a proxy.",
    fix="Put -Dhttps.proxyHost=HOST -Dhttps.proxyPort=PORT (for http:// controllers "
    "-Dhttp.proxyHost and -Dhttp.proxyPort) in front of -jar, restart the agent, plan again. For a "
    "proxy with Basic authentication check -Djdk.http.auth.tunneling.disabledSchemes= and whether "
    "it insists on a user: the WebSocket client sends none to it for https. Java takes "
    "http.nonProxyHosts, remoting no_proxy, for hosts that need no proxy.",
    sources=(
        remoting("src/main/java/hudson/remoting/Engine.java: PROXY_URI for http:// alone"),
        remoting(
            "src/main/java/org/jenkinsci/remoting/engine/JnlpAgentEndpointResolver.java: http_proxy"
        ),
        remoting("docs/no_proxy.md, src/main/java/hudson/remoting/NoProxyEvaluator.java"),
        "eclipse-ee4j/tyrus JdkClientContainer: HTTP proxies of ProxySelector for socket, https, "
        "http in turn; SOCKS is not supported",
        "OpenJDK sun.net.spi.DefaultProxySelector: properties, default ports, nonProxyHosts",
    ),
    levels="The describe-launch script tries from the host whether the controller's address opens "
    "without a proxy. A blocker for the node where it does not, or where that was not tried; an "
    "info where it does, since the proxy is set and not needed; a warning where Java asks the "
    "operating system for its proxy (java.net.useSystemProxies), and for -proxyCredentials with "
    "https.",
)
