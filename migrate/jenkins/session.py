"""The session with the controller: a deadline for each answer, no redirects, no cookies.

Imports python-jenkins and requests when a connection is made, not before.
"""

from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from requests import PreparedRequest, Request, Response, Session

CONNECT_TIMEOUT = 5.0
"""Seconds; a controller that does not accept a connection in this time is away."""


def session_for(
    url: str, user: str | None, token: str | None, ca_file: str | None, pool: int
) -> "Session":
    """A session that logs in by the token alone, keeps no cookie and trusts no other CA."""
    import jenkins
    from requests.adapters import HTTPAdapter
    from requests.auth import HTTPBasicAuth

    from migrate.net.pools import POOLS, Retries

    class Adapter(HTTPAdapter):
        """Its connections have a deadline for the whole of an answer."""

        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, **options)
            self.poolmanager.pool_classes_by_scheme = POOLS

        def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
            manager = super().proxy_manager_for(proxy, **options)
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
    session.auth = HTTPBasicAuth(user.encode(), token.encode()) if user and token else _nobody
    session.adapters.clear()
    session.mount(urlsplit(url).scheme + "://", Adapter(pool_maxsize=pool, max_retries=retry))
    session.verify = ca_file or True
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
            settings = session.merge_environment_settings(
                prepared.url, {}, stream, session.verify, None
            )
            timeout = getattr(req, "timeout", (CONNECT_TIMEOUT, CONNECT_TIMEOUT))
            return session.send(prepared, allow_redirects=False, timeout=timeout, **settings)

    return Server()


def _nobody(request: "PreparedRequest") -> "PreparedRequest":
    """An explicit empty login: without one, requests would take one out of ~/.netrc."""
    return request
