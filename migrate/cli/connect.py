"""From options, environment and config file to the clients that a command uses."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from migrate.cli.config_file import ControllerEntry, read_drivers, read_entry
from migrate.model.access import Access
from migrate.model.address import is_loopback
from migrate.model.errors import UsageProblem
from migrate.model.known_secrets import known
from migrate.model.next_command import Given
from migrate.model.text import visible
from migrate.net.way import DIRECT, Way, read_headers

if TYPE_CHECKING:
    from migrate.cluster.client import ClusterClient
    from migrate.jenkins.client import JenkinsController
    from migrate.probe.prober import Prober


@dataclass(frozen=True)
class Connection:
    """Where to connect, without any secret."""

    url: str
    user: str | None
    token_file: Path | None
    kubeconfig: Path | None
    context: str | None
    no_cluster: bool
    timeout: float
    way: Way = DIRECT
    """Whom to trust, and what a proxy in front of the controller wants."""
    insecure_http: bool = False
    """Credentials may go over http:// to another machine."""
    jenkins_service: str = ""
    """``NS/NAME`` of this Jenkins' Service, where no Ingress tells which it is."""
    namespaces: tuple[str, ...] = ()
    """Looked at one by one where listing the whole cluster is forbidden."""
    access: Access = field(default_factory=Access)
    """How the drivers ``ssh`` and ``command`` reach agents' hosts."""
    given: Given = ()
    """The options of the command line among all this, for next commands."""

    @property
    def host(self) -> str:
        """The controller's host name: what ``--confirm`` must repeat."""
        return urlsplit(self.url).hostname or self.url

    def token(self) -> str | None:
        """The API token, from its file or the environment; never from the command line."""
        if self.token_file is None:
            token = os.environ.get("JENKINS_API_TOKEN") or None
            known().remember(token, user=self.user)
            return token
        try:
            token = self.token_file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            raise UsageProblem(
                f"cannot read the token file {self.token_file}: {why}",
                next_command="migrate doctor --token-file FILE",
            ) from None
        known().remember(token, user=self.user)
        return token

    def jenkins(self) -> "JenkinsController":
        """The controller's client."""
        from migrate.jenkins.client import JenkinsController

        token = self.token()
        if self.user and not token:
            empty = f": {self.token_file} is empty" if self.token_file else ""
            raise UsageProblem(
                f"there is no API token for the user {self.user}{empty}",
                next_command="migrate doctor --token-file FILE    # or set JENKINS_API_TOKEN",
            )
        if token and not self.user:
            raise UsageProblem(
                "there is an API token, and no user that it belongs to",
                next_command="migrate doctor --jenkins-user USER    # or set JENKINS_USER_ID",
            )
        if (token or self.way.own) and not self.insecure_http:
            _not_in_clear(self.url)
        return JenkinsController(self.url, self.user, token, timeout=self.timeout, way=self.way)

    def prober(self) -> "Prober":
        """Probes through the address that agents use."""
        from migrate.probe.prober import Prober

        return Prober(self.url, timeout=self.timeout, way=self.way)

    def cluster(self) -> "ClusterClient | None":
        """The cluster's client; None with ``--no-cluster`` or when nothing names one.

        ``UsageProblem`` when the kubeconfig or context that is named cannot be used: going on
        without the cluster would look as if nothing there had to be done.
        """
        if self.no_cluster or not self._names_cluster():
            return None
        from migrate.cluster.client import ClusterClient

        client = ClusterClient(
            self.kubeconfig,
            self.context,
            timeout=self.timeout,
            insecure_http=self.insecure_http,
        )
        if self.kubeconfig or self.context or os.environ.get("KUBECONFIG"):
            _ = client.context  # reads the files, sends nothing
        return client

    def _names_cluster(self) -> bool:
        return bool(
            self.kubeconfig
            or self.context
            or os.environ.get("KUBECONFIG")
            or os.environ.get("KUBERNETES_SERVICE_HOST")
            or (Path.home() / ".kube" / "config").is_file()
        )


def connection(
    *,
    url: str | None,
    user: str | None = None,
    token_file: Path | None = None,
    ca_file: Path | None = None,
    client_cert: Path | None = None,
    client_key: Path | None = None,
    header_file: Path | None = None,
    insecure_http: bool = False,
    kubeconfig: Path | None = None,
    context: str | None = None,
    no_cluster: bool = False,
    jenkins_service: str | None = None,
    namespaces: tuple[str, ...] = (),
    timeout: float = 15.0,
    config: Path | None = None,
    controller: str | None = None,
) -> Connection:
    """Options before environment before config file. ``UsageProblem`` without a URL."""
    if controller and config is None:
        raise UsageProblem(
            "--controller names an entry of a --config file, and none is given",
            next_command=f"migrate scan --config FILE --controller {controller}",
        )
    known = read_entry(config, controller) if config is not None else ControllerEntry()
    url = url or known.url
    if not url:
        raise UsageProblem(
            "no controller is named",
            next_command="migrate doctor --jenkins-url https://HOST/    # or set JENKINS_URL, or "
            "--config FILE",
        )
    _check(url)

    def path(value: Path | None, named: str | None) -> Path | None:
        return value or (Path(named).expanduser() if named else None)

    headers = path(header_file, known.header_file)
    way = Way(
        ca_file=path(ca_file, known.ca_file) or _bundle_of_requests(),
        client_cert=path(client_cert, known.client_cert),
        client_key=path(client_key, known.client_key),
        headers=read_headers(headers) if headers else (),
    )
    if ca_file is not None:
        way.context()  # A file that is not there is told also where http:// needs none.
    if way.client_key and not way.client_cert:
        raise UsageProblem(
            "there is a client key, and no certificate that it belongs to",
            next_command="migrate doctor --client-cert FILE --client-key FILE",
        )
    return Connection(
        url=url if url.endswith("/") else url + "/",
        user=user or known.user,
        token_file=path(token_file, known.token_file),
        kubeconfig=path(kubeconfig, known.kubeconfig),
        context=context or known.context,
        no_cluster=no_cluster or known.no_cluster,
        timeout=timeout,
        way=way,
        insecure_http=insecure_http or known.insecure_http,
        jenkins_service=_service(jenkins_service or known.jenkins_service or ""),
        namespaces=namespaces or known.namespaces,
        access=read_drivers(config) if config is not None else Access(),
    )


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, brackets that are no address
        usable = False
    if not usable:
        raise UsageProblem(
            "the controller's URL must begin with https:// (or http://) and name a host",
            next_command="migrate doctor --jenkins-url https://HOST/",
        )
    if parts.username is not None:
        raise UsageProblem(
            "the controller's URL holds a user or a password, which plan and record would show",
            next_command="migrate doctor --jenkins-url https://HOST/ --jenkins-user USER "
            "--token-file FILE",
        )


def _bundle_of_requests() -> Path | None:
    """What REQUESTS_CA_BUNDLE names: this tool was always told so by those who had no --ca-file."""
    named = os.environ.get("REQUESTS_CA_BUNDLE", "")
    return Path(named) if named and Path(named).is_file() else None


def _not_in_clear(url: str) -> None:
    """``UsageProblem`` where a token or secret would go over a network in clear."""
    parts = urlsplit(url)
    if parts.scheme != "http" or is_loopback(parts.hostname or ""):
        return
    raise UsageProblem(
        f"{visible(url)} is not encrypted: everybody on the way would read the API token; nothing "
        "was sent",
        next_command=f"migrate doctor --jenkins-url {visible('https' + url[4:])}    # or "
        "--insecure-http, to send it all the same",
    )


def _service(text: object) -> str:
    """``NS/NAME`` as given, or empty; ``UsageProblem`` for anything else."""
    parts = str(text).split("/")
    if text and (len(parts) != 2 or not all(parts)):
        raise UsageProblem(
            f"{text!r} does not name a Service as NAMESPACE/NAME",
            next_command="--jenkins-service NAMESPACE/NAME",
        )
    return str(text)
