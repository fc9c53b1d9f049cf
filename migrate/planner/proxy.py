"""Steps for the files of a plain nginx: a person makes the edit and reloads nginx. Pure."""

from migrate.model.inventory import Controller
from migrate.model.plan import Choices
from migrate.model.plan_steps import Manual, ProbeWebSocket
from migrate.model.sources import Located, ProxyEdit
from migrate.model.text import visible, visible_lines
from migrate.planner.runbook.facts import agents_url

RELOAD = "nginx -t && nginx -s reload      (or: systemctl reload nginx)"
_REASON = "this tool never reloads nginx: a person makes the edit where nginx reads it"


def opened(located: Located, controller: Controller, choices: Choices) -> list[Manual]:
    """What lets WebSocket through; done once the probe from here says so."""
    return [
        _step(edit, "preflight", f"let WebSocket through nginx: {visible(edit.path)}",
              ProbeWebSocket(
                  id="preflight/probe", subject="edge", title="a probe without a secret",
                  url=agents_url(controller), hold=choices.probe_hold,
              ))
        for edit in located.proxy
        if not edit.close
    ]  # fmt: skip


def closed(located: Located) -> list[Manual]:
    """What takes the agents' port out of nginx, once no agent uses it."""
    return [
        _step(edit, "close", f"take the agents' port out of nginx: {visible(edit.path)}", None)
        for edit in located.proxy
        if edit.close
    ]


def _step(edit: ProxyEdit, stage: str, title: str, probe: ProbeWebSocket | None) -> Manual:
    step_id = f"{stage}/nginx/{edit.path}"
    told = (
        "apply goes on once a probe gets through.\n"
        if probe
        else f"Then: migrate mark {visible(step_id)} done --reason TEXT\n"
    )
    return Manual(
        id=step_id,
        subject=f"file {edit.path}",
        title=f"by hand: {title}",
        reason=_REASON,
        instructions="".join(f"{visible(why)}\n" for why in edit.why)
        + f"Change it where nginx reads it:\n{visible_lines(edit.diff).rstrip()}\n"
        + f"and on that machine:\n  {RELOAD}\n{told}",
        undo=f"the same lines the other way round, then {RELOAD}",
        would_be=probe,
    )
