"""The page ``migrate explain drivers``: how the planner picks a driver for each node."""

TITLE = "Drivers: how each node is moved, and why not otherwise"

BODY = """\
Each driver says for a node how it would move it, or why not and what would make it possible. They
are asked in one order: kubernetes, command, ssh, inband, reread. The first that offers is taken;
manual, a runbook, is left when none does. `migrate explain NODE` has the answers for one node,
the plan's ticket for all. `--driver 'NODE-PATTERN=NAME'` has that driver asked alone; what is
asked for and not possible becomes a step by hand that says why.

A node whose agent WebSocket would lose as it is has no step at all, and keeps the port open: a
name that it can't send (M049), a way out by a proxy that it does not take (M050).

- **kubernetes** edits the pod template of the workload that serves the node (by JENKINS_NAME,
  JENKINS_AGENT_NAME, `-name`, or the pod's name), unless somebody owns it (or
  `--allow-live-edit`), its image is too old, or its template can't be edited safely. No other
  driver is asked for such a node.
- **command**, the configured program, for nodes that match `drivers: command: nodes:` of the
  config file. No other driver is asked for such a node, but to set its flag while it is not
  connected.
- **ssh** edits the launch and restarts its systemd unit, when `drivers: ssh:` is configured and
  the scan found unit and file: of agents started with `-url` and `-name` or with
  hudson.remoting.jnlp.Main; of `-jnlpUrl` agents that a disconnect would not bring back on
  WebSocket (no restarter, `-noReconnect`, a jar that can't be replaced from within), or whose
  secret moves (`--secrets-to-files`). It goes before inband because it can also start an agent
  that has ended.
- **inband** works through the agent itself; it takes Overall/Administer. A `-jnlpUrl` agent is
  disconnected after its own host tried the way, with a newer agent.jar where one is needed: an
  agent whose first handshake fails exits (remoting below 3283) or retries for ever. Of others it
  edits the launch, where the agent's own user may write what counts at the next start and its
  supervisor starts it again (a system unit's script or EnvironmentFile, a unit of that user,
  WinSW's XML). An agent that nobody would start again is never ended.
- **reread** sets the node's flag and disconnects a `-jnlpUrl` agent, which then reads its JNLP
  again. Of a node that is not connected only the flag is set (with `--include-offline`).
- **manual**, a runbook for a person: with a blocker on the node, an agent.jar that the controller
  would not take, `--driver NODE=manual`, and where no driver offers. Nothing is ever restarted on
  a guess: `--launch 'NODE=jnlp-url'` says what you know. Swarm clients, and agents in containers
  that no workload of the cluster runs, are always left to a person. Nodes and clouds of plugins
  other than kubernetes are not supported and named as skips: their transport is the plugin's own
  matter.

docs/agents.md has a section for each kind: what is changed, what it needs, how it is undone."""
