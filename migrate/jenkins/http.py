"""HTTP to the controller, by python-jenkins: with timeouts, no redirects, no cookies.

Imports python-jenkins and requests when a connection is made, not before.
"""

import re
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from migrate.jenkins.errors import (
    AuthFailed,
    BadTls,
    BadUrl,
    Forbidden,
    NodeGone,
    UnexpectedAnswer,
    Unreachable,
    permission_name,
)
from migrate.model.errors import ExitCode
from migrate.model.known_secrets import known
from migrate.model.secrets import mask
from migrate.model.text import visible
from migrate.model.waiting import Standstill, Unwatched

if TYPE_CHECKING:
    from requests import PreparedRequest, Request, Response, Session

CONNECT_TIMEOUT = 5.0
"""Seconds; a controller that does not accept a connection in this time is away."""
BUILT_IN = "(built-in)"

_TITLE = re.compile(r"<title>([^<]*)</title>", re.IGNORECASE)


def checked_url(url: str) -> str:
    """``url`` with a final slash; ``BadUrl`` unless it is http(s) with a host and no password."""
    try:
        parts = urlsplit(url.strip())
        bad = parts.scheme not in ("http", "https") or not parts.hostname
        port_is_bad = parts.port == 0
    except ValueError:
        bad = port_is_bad = True
        parts = urlsplit("")
    hint = "migrate doctor --jenkins-url https://jenkins.example/"
    if bad or port_is_bad:
        shown = mask(visible(url))
        raise BadUrl(f"{shown!r} is not the URL of a controller", next_command=hint)
    if parts.username is not None or parts.password is not None:
        raise BadUrl(
            "the controller's URL holds a user or a password, which would end up in logs; "
            "use JENKINS_USER_ID and JENKINS_API_TOKEN",
            next_command=hint,
        )
    if parts.query or parts.fragment:
        raise BadUrl("the controller's URL has a query or a fragment", next_command=hint)
    return url.strip().rstrip("/") + "/"


def node_path(name: str, rest: str = "") -> str:
    """``computer/NAME/rest`` with every byte of the name that needs it percent-encoded."""
    return f"computer/{quote(name, safe='()')}/{rest}"


_AWAY = {
    502: "is away, or gave what stands in front of it no proper answer",
    503: "is starting or away",
    504: "answered too late for what stands in front of it",
}
_BY_STAPLER = b"<th>SERVLET:</th><td>Stapler</td>"


def by_jenkins(response: Any) -> bool:
    """Whether Jenkins itself gave this answer, and nothing in front of it.

    Older cores leave a 404 to Jetty, which names the servlet and not the version (a real 2.361.4;
    2.426.2 has a page of its own, 14-tcp-disabled).
    """
    if "X-Jenkins" in response.headers:
        return True
    return response.status_code == 404 and _BY_STAPLER in response.content


class Http:
    """One controller; safe to use from many threads.

    Without cookies on purpose: each request authenticates by its API token, which needs no
    crumb, and a session that an error page started would make the next POST need one.
    """

    def __init__(
        self,
        url: str,
        user: str | None,
        token: str | None,
        *,
        timeout: float,
        ca_file: str | None,
        pool: int,
    ) -> None:
        self.url = checked_url(url)
        self.user = user or ""
        self.timeout = timeout
        known().remember(token, user=user)
        self.anonymous = not (user and token)
        self._server = _server(self.url, _session(self.url, user, token, ca_file, pool))
        self.standstill: Standstill | Unwatched = Unwatched()
        """Told of each call that waits for Jenkins itself."""

    def get(self, path: str, **options: Any) -> "Response":
        """``send("GET", ...)``."""
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> "Response":
        """``send("POST", ...)``; a redirect into /computer/ is how Jenkins says that it was done
        (recordings 22-*, 24-*). Any other redirect is a login page in front of it."""
        options.setdefault("expected", (200, 302))
        response = self.send("POST", path, **options)
        if response.status_code == 302:
            target = urlsplit(response.headers.get("Location", "")).path
            if "/computer/" not in target:
                raise self._redirected(response, f"POST /{visible(path)}")
        return response

    def send(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
        stream: bool = False,
        expected: tuple[int, ...] = (200,),
        node: str | None = None,
        needs: str = "",
        slow: str = "",
    ) -> "Response":
        """One request. A status that is not ``expected`` raises by its meaning.

        ``slow`` says who it is that must answer in time, where that is not Jenkins. ``node`` is
        the node that it is about (404 is then ``NodeGone``); ``needs`` names the permission for a
        403 that does not name it (recording 40-perm-read-log).
        """
        import requests

        request = requests.Request(
            method,
            self.url + path,
            params=params,
            data=data,
            # Messages such as "Disconnected by NAME" come in the reader's language.
            headers={"Accept-Language": "en", **(headers or {})},
        )
        waits = timeout or self.timeout
        request.timeout = (min(CONNECT_TIMEOUT, waits), waits)  # type: ignore[attr-defined]
        watch = Unwatched() if slow else self.standstill
        try:
            with watch.watching():
                response: Response = self._server.jenkins_request(request, stream=stream)
        except requests.exceptions.RequestException as error:
            raise self._no_answer(error, waits, slow) from None
        if response.status_code not in expected:
            try:
                raise self._meaning(response, path, node, needs)
            finally:
                response.close()
        return response

    def _no_answer(self, error: Exception, timeout: float, slow: str) -> Exception:
        import requests

        text = str(error)
        where = f"Jenkins at {visible(self.url)}"
        next_command = f"migrate doctor --jenkins-url {visible(self.url)}"
        if isinstance(error, requests.exceptions.SSLError):
            if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER" in text:
                return BadTls(
                    f"{where} does not speak TLS on this port: is it http://?",
                    next_command=next_command.replace("https://", "http://"),
                )
            found = re.search(r"certificate verify failed: ([^(\"']+)", text)
            why = found[1].strip() if found else "the TLS handshake failed"
            return BadTls(
                f"{where} cannot be trusted: {why}; give its CA with --ca-file",
                next_command=next_command,
            )
        if "Read timed out" in text:
            why = f"no answer within {timeout:.0f} s"
            told = f"{slow}: {why}" if slow else f"{where} cannot be reached: {why}"
            return Unreachable(told, late=True, next_command=next_command)
        if isinstance(error, requests.exceptions.ProxyError):
            why = "the proxy of HTTP_PROXY or HTTPS_PROXY does not let it through"
        else:
            why = _why_not_connected(text)
        return Unreachable(f"{where} cannot be reached: {why}", next_command=next_command)

    def _meaning(self, response: "Response", path: str, node: str | None, needs: str) -> Exception:
        status = response.status_code
        what = f"{response.request.method} /{visible(path)}"
        if status == 401:
            return self._unauthorised()
        if status == 403:
            return self._forbidden(response, what, needs)
        if status == 404 and node is not None and by_jenkins(response):
            return NodeGone(node)
        if 300 <= status < 400:
            return self._redirected(response, what)
        if status in _AWAY:
            return Unreachable(
                f"Jenkins at {visible(self.url)} {_AWAY[status]} ({status})",
                status=status,
                next_command=f"migrate doctor --jenkins-url {visible(self.url)}",
            )
        told = _told(response)
        from_jenkins = "" if by_jenkins(response) else ", not said by Jenkins itself"
        return UnexpectedAnswer(f"{what} answered {status}{from_jenkins}{told}")

    def _unauthorised(self) -> AuthFailed:
        if self.anonymous:
            return AuthFailed(
                "Jenkins wants a login: set JENKINS_USER_ID and JENKINS_API_TOKEN",
            )
        return AuthFailed(
            f"Jenkins refuses user {visible(self.user)!r} with this token (401): make a new "
            "token on the user's Security page and set JENKINS_API_TOKEN"
        )

    def _forbidden(self, response: "Response", what: str, needs: str) -> Exception:
        if not self.anonymous and "crumb" in _told(response):
            return AuthFailed(
                f"Jenkins took the secret of user {visible(self.user)!r} for a password, which "
                "needs a crumb on each change: set JENKINS_API_TOKEN to an API token"
            )
        named = response.headers.get("X-Required-Permission", "")
        permission = permission_name(named) if named else needs
        if self.anonymous:
            return AuthFailed(
                f"{what} is not for anonymous: set JENKINS_USER_ID and JENKINS_API_TOKEN"
            )
        if not named and not by_jenkins(response):
            return UnexpectedAnswer(
                f"{what} answered 403, not said by Jenkins itself but by something in front of it"
                + _told(response)
            )
        lacks = f"lacks {visible(permission)}" if permission else "lacks a permission"
        return Forbidden(
            f"user {visible(self.user)!r} {lacks} ({what} answered 403)", permission=permission
        )

    def _redirected(self, response: "Response", what: str) -> Exception:
        target = response.headers.get("Location", "")
        shown = visible(mask(target.split("?")[0]))
        return UnexpectedAnswer(
            f"{what} is redirected to {shown or 'nowhere'}: the URL is not the controller's own, "
            "or a login page stands in front of it",
            next_command="migrate doctor --jenkins-url URL",
            exit_code=ExitCode.BLOCKED,
        )


def _told(response: "Response") -> str:
    """The title of an error page, which holds Jenkins' own words."""
    try:
        found = _TITLE.search(response.text[:20_000])
    except Exception:
        return ""
    return f": {visible(mask(found[1].strip()))[:200]}" if found else ""


def _why_not_connected(text: str) -> str:
    lowered = text.lower()
    for part, why in (
        ("name or service not known", "its host name is not known"),
        ("failed to resolve", "its host name is not known"),
        ("nodename nor servname", "its host name is not known"),
        ("temporary failure in name resolution", "its host name cannot be resolved now"),
        ("connection refused", "the connection is refused"),
        ("no route to host", "there is no route to its host"),
        ("network is unreachable", "its network cannot be reached"),
        ("timed out", "it accepts no connection"),
        ("connection reset", "the connection was reset"),
        ("remote end closed", "it closed the connection without an answer"),
        ("bad status line", "what answers does not speak HTTP"),
    ):
        if part in lowered:
            return why
    return visible(mask(text))[:200]


def _session(
    url: str, user: str | None, token: str | None, ca_file: str | None, pool: int
) -> "Session":
    """A session that logs in by the token alone, keeps no cookie and trusts no other CA."""
    import jenkins
    from requests.adapters import HTTPAdapter
    from requests.auth import HTTPBasicAuth
    from urllib3.util.retry import Retry

    # A connection that was never made may be tried again for any method, an answer that was
    # lost only for those that change nothing.
    retry = Retry(
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
    session.mount(urlsplit(url).scheme + "://", HTTPAdapter(pool_maxsize=pool, max_retries=retry))
    session.verify = ca_file or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _server(url: str, session: "Session") -> Any:
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


def first_bytes(http: Http, response: "Response", limit: int) -> tuple[bytes, bool]:
    """Up to ``limit`` bytes of a streamed body, and whether there were more. Closes it."""
    import requests

    taken = bytearray()
    try:
        for chunk in response.iter_content(65536):
            taken += chunk
            if len(taken) > limit:
                return bytes(taken[:limit]), True
    except requests.exceptions.RequestException:
        raise Unreachable(
            f"Jenkins at {visible(http.url)} broke off in the middle of an answer",
            next_command=f"migrate doctor --jenkins-url {visible(http.url)}",
        ) from None
    finally:
        response.close()
    return bytes(taken), False
