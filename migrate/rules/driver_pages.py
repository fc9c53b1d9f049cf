"""The page ``migrate explain drivers``: how the planner picks a driver for each node."""

TITLE = "Drivers: how each node is moved, and why not otherwise"

BODY = """\
The planner goes down this list and takes the first that fits. The plan and its ticket say for
each node which one it is and why not a better one. `--driver 'NODE-PATTERN=NAME'` asks for another;
what is asked for and not possible becomes a step by hand that says why.

A node whose agent WebSocket would lose as it is has no step at all, and keeps the port open: a name
that it can't send (M049), a way out by a proxy that it does not take (M050).

1. A blocker on the node, or `--driver NODE=manual`: **manual**, a runbook for a person.
2. A workload of the cluster serves the node (by JENKINS_NAME, JENKINS_AGENT_NAME, `-name`, or the
   pod's name): **kubernetes** edits its pod template, unless somebody owns it (then `manual`, or
   `--allow-live-edit`), its image is too old, or its template can't be edited safely.
3. The node matches `drivers: command: nodes:` of the config file: **command**, the configured
   program.
4. The node is not connected: **reread** sets its flag only (with `--include-offline`).
5. How its agent was started is not known: **manual**. Nothing is ever restarted on a guess;
   `--launch 'NODE=jnlp-url'` says what you know.
6. Started with `-url` and `-name`, or with hudson.remoting.jnlp.Main: **ssh** edits the launch and
   restarts its systemd unit, when `drivers: ssh:` is configured and the scan found unit and file;
   else **inband** does so from within, where the agent's own user may write what counts at the next
   start and its supervisor starts it again (a system unit's script or EnvironmentFile, a unit of
   that user, WinSW's XML; it takes Overall/Administer); else **manual**. ssh goes first because it
   can also start an agent that has ended. An agent that nobody would start again is never ended.
7. Started with `-jnlpUrl`: **inband** when agent.jar has to be replaced, or when the agent would
   exit for good at a failed handshake (remoting below 3283), so that its host tries the way first;
   it takes Overall/Administer. Else **reread**: a disconnect, after which it reads its JNLP again.
   With `--secrets-to-files` and its secret in clear: **ssh**, else **inband**, as under 6.
8. Started with `-jnlpUrl`, but a disconnect would not bring it back on WebSocket (no restarter,
   `-noReconnect`, a jar that can't be replaced from within): **ssh**, else **inband**, with a
   restart by its supervisor, else **manual**.
9. Swarm clients, and agents in containers that no workload of the cluster runs: **manual**.
   Nodes and clouds of plugins other than kubernetes are not supported and named as skips: their
   transport is the plugin's own matter.

docs/agents.md has a section for each kind: what is changed, what it needs, how it is undone."""
