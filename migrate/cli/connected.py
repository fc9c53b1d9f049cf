"""The connection options, given once to every command that talks to a controller."""

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from migrate.cli import options as opt

if TYPE_CHECKING:
    from migrate.cli.connect import Connection


def connection_from_options(
    *,
    jenkins_url: opt.JenkinsUrl = None,
    jenkins_user: opt.JenkinsUser = None,
    token_file: opt.TokenFile = None,
    ca_file: opt.CaFile = None,
    kubeconfig: opt.Kubeconfig = None,
    context: opt.KubeContext = None,
    no_cluster: opt.NoCluster = False,
    jenkins_service: opt.JenkinsService = None,
    namespace: opt.Namespaces = None,
    config: opt.ConfigFile = None,
    controller: opt.ControllerName = None,
    timeout: opt.Timeout = 15.0,
) -> "Connection":
    """The connection that the options, the environment and the config file name."""
    from migrate.cli.connect import connection

    return connection(
        url=jenkins_url,
        user=jenkins_user,
        token_file=token_file,
        ca_file=ca_file,
        kubeconfig=kubeconfig,
        context=context,
        no_cluster=no_cluster,
        jenkins_service=jenkins_service,
        namespaces=tuple(namespace or ()),
        timeout=timeout,
        config=config,
        controller=controller,
    )


def maybe_connected(command: Callable[..., None]) -> Callable[..., None]:
    """As ``connected``, with None for ``conn`` when no controller is named."""
    return connected(command, optional=True)


def connected(command: Callable[..., None], *, optional: bool = False) -> Callable[..., None]:
    """Replace a command's ``conn`` parameter by the connection options, for typer to see."""
    own = inspect.signature(command)
    shared = inspect.signature(connection_from_options).parameters
    parameters = [
        p.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for p in (*own.parameters.values(), *shared.values())
        if p.name != "conn"
    ]

    @functools.wraps(command)
    def wrapper(**values: Any) -> None:
        given = {name: values.pop(name) for name in shared}
        unnamed = not given["jenkins_url"] and not given["config"]
        conn = None if optional and unnamed else connection_from_options(**given)
        command(conn=conn, **values)

    wrapper.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapper
