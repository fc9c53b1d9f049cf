"""Every judgement of a probe in one place: pure functions from what came back to an answer."""

from migrate.probe.asked import Asked
from migrate.probe.judge_agent import judge_hold, judge_probe_node
from migrate.probe.judge_host import judge_host_probe
from migrate.probe.judge_http import (
    judge_cli,
    judge_listener,
    judge_login,
    judge_wsagents_bare,
    judge_wsagents_made_up,
)
from migrate.probe.judge_port import PortAnswer, judge_port

__all__ = [
    "Asked",
    "PortAnswer",
    "judge_cli",
    "judge_hold",
    "judge_host_probe",
    "judge_listener",
    "judge_login",
    "judge_port",
    "judge_probe_node",
    "judge_wsagents_bare",
    "judge_wsagents_made_up",
]
