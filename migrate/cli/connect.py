"""From options, environment and config file to the clients that a command uses."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrate.model.errors import UsageProblem

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
    ca_file: Path | None
    kubeconfig: Path | None
    context: str | None
    no_cluster: bool
    timeout: float
    jenkins_service: str = ""
    """``NS/NAME`` of this Jenkins' Service, where no Ingress tells which it is."""
    namespaces: tuple[str, ...] = ()
    """Looked at one by one where listing the whole cluster is forbidden."""

    @property
    def host(self) -> str:
        """The controller's host name: what ``--confirm`` must repeat."""
        return urlsplit(self.url).hostname or self.url

    def token(self) -> str | None:
        """The API token, from its file or the environment; never from the command line."""
        if self.token_file is None:
            return os.environ.get("JENKINS_API_TOKEN") or None
        try:
            return self.token_file.read_text().strip()
        except OSError as error:
            raise UsageProblem(
                f"cannot read the token file {self.token_file}: {error.strerror}",
                next_command="--token-file FILE",
            ) from None

    def jenkins(self) -> "JenkinsController":
        """The controller's client."""
        from migrate.jenkins.client import JenkinsController

        token = self.token()
        if self.user and not token:
            raise UsageProblem(
                f"there is no API token for the user {self.user}",
                next_command="export JENKINS_API_TOKEN=..., or --token-file FILE",
            )
        ca_file = str(self.ca_file) if self.ca_file else None
        return JenkinsController(self.url, self.user, token, timeout=self.timeout, ca_file=ca_file)

    def prober(self) -> "Prober":
        """Probes through the address that agents use."""
        from migrate.probe.prober import Prober

        return Prober(self.url, timeout=self.timeout, ca_file=self.ca_file)

    def cluster(self) -> "ClusterClient | None":
        """The cluster's client; None with ``--no-cluster`` or when nothing names one."""
        if self.no_cluster or not self._names_cluster():
            return None
        from migrate.cluster.client import ClusterClient

        return ClusterClient(self.kubeconfig, self.context, timeout=self.timeout)

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
    known = _from_file(config, controller)
    url = url or known.get("url")
    if not url:
        raise UsageProblem(
            "no controller is named",
            next_command="export JENKINS_URL=https://HOST/ (or --jenkins-url, or --config FILE)",
        )
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise UsageProblem(
            "the controller's URL must begin with https:// (or http://) and name a host",
            next_command="--jenkins-url https://HOST/",
        )

    def path(value: Path | None, key: str) -> Path | None:
        return value or (Path(known[key]).expanduser() if known.get(key) else None)

    return Connection(
        url=url if url.endswith("/") else url + "/",
        user=user or known.get("user"),
        token_file=path(token_file, "token_file"),
        ca_file=path(ca_file, "ca_file"),
        kubeconfig=path(kubeconfig, "kubeconfig"),
        context=context or known.get("context"),
        no_cluster=no_cluster or bool(known.get("no_cluster", False)),
        timeout=timeout,
        jenkins_service=_service(jenkins_service or known.get("jenkins_service") or ""),
        namespaces=namespaces or tuple(_namespaces(known.get("namespaces"))),
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


def _namespaces(value: object) -> list[str]:
    if value is None or isinstance(value, str):
        return [value] if value else []
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return value
    raise UsageProblem(
        "'namespaces' in the config file is not a list of names",
        next_command="see examples/config.yaml",
    )


_KEYS = (
    "url",
    "user",
    "token_file",
    "ca_file",
    "kubeconfig",
    "context",
    "no_cluster",
    "jenkins_service",
    "namespaces",
)


def _from_file(config: Path | None, name: str | None) -> dict[str, Any]:
    if config is None:
        return {}
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe").load(config.read_text())
    except (OSError, YAMLError) as error:
        raise UsageProblem(
            f"cannot read {config}: {getattr(error, 'strerror', None) or 'not YAML'}",
            next_command="--config FILE (see examples/config.yaml)",
        ) from None
    controllers = data.get("controllers") if isinstance(data, dict) else None
    if not isinstance(controllers, dict) or not controllers:
        raise UsageProblem(
            f"{config} names no controllers", next_command="see examples/config.yaml"
        )
    if name is None and len(controllers) == 1:
        name = next(iter(controllers))
    if name not in controllers:
        raise UsageProblem(
            f"{config} has the controllers {', '.join(map(str, controllers))}",
            next_command="--controller NAME",
        )
    entry = controllers[name]
    wrong = sorted(set(entry) - set(_KEYS)) if isinstance(entry, dict) else ["(not a mapping)"]
    if wrong:
        raise UsageProblem(
            f"controller {name} in {config} has unknown keys: {', '.join(wrong)}",
            next_command=f"known keys: {', '.join(_KEYS)}",
        )
    return dict(entry)
