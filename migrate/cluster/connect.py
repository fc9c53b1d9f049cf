"""From a kubeconfig, or from inside a cluster, to a connection pool.

The official client reads the kubeconfig (contexts, exec plugins, certificates, proxies). Its
import takes more than half a second, so it happens in here and nowhere at start-up.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from migrate.cluster.errors import NoKubeconfig
from migrate.model.address import is_loopback
from migrate.model.known_secrets import known
from migrate.model.secrets import mask
from migrate.model.text import visible

_SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_ENVIRONMENT = threading.RLock()
"""Held while the environment is another one."""
IN_CLUSTER = "in-cluster"
"""The context's name where a pod's own service account is used."""


@dataclass(frozen=True)
class Connection:
    """An open way to one API server."""

    host: str
    """URL without a trailing slash."""
    context: str
    namespace: str
    """The context's namespace, ``default`` when it names none."""
    configuration: Any
    """kubernetes.client.Configuration."""
    pool: Any
    """urllib3.PoolManager with the TLS settings of the kubeconfig."""
    proxy: str = ""
    """The proxy that it goes through, without its password; of kubeconfig or environment."""

    @property
    def told(self) -> str:
        """The server for a message, with the proxy on the way."""
        through = f" through the proxy {self.proxy}" if self.proxy else ""
        return visible(self.host) + through

    def headers(self) -> dict[str, str]:
        """The Authorization header, refreshed when the token expired; empty without one."""
        with _own_secrets_away():
            settings = self.configuration.auth_settings()
        bearer = settings.get("BearerToken")
        if not bearer or not bearer.get("value"):
            return {}
        # A refreshed one is another one.
        known().remember(str(bearer["value"]).partition(" ")[2] or str(bearer["value"]))
        return {"Authorization": bearer["value"]}


def connect(
    kubeconfig: Path | None, context: str | None, *, insecure_http: bool = False
) -> Connection:
    """Read the configuration. No request is made, and none will be that shows a credential on a
    network (``NoKubeconfig``), unless ``insecure_http``.

    In this order: ``kubeconfig``, ``$KUBECONFIG`` (several files, separated as in PATH),
    ``~/.kube/config``, the service account of the pod that this runs in. ``NoKubeconfig`` when
    there is none, when it can't be read, or when it lacks the context.
    """
    from kubernetes.client import Configuration
    from kubernetes.client.rest import RESTClientObject

    from migrate.net.pools import POOLS

    files = _files(kubeconfig)
    configuration = Configuration()
    # Retries are decided per request by the client: only reads are repeated.
    configuration.retries = False
    if files:
        name, namespace = _load_files(files, context, configuration)
    elif (_SERVICE_ACCOUNT / "token").is_file():
        name, namespace = _load_service_account(configuration)
    else:
        raise NoKubeconfig(
            "no kubeconfig: neither --kubeconfig nor KUBECONFIG nor ~/.kube/config names a file, "
            "and this is not a pod of a cluster",
            next_command="migrate doctor --kubeconfig FILE    # or --no-cluster, to go without one",
        )
    if not insecure_http:
        _not_in_clear(configuration)
    for secret in (configuration.password, *configuration.api_key.values()):
        known().remember(str(secret or "").removeprefix("Bearer "))
    for url in (configuration.host, configuration.proxy):
        known().remember_url(url)
    rest = RESTClientObject(configuration)
    if not str(configuration.proxy or "").lower().startswith("socks"):
        rest.pool_manager.pool_classes_by_scheme = POOLS
    return Connection(
        host=str(configuration.host).rstrip("/"),
        context=name,
        namespace=namespace or "default",
        configuration=configuration,
        pool=rest.pool_manager,
        proxy=_proxy_of(rest.pool_manager),
    )


def _proxy_of(pool: Any) -> str:
    """``proxy.example:3128``; empty: straight. A pool has ``proxy``, or (SOCKS) ``proxy_url``."""
    found = getattr(pool, "proxy", None) or getattr(pool, "proxy_url", None)
    return visible(str(found).partition("://")[2].rpartition("@")[2]) if found else ""


def _not_in_clear(configuration: Any) -> None:
    parts = urlsplit(str(configuration.host))
    if parts.scheme != "http" or is_loopback(parts.hostname or ""):
        return
    if configuration.api_key or configuration.username or configuration.password:
        raise NoKubeconfig(
            f"the API server of this kubeconfig, {visible(str(configuration.host))}, is not "
            "encrypted: everybody on the way would read the credentials; nothing was sent",
            next_command="migrate doctor --kubeconfig FILE    # one with https://, or "
            "--insecure-http, to send them all the same",
        )


def _files(kubeconfig: Path | None) -> list[Path]:
    if kubeconfig is not None:
        if not kubeconfig.is_file():
            raise NoKubeconfig(
                f"there is no kubeconfig file {visible(str(kubeconfig))}",
                next_command="migrate doctor --kubeconfig FILE",
            )
        return [kubeconfig]
    named = os.environ.get("KUBECONFIG", "")
    if named:
        files = [Path(part).expanduser() for part in named.split(os.pathsep) if part]
        found = [file for file in files if file.is_file()]
        if not found:
            there = any(file.exists() for file in files)  # /dev/null, a folder
            why = "which is not a file" if there else "and there is no such file"
            raise NoKubeconfig(
                f"KUBECONFIG names {visible(named)}, {why}",
                next_command="migrate doctor --kubeconfig FILE    # or --no-cluster",
            )
        return found
    default = Path("~/.kube/config").expanduser()
    return [default] if default.is_file() else []


def _load_files(files: list[Path], context: str | None, configuration: Any) -> tuple[str, str]:
    config = _library()
    joined = os.pathsep.join(str(file) for file in files)
    shown = visible(joined)
    try:
        contexts, current = config.list_kube_config_contexts(joined)
        names = [str(known.get("name")) for known in contexts]
        if context is not None and context not in names:
            raise NoKubeconfig(
                f"the kubeconfig {shown} has no context {visible(context)}; it has "
                f"{visible(', '.join(names))[:300] or 'none'}",
                next_command="migrate doctor --context NAME",
            )
        with _own_secrets_away():
            config.load_kube_config(
                config_file=joined, context=context, client_configuration=configuration
            )
    except NoKubeconfig:
        raise
    except config.ConfigException as error:
        # The message names what is missing ("... object with name prod in contexts list").
        raise NoKubeconfig(
            f"the kubeconfig {shown} can't be used: {visible(mask(str(error)))[:300]}",
            next_command="migrate doctor --context NAME    # see: kubectl config get-contexts",
        ) from None
    except Exception as error:
        # YAML, encoding, base64 and OS errors; their text may quote credentials, so only
        # the kind of error is shown.
        raise NoKubeconfig(
            f"the kubeconfig {shown} can't be read as one ({type(error).__name__})",
            next_command="migrate doctor --kubeconfig FILE",
        ) from None
    chosen = next((c for c in contexts if c.get("name") == context), current)
    return str(chosen.get("name", "")), str(chosen.get("context", {}).get("namespace") or "")


@contextmanager
def _own_secrets_away() -> Iterator[None]:
    """The official client starts the kubeconfig's exec plugin with the whole environment, where the
    token of Jenkins is none of its business."""
    with _ENVIRONMENT:
        kept = os.environ.pop("JENKINS_API_TOKEN", None)
        try:
            yield
        finally:
            if kept is not None:
                os.environ["JENKINS_API_TOKEN"] = kept


def _load_service_account(configuration: Any) -> tuple[str, str]:
    config = _library()
    try:
        config.load_incluster_config(client_configuration=configuration)
    except config.ConfigException as error:
        raise NoKubeconfig(
            f"no kubeconfig, and the pod's service account can't be used: {visible(str(error))}",
            next_command="migrate doctor --kubeconfig FILE",
        ) from None
    namespace = _SERVICE_ACCOUNT / "namespace"
    return IN_CLUSTER, namespace.read_text().strip() if namespace.is_file() else ""


def _library() -> Any:
    """kubernetes.config: its functions carry no types."""
    from kubernetes import config

    return config
