"""Steps as plans and journals of schema 1 wrote them: everything under ``params``, without types.

Such a plan is shown and a run of it is reported and put back, never applied. What a step of now
may not say (programs, ssh settings) is dropped: they come from the operator's configuration.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from migrate.model.names import DriverName
from migrate.model.reach import CommandReach, InbandReach, NodeFacts, RereadReach, SshReach
from migrate.model.steps.base import Step
from migrate.model.steps.by_hand import Manual, NodeByHand
from migrate.model.steps.cluster import (
    RemoveAgentService,
    RemoveContainerPort,
    RemoveServicePort,
    RemoveTcpService,
)
from migrate.model.steps.controller import CloseControllerPort, SwitchCloud
from migrate.model.steps.node import FilesEdit, JarUpgrade, MoveNode, MoveWorkload

_OF_EVERY = ("id", "subject", "title", "fingerprint", "kind")
_REMOVE: dict[str, type[Step]] = {
    "remove-tcp-service": RemoveTcpService,
    "remove-service-port": RemoveServicePort,
    "remove-container-port": RemoveContainerPort,
    "remove-agent-service": RemoveAgentService,
}
_REACH: dict[str, type[msgspec.Struct]] = {
    DriverName.SSH: SshReach,
    DriverName.INBAND: InbandReach,
    DriverName.REREAD: RereadReach,
}
_Data = Mapping[str, Any]


def is_of_schema_1(data: Any) -> bool:
    """Whether a step, as plain data, was written so."""
    return isinstance(data, dict) and isinstance(data.get("params"), dict)


def of_schema_1(data: _Data) -> dict[str, object]:
    """The same step as it is written now, to be read by its type; ``KeyError`` or ``TypeError``
    for what no version wrote."""
    head = {key: data[key] for key in _OF_EVERY if key in data}
    return head | _fields(str(data["kind"]), data["params"], data.get("fingerprint") or {})


def _fields(kind: str, params: _Data, fingerprint: _Data) -> dict[str, object]:
    if kind == "move-node":
        return _move_node(params)
    if kind == "move-workload":
        target = {"target": _target(params, fingerprint)}
        return _known(MoveWorkload, params) | _note(params) | target
    if kind == "manual":
        return _manual(params, fingerprint)
    if kind in _REMOVE:
        return _known(_REMOVE[kind], params) | {"piece": _piece(params, fingerprint)}
    if kind == "close-controller-port":
        return _known(CloseControllerPort, params)
    return dict(params)


def _move_node(params: _Data) -> dict[str, object]:
    found = _known(MoveNode, params) | _note(params)
    driver = str(params.get("driver"))
    found["reach"] = _reach(driver, params["reach"]) if params.get("reach") else None
    edit = params.get("launch_edit") or {}
    known = _known(FilesEdit, edit) if edit.get("by") == "files" else {}
    found["launch_edit"] = {"by": edit["by"], **known} if edit else None
    if params.get("upgrade"):
        found["upgrade"] = _known(JarUpgrade, params["upgrade"])
    return found


def _note(params: _Data) -> dict[str, object]:
    """Why no other driver was taken, which was one text then."""
    return {"note": str(params.get("not_better") or "")}


def _reach(driver: str, told: _Data) -> dict[str, object]:
    if driver == DriverName.COMMAND:
        told_facts = told.get("facts")
        facts = _known(NodeFacts, told_facts if isinstance(told_facts, dict) else {})
        facts.pop("launch_files", None)
        return {"driver": driver, **_known(CommandReach, {}), "facts": facts}
    return {"driver": driver, **_known(_REACH[driver], told)}


def _manual(params: _Data, fingerprint: _Data) -> dict[str, object]:
    found = _known(Manual, {k: v for k, v in params.items() if k not in ("node", "would_be")})
    if params.get("node"):
        not_better = str(params.get("not_better") or "")
        found["reason"] = "; ".join(filter(None, [str(params.get("reason") or ""), not_better]))
        found["node"] = _known(NodeByHand, params) | {"name": params["node"]}
    if params.get("object_kind"):
        found["piece"] = _piece(params, fingerprint)
    would_be = str(params.get("would_be") or "")
    if would_be in _REMOVE or would_be in ("switch-cloud", "close-controller-port"):
        own = {"id": "", "subject": "", "title": "", "kind": would_be}
        own["fingerprint"] = dict(fingerprint)  # type: ignore[assignment]
        inner = (
            _known(SwitchCloud, params)
            if would_be == "switch-cloud"
            else _fields(would_be, params, fingerprint)
        )
        found["would_be"] = own | inner
    return found


def _piece(params: _Data, fingerprint: _Data) -> dict[str, object]:
    return {
        "target": _target(params, fingerprint),
        "key": str(params.get("key") or ""),
        "value": str(params.get("value") or ""),
        "port": params["port"],
        "node_port": params.get("node_port"),
        "owner": params.get("owner"),
    }


def _target(params: _Data, fingerprint: _Data) -> dict[str, object]:
    return {
        "kind": params["object_kind"],
        "namespace": params["namespace"],
        "name": params["name"],
        "uid": fingerprint.get("uid"),
    }


def _known(of: type[msgspec.Struct], params: _Data) -> dict[str, object]:
    """What this type has a field for, of its own; nothing of the head, which is another's."""
    names = {field.encode_name for field in msgspec.structs.fields(of)} - set(_OF_EVERY)
    return {key: value for key, value in params.items() if key in names}
