"""The session with the controller: a deadline for each answer, no redirects, no cookies.

Imports python-jenkins and requests when a connection is made, not before.
"""

from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrate.net.proxies import Proxy
from migrate.net.way import Way

if TYPE_CHECKING:
    from requests import PreparedRequest, Request, Response, Session

CONNECT_TIMEOUT = 5.0
"""Seconds; a controller that does not accept a connection in this time is away."""


def session_for(
    url: str, login: tuple[str, str] | None, way: Way, proxy: Proxy | None, *, pool: int
) -> "Session":
    """A session that logs in by ``login`` (user, token) alone and goes the way that is given:
    no cookie is kept, nothing of ~/.netrc or the environment counts."""
    import jenkins
    from requests.adapters import HTTPAdapter
    from requests.auth import HTTPBasicAuth

    from migrate.net.pools import POOLS, Retries

    context = way.context() if url.startswith("https:") else None

    class Adapter(HTTPAdapter):
        """Its connections have a deadline for the whole of an answer, and our trust."""

        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, ssl_context=context, **options)
            self.poolmanager.pool_classes_by_scheme = POOLS

        def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
            # requests would add the certificates that it brings.
            del url, verify, cert
            conn.cert_reqs = "CERT_REQUIRED"

        def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
            manager = super().proxy_manager_for(proxy, ssl_context=context, **options)
            if not proxy.lower().startswith("socks"):
                manager.pool_classes_by_scheme = POOLS
            return manager

    # A connection that was never made may be tried again for any method, an answer that was
    # lost only for those that change nothing.
    retry = Retries(
        total=2,
        connect=1,
        read=1,
        status=0,
        redirect=0,
        backoff_factor=0.2,
        allowed_methods=("GET", "HEAD"),
    )
    session: Session = jenkins.WrappedSession()
    session.auth = HTTPBasicAuth(login[0].encode(), login[1].encode()) if login else _nobody
    session.adapters.clear()
    session.mount(urlsplit(url).scheme + "://", Adapter(pool_maxsize=pool, max_retries=retry))
    session.trust_env = False
    session.headers.update(dict(way.headers))
    if proxy is not None:
        session.proxies = {"http": proxy.url, "https": proxy.url}
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def server_of(url: str, session: "Session") -> Any:
    """python-jenkins' server, whose every request goes through ``session``."""
    import jenkins

    class Server(jenkins.Jenkins):  # type: ignore[misc]  # python-jenkins has no types
        """Follows no redirect, hides no error's headers, and has a timeout for each request.

        The constructor of python-jenkins (1.8.2) would print the values of
        JENKINS_API_EXTRA_HEADERS and honour PYTHONHTTPSVERIFY=0, and makes a session that
        follows redirects: only its public attribute is set, its public method replaced.
        """

        def __init__(self) -> None:
            self.server = url

        def jenkins_request(
            self,
            req: "Request",
            add_crumb: bool = False,
            resolve_auth: bool = True,
            stream: bool | None = None,
        ) -> "Response":
            del add_crumb, resolve_auth  # a token needs no crumb, and the session logs in
            prepared = session.prepare_request(req)
            timeout = getattr(req, "timeout", (CONNECT_TIMEOUT, CONNECT_TIMEOUT))
            return session.send(
                prepared,
                allow_redirects=False,
                timeout=timeout,
                stream=stream,
                proxies=session.proxies,
            )

    return Server()


def _nobody(request: "PreparedRequest") -> "PreparedRequest":
    """An explicit empty login: without one, requests would take one out of ~/.netrc."""
    return request
