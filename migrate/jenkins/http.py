"""HTTP to the controller: each answer bounded, and each failure told by what it means."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from migrate.jenkins.errors import (
    AuthFailed,
    BadTls,
    BadUrl,
    EndlessAnswer,
    Forbidden,
    NodeGone,
    UnexpectedAnswer,
    Unreachable,
    permission_name,
)
from migrate.jenkins.session import CONNECT_TIMEOUT, server_of, session_for
from migrate.model.errors import ExitCode
from migrate.model.known_secrets import known
from migrate.model.secrets import mask
from migrate.model.text import visible
from migrate.model.waiting import Standstill, Unwatched
from migrate.net.answers import has_lone
from migrate.net.bounded import MOST_BODY, PACKINGS, BadPacking, TooLarge, read_body
from migrate.net.proxies import proxy_for
from migrate.net.way import Way

if TYPE_CHECKING:
    from requests import Response

MOST_OF_AN_ERROR = 64 << 10
"""Bytes of an error page that are looked at; Jenkins' own stay below 10 KiB."""
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
    """``computer/NAME/rest`` with every byte of the name that needs it percent-encoded.

    ``UnexpectedAnswer`` for a name with half of a surrogate pair, which can't be sent.
    """
    if has_lone(name):
        raise UnexpectedAnswer(f"the name of node {visible(name)} can't be sent: it is no text")
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
        way: Way,
        pool: int,
    ) -> None:
        self.url = checked_url(url)
        self.user = user or ""
        self.timeout = timeout
        known().remember(token, user=user)
        self.anonymous = not (user and token)
        self.proxy = proxy_for(self.url)
        """Of the environment; None: straight to the controller."""
        known().remember_url(self.proxy.url if self.proxy else None)
        login = (user, token) if user and token else None
        session = session_for(self.url, login, way, self.proxy, pool=pool)
        self._server = server_of(self.url, session)
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
        most: int = MOST_BODY,
        cut: bool = False,
        expected: tuple[int, ...] = (200,),
        node: str | None = None,
        needs: str = "",
        slow: str = "",
    ) -> "Response":
        """One request. A status that is not ``expected`` raises by its meaning.

        ``timeout`` seconds are for all of it, with its tries and its body. A body of more than
        ``most`` bytes is an ``EndlessAnswer``; with ``cut`` its first ``most`` and one more.
        ``slow`` says who it is that must answer in time, where that is not Jenkins. ``node`` is
        the node that it is about (404 is then ``NodeGone``); ``needs`` names the permission for a
        403 that does not name it (recording 40-perm-read-log).
        """
        import requests

        from migrate.net.pools import Within

        request = requests.Request(
            method,
            self.url + path,
            params=params,
            data=data,
            # Messages such as "Disconnected by NAME" come in the reader's language.
            headers={
                "Accept-Language": "en",
                "Accept-Encoding": PACKINGS,
                **(headers or {}),
            },
        )
        waits = timeout or self.timeout
        request.timeout = Within(waits, CONNECT_TIMEOUT)  # type: ignore[attr-defined]
        watch = Unwatched() if slow else self.standstill
        try:
            with watch.watching():
                response: Response = self._server.jenkins_request(request, stream=True)
                good = response.status_code in expected
                with response:
                    self._fill(
                        response,
                        most if good else MOST_OF_AN_ERROR,
                        cut or not good,
                        f"{method} /{visible(path)}",
                        waits,
                    )
        except requests.exceptions.RequestException as error:
            raise self._no_answer(error, waits, slow) from None
        if not good:
            raise self._meaning(response, path, node, needs)
        return response

    def _fill(self, response: "Response", most: int, cut: bool, what: str, waits: float) -> None:
        """The body, where requests looks for it once it was read."""
        from urllib3.exceptions import HTTPError, ReadTimeoutError

        def read(count: int) -> bytes:
            piece: bytes = response.raw.read(count, decode_content=False)
            return piece

        packing = response.headers.get("Content-Encoding", "")
        body = b""
        try:
            body = read_body(read, most, packing, cut=cut)
        except TooLarge as error:
            raise EndlessAnswer(f"{what}: the answer is too large: {error}") from None
        except BadPacking as error:
            raise UnexpectedAnswer(f"{what}: the answer can't be read: {error}") from None
        except ReadTimeoutError:
            if response.status_code < 400:
                told = f"{what}: the answer began, and did not end within {waits:.0f} s"
                raise EndlessAnswer(told, late=True) from None
        except (HTTPError, OSError):
            if response.status_code < 400:
                raise Unreachable(
                    f"Jenkins at {visible(self.url)} broke off in the middle of an answer",
                    next_command=f"migrate doctor --jenkins-url {visible(self.url)}",
                ) from None
        response._content = body
        response._content_consumed = True  # type: ignore[attr-defined]

    def _no_answer(self, error: Exception, timeout: float, slow: str) -> Exception:
        import requests

        text = str(error)
        through = f" through the proxy {self.proxy.shown}" if self.proxy else ""
        where = f"Jenkins at {visible(self.url)}{through}"
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
            why = "the proxy does not let it through, or is not there"
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
