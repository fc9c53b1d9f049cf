"""A Jenkins controller for the sandbox, answering as the recordings of 2.426.2 do."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migrate.sandbox.jenkins.server import JenkinsServer

__all__ = ["JenkinsServer"]


def __getattr__(name: str) -> Any:
    # aiohttp is heavy, and the agent process imports from this package too.
    if name == "JenkinsServer":
        from migrate.sandbox.jenkins.server import JenkinsServer

        return JenkinsServer
    raise AttributeError(name)
