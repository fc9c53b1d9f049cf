"""Tries from agents' own hosts what could not be tried from here: agents are what goes that way."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from migrate.model.errors import MigrateError
from migrate.model.ports import ClusterPort, ControllerPort
from migrate.model.text import visible
from migrate.probe.host_ports import SCRIPT, arguments, judge_host_ports
from migrate.steps.controller.ways_tried import Tried, WayState, from_elsewhere, judged

HOSTS = 3
"""Hosts that are asked, one after the other: one may stand in another network than the next."""
TIMEOUT = 5.0
"""Seconds for connecting, and for what is said then."""


def try_from_hosts(
    tried: Sequence[Tried],
    jenkins: ControllerPort,
    cluster: ClusterPort | None,
    nodes: Iterable[str],
) -> tuple[Tried, ...]:
    """``tried``, in which each place that was not tried was, through the script console on one of
    ``nodes``, whose agents are connected. Changes nothing, and raises nothing.

    Where that cannot be, or no host gets an answer, the place stays "not tried", and says on whose
    host which command would try it.
    """
    left = [one for one in tried if one.state is WayState.NOT_TRIED and one.place.host]
    hosts = sorted(nodes)[:HOSTS]
    if not left or not hosts:
        return tuple(tried)
    found = {one.place: replace(one, needs=from_elsewhere(one.place, hosts)) for one in left}
    why = _obstacle(jenkins)
    for node in () if why else hosts:
        open_ones = [one for one in found.values() if one.state is WayState.NOT_TRIED]
        if not open_ones:
            break
        found |= {one.place: one for one in _asked(node, open_ones, jenkins, cluster, hosts)}
    if why:
        found = {p: replace(one, told=f"{one.told}; {why}") for p, one in found.items()}
    return tuple(found.get(one.place, one) for one in tried)


def _obstacle(jenkins: ControllerPort) -> str:
    """Why no script runs on agents; empty: they do."""
    try:
        allowed = jenkins.can_script()
    except MigrateError as error:
        return f"nor from an agent's host: {error.cause}"
    return (
        "" if allowed else "nor from an agent's host: the script console is not open to this user"
    )


def _asked(
    node: str,
    left: Sequence[Tried],
    jenkins: ControllerPort,
    cluster: ClusterPort | None,
    hosts: Sequence[str],
) -> list[Tried]:
    where = f"the host of {visible(node)}"
    places = [(one.place.host, one.place.port) for one in left]
    try:
        result = jenkins.run_script(SCRIPT, arguments(places, TIMEOUT), node=node)
    except MigrateError as error:
        return [replace(one, told=f"{one.told}; {where}: {error.cause}") for one in left]
    came = []
    for one, answer in zip(left, judge_host_ports(places, result), strict=True):
        seen = judged(one.place, answer, cluster, where)
        if seen.state is WayState.NOT_TRIED:
            # Both are told: what was seen from here, and from there.
            told = f"{one.told}; {seen.told}"
            came.append(replace(one, told=told, needs=from_elsewhere(one.place, hosts)))
        else:
            came.append(replace(seen, from_node=node))
    return came
