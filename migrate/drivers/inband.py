"""``inband``: ``reread``, and code on the agent's host through the node's script console.

Needs Overall/Administer and a connected agent. The scripts are in jenkins/scripts.
"""

from typing import Any

from migrate.drivers.reread import Reread
from migrate.model.inventory import ProbeAnswer
from migrate.model.ports import ControllerPort


class Inband(Reread):
    """Upgrade and probe through the agent itself; restart by doDisconnect."""

    name = "inband"

    def probe_from_host(
        self, jenkins: ControllerPort, node: str, url: str, timeout: float
    ) -> tuple[ProbeAnswer, ...]:
        """Ask ``url`` from the agent's own host, without a secret (60-upgrade-probes.txt)."""
        from migrate.probe.judge import judge_host_probe

        result = jenkins.run_script("probe-from-host", {"url": url, "timeout": timeout}, node=node)
        return judge_host_probe(result)

    def upgrade(
        self, jenkins: ControllerPort, node: str, upgrade: dict[str, Any]
    ) -> dict[str, Any]:
        """Download beside, compare SHA-256, keep the old jar, rename (31-jarswap-e-*-mv.txt)."""
        wanted = {key: upgrade[key] for key in ("jar", "url", "sha256")}
        done: dict[str, Any] = jenkins.run_script("upgrade-jar", wanted, node=node)
        return done

    def restore_jar(self, jenkins: ControllerPort, node: str, done: dict[str, Any]) -> None:
        """Rename a copy of the kept jar back into place."""
        arguments = {
            "jar": done["jar"],
            "backup": done["backup"],
            "sha256": done["before_sha256"],
        }
        jenkins.run_script("restore-jar", arguments, node=node)
