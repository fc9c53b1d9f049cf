"""The connection options, given once to every command that talks to a controller."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from migrate.cli import options as opt
from migrate.model.errors import MigrateError
from migrate.model.next_command import FLAGS, Given, is_safe, with_given, with_plans
from migrate.plan_store.shown import shown_path

if TYPE_CHECKING:
    from migrate.cli.connect import Connection


def connection_from_options(
    *,
    jenkins_url: opt.JenkinsUrl = None,
    jenkins_user: opt.JenkinsUser = None,
    token_file: opt.TokenFile = None,
    ca_file: opt.CaFile = None,
    client_cert: opt.ClientCert = None,
    client_key: opt.ClientKey = None,
    header_file: opt.HeaderFile = None,
    insecure_http: opt.InsecureHttp = False,
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
        client_cert=client_cert,
        client_key=client_key,
        header_file=header_file,
        insecure_http=insecure_http,
        kubeconfig=kubeconfig,
        context=context,
        no_cluster=no_cluster,
        jenkins_service=jenkins_service,
        namespaces=tuple(namespace or ()),
        timeout=timeout,
        config=config,
        controller=controller,
    )


def given_options(ctx: typer.Context) -> Given:
    """The connection options that stand on the command line; what the environment
    says needs no repeating, and what holds a secret is never repeated."""
    found: list[tuple[str, str]] = []
    for parameter in ctx.command.params:
        source = ctx.get_parameter_source(parameter.name or "")
        if source is None or source.name != "COMMANDLINE":
            continue
        value = ctx.params[parameter.name or ""]
        option = next((name for name in parameter.opts if name.startswith("--")), "")
        if option in FLAGS:
            found.append((option, ""))
            continue
        values = value if isinstance(value, list | tuple) else (value,)
        found += [(option, _text(one)) for one in values if is_safe(option, _text(one))]
    return _with_plans_of(ctx, tuple(found))


def _with_plans_of(ctx: typer.Context, given: Given) -> Given:
    """With the folder in which the plan of the command lies, when it names one."""
    named = ctx.params.get("plan") or ctx.params.get("run")
    if not named:
        return given
    path = Path(named).resolve()
    for folder in (path, *path.parents[:3]):
        if (folder / "plan.json").is_file():
            return with_plans(given, shown_path(folder.parent))
    return given


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def maybe_connected(command: Callable[..., None]) -> Callable[..., None]:
    """As ``connected``, with None for ``conn`` when no controller is named."""
    return connected(command, optional=True)


def from_files_or_connected(command: Callable[..., None]) -> Callable[..., None]:
    """As ``connected``, with None for ``conn`` when files are named (``--source``, ``--nginx``).

    Nothing is connected to then, whatever the environment says. ``service`` is what
    ``--jenkins-service`` names.
    """
    return connected(command, files=True)


def connected(
    command: Callable[..., None], *, optional: bool = False, files: bool = False
) -> Callable[..., None]:
    """Replace a command's ``conn`` parameter by the connection options, for typer to see."""
    own = inspect.signature(command)
    shared = inspect.signature(connection_from_options).parameters
    parameters = [
        p.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for p in (*own.parameters.values(), *shared.values())
        if p.name not in ("conn", "service")
    ]

    parameters.append(
        inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    )

    @functools.wraps(command)
    def wrapper(*, ctx: typer.Context, **values: Any) -> None:
        options = {name: values.pop(name) for name in shared}
        unnamed = optional and not options["jenkins_url"] and not options["config"]
        if files:
            unnamed = bool(values.get("source") or values.get("nginx"))
            values["service"] = options["jenkins_service"]
        given = given_options(ctx)
        try:
            conn = None if unnamed else connection_from_options(**options)
            command(conn=None if conn is None else replace(conn, given=given), **values)
        except MigrateError as error:
            error.next_command = with_given(error.next_command, given)
            raise

    wrapper.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapper
