"""Answers that do not come from Jenkins' endpoints: network, TLS, redirects, logins, gateways."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from migrate.probe.layers import layer_of
from migrate.probe.reply import Failure, NoReply, Reply, shown


@dataclass(frozen=True)
class Cause:
    """Which layer is at fault, why, and what to do; fields as in ``ProbeAnswer``."""

    layer: str
    code: str
    cause: str
    fix: str


# Pages of Jenkins' own: Jetty's error page names the servlet, the sign-in page its form.
_JENKINS_PAGE = re.compile(
    r"Powered by Jetty|SERVLET:\s*</th><td>Stapler|\[Jenkins\]|j_spring_security_check|"
    r"Jenkins-Agent-Protocols"
)


def is_jenkins(reply: Reply) -> bool:
    """Whether Jenkins (or its Jetty) wrote this answer.

    Its error pages on /wsagents/ carry no X-Jenkins (recording 15-wsagents-plain), and a
    proxy puts its own name into Server, so the page counts too.
    """
    headers = reply.headers
    return (
        "x-jenkins" in headers
        or "x-hudson" in headers
        or "jetty" in headers.get("server", "").lower()
        or _JENKINS_PAGE.search(reply.body) is not None
    )


def cause_of_front(reply: Reply, url: str, path: str) -> Cause | None:
    """What stands between, for an answer that no endpoint of Jenkins gives; else None.

    ``url`` is the agents' address, ``path`` what was asked for below it. ``None`` for 101,
    200, 400, 404, 500 and others, which only the table of the endpoint can judge, except
    where the body tells that a proxy wrote them.
    """
    if reply.status in (301, 302, 303, 307, 308):
        return _redirect(reply, url, path)
    if reply.status in (401, 403, 407):
        return _refused(reply)
    if reply.status in (502, 503, 504):
        return _backend_down(reply)
    if reply.status == 400 and "plain HTTP request was sent to HTTPS port" in reply.text:
        return Cause(
            "tls",
            "redirect",
            "the port speaks https:// and was asked by http://",
            "use the https:// address as the agents' URL, and in Jenkins' own URL",
        )
    return None


_NO_ANSWER = {
    Failure.DNS: ("network", "the host name cannot be resolved here", "check the name and DNS"),
    Failure.REFUSED: (
        "network",
        "nothing listens at that address and port (connection refused)",
        "check the port, and that the proxy or controller runs",
    ),
    Failure.TIMEOUT: (
        "network",
        "no answer in time: a firewall drops the packets, or the far side hangs",
        "open the address from here, or run migrate where the agents' network is",
    ),
    Failure.NO_ROUTE: ("network", "there is no way to that address from here", "check routing"),
    Failure.CLOSED: (
        "network",
        "the connection was closed before an HTTP answer came",
        "check that this port speaks HTTP, and read the log of the layer that listens there",
    ),
    Failure.PROTOCOL: (
        "network",
        "what answers there does not speak HTTP as it should",
        "check the port of the address",
    ),
}


def cause_of_no_reply(came: NoReply, url: str) -> Cause:
    """Which layer failed when there was no HTTP answer at all."""
    if came.kind is Failure.TLS:
        return Cause(
            "tls",
            "tls",
            f"TLS to {urlsplit(url).netloc} fails: {came.detail}",
            "put the certificate right, or give the private CA with --ca-file; agents need that CA "
            "in their Java trust store too (-Djavax.net.ssl.trustStore)",
        )
    layer, cause, fix = _NO_ANSWER[came.kind]
    code = "not-jenkins" if came.kind is Failure.PROTOCOL else "unreachable"
    return Cause(layer, code, f"{cause} ({came.detail})", fix)


_LOGIN_WORDS = re.compile(r"(?i)sso|log-?in|sign-?_?in|auth|saml|adfs|idp\b|accounts\.|keycloak")


def _redirect(reply: Reply, url: str, path: str) -> Cause:
    here = urlsplit(url)
    if not reply.headers.get("location"):
        return Cause(
            "proxy",
            "redirect",
            f"the request is redirected ({reply.line}), to a login or to another address; agents "
            "do not follow redirects",
            "ask the same address with curl -v: use the address that it redirects to as the "
            "agents' URL, or exempt the agents' paths from the login layer",
        )
    try:
        there = urlsplit(urljoin(url, reply.headers.get("location", "")))
        host = (there.hostname or "").lower()
    except ValueError:
        # A Location that is no URL at all.
        there, host = urlsplit(""), ""
    # The query of a login redirect carries state and tokens: it is never shown.
    target = shown(f"{there.scheme}://{host or '?'}{there.path}", 120)
    who = "Jenkins" if is_jenkins(reply) else layer_of(reply.headers).name
    same_host = host == (here.hostname or "").lower()
    same_path = there.path.rstrip("/").endswith("/" + path.rstrip("/"))
    if same_host:
        login = not same_path and _LOGIN_WORDS.search(there.path) is not None
    else:
        # Another name of the same service keeps the path; a login has a host of its own and
        # takes along where to come back to
        # (recordings nginx/http-to-https-redirect, nginx/sso-302-everywhere).
        login = not same_path or bool(there.query) or _LOGIN_WORDS.search(host) is not None
    if login:
        return Cause(
            "auth",
            "auth-in-front",
            f"{who} sends the request to a login at {target}; agents cannot log in there",
            "exempt /login, /wsagents/, /jnlpJars/ and /tcpSlaveAgentListener/ from the login "
            "layer: agents prove themselves by their secret",
        )
    if here.scheme == "http" and there.scheme == "https":
        return Cause(
            "proxy",
            "redirect",
            f"{who} redirects http:// to {target}; agents do not follow redirects",
            "use the https:// address as the agents' URL, and in Jenkins' own URL "
            "(Manage Jenkins, System)",
        )
    return Cause(
        "jenkins" if is_jenkins(reply) else "proxy",
        "wrong-path" if same_host else "redirect",
        f"{who} redirects to {target}; agents do not follow redirects",
        "use the address that it redirects to as the agents' URL",
    )


def _refused(reply: Reply) -> Cause:
    if is_jenkins(reply):
        return Cause(
            "jenkins",
            "auth-in-front",
            f"Jenkins itself answers {reply.line} where every caller is let in: a security plugin "
            "or a filter of its own asks for a login",
            "exempt /login and /wsagents/ in that plugin",
        )
    return Cause(
        "auth",
        "auth-in-front",
        f"{layer_of(reply.headers).name} refuses the request ({reply.line}) before it reaches "
        "Jenkins: a login layer, or a firewall rule (WAF)",
        "exempt /login, /wsagents/, /jnlpJars/ and /tcpSlaveAgentListener/ from the login layer "
        "and the firewall's rules: agents prove themselves by their secret",
    )


def _backend_down(reply: Reply) -> Cause:
    if is_jenkins(reply):
        return Cause(
            "jenkins",
            "backend-down",
            f"Jenkins answers {reply.line}: it is starting or shutting down",
            "wait until Jenkins is up, then run this again",
        )
    return Cause(
        "proxy",
        "backend-down",
        f"{layer_of(reply.headers).name} answers {reply.line}: it cannot reach Jenkins behind it",
        "check that Jenkins runs, and the address and port that the proxy sends requests to",
    )
