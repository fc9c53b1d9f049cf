"""Which objects the API server refuses, and with which words."""

import json
import re
from typing import Any

from migrate.sandbox.kube import failures
from migrate.sandbox.kube.failures import Cause
from migrate.sandbox.kube.resources import Resource

_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_MICRO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)")
_CONFIG_LIMIT = 1048576
_IMMUTABLE = "field is immutable when `immutable` is set"


def check(resource: Resource, live: dict[str, Any] | None, new: dict[str, Any]) -> None:
    """Raise 422 for an object that may not be stored; ``live`` is what it would replace."""
    causes: list[Cause] = []
    if resource.kind == "ConfigMap":
        causes = _config_map(live, new)
    elif resource.kind == "Service":
        causes = _service(live, new)
    elif resource.group == "apps":
        causes = _workload(live, new)
    if causes:
        raise failures.invalid(resource, str(new["metadata"].get("name", "")), causes)


def check_types(body: dict[str, Any]) -> str | None:
    """Why the decoder refuses a document; None when it is well-typed (as far as looked at)."""
    kind = body.get("kind")
    if kind == "ConfigMap":
        data = body.get("data")
        if isinstance(data, dict):
            for value in data.values():
                if value is not None and not isinstance(value, str):
                    return (
                        f"json: cannot unmarshal {_go_name(value)} into Go struct field "
                        "ConfigMap.data of type string"
                    )
    if kind == "Lease":
        for key in ("acquireTime", "renewTime"):
            value = body.get("spec", {}).get(key)
            if isinstance(value, str) and not _MICRO_TIME.fullmatch(value):
                rest = value[19:]
                layout = "2006-01-02T15:04:05.000000Z07:00"
                return f'parsing time "{value}" as "{layout}": cannot parse "{rest}" as ".000000"'
    return None


def _go_name(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def _config_map(live: dict[str, Any] | None, new: dict[str, Any]) -> list[Cause]:
    causes = []
    data = new.get("data") or {}
    if live is not None and live.get("immutable"):
        changed = [] if new.get("immutable") else ["immutable"]
        changed += [k for k in ("data", "binaryData") if live.get(k) != new.get(k)]
        return [
            Cause("FieldValueForbidden", f"Forbidden: {_IMMUTABLE}", field) for field in changed
        ]
    for key in data:
        if not _CONFIG_KEY.fullmatch(key) or len(key) > 253:
            causes.append(
                Cause(
                    "FieldValueInvalid",
                    f'Invalid value: "{key}": a valid config key must consist of alphanumeric '
                    "characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
                    "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
                    f"data[{key}]",
                )
            )
    if sum(len(value.encode()) for value in data.values()) > _CONFIG_LIMIT:
        message = f"Too long: may not be more than {_CONFIG_LIMIT} bytes"
        causes.append(Cause("FieldValueTooLong", message, "[]"))
    return causes


def _service(live: dict[str, Any] | None, new: dict[str, Any]) -> list[Cause]:
    spec = new.get("spec", {})
    causes = []
    if live is not None:
        before, after = live["spec"].get("clusterIP"), spec.get("clusterIP")
        if before and after != before:
            message = f"Invalid value: {json.dumps([after])}: may not change once set"
            causes.append(Cause("FieldValueInvalid", message, "spec.clusterIPs[0]"))
    ports = spec.get("ports") or []
    if not ports and spec.get("clusterIP") != "None" and spec.get("type") != "ExternalName":
        causes.append(Cause("FieldValueRequired", "Required value", "spec.ports"))
    names: set[str] = set()
    for index, port in enumerate(ports):
        causes += _port_name(port, index, len(ports) > 1, names)
    causes += _duplicate_ports(ports)
    return causes


def _port_name(port: dict[str, Any], index: int, required: bool, seen: set[str]) -> list[Cause]:
    where = f"spec.ports[{index}].name"
    name = port.get("name", "")
    if not name:
        return [Cause("FieldValueRequired", "Required value", where)] if required else []
    if not _LABEL.fullmatch(name) or len(name) > 63:
        return [
            Cause(
                "FieldValueInvalid",
                f'Invalid value: "{name}": a lowercase RFC 1123 label must consist of lower case '
                "alphanumeric characters or '-', and must start and end with an alphanumeric "
                "character (e.g. 'my-name',  or '123-abc', regex used for validation is "
                "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                where,
            )
        ]
    if name in seen:
        return [Cause("FieldValueDuplicate", f'Duplicate value: "{name}"', where)]
    seen.add(name)
    return []


def _duplicate_ports(ports: list[dict[str, Any]]) -> list[Cause]:
    causes = []
    seen: set[tuple[Any, Any]] = set()
    for index, port in enumerate(ports):
        key = (port.get("port"), port.get("protocol"))
        if key in seen:
            shown = {
                "Name": "",
                "Protocol": key[1],
                "AppProtocol": None,
                "Port": key[0],
                "TargetPort": 0,
                "NodePort": 0,
            }
            value = json.dumps(shown, separators=(",", ":"))
            message = f"Duplicate value: {value}"
            causes.append(Cause("FieldValueDuplicate", message, f"spec.ports[{index}]"))
        seen.add(key)
    return causes


def _workload(live: dict[str, Any] | None, new: dict[str, Any]) -> list[Cause]:
    spec = new.get("spec", {})
    causes = []
    pod = spec.get("template", {}).get("spec", {})
    for i, container in enumerate(pod.get("containers") or []):
        for j, port in enumerate(container.get("ports") or []):
            name = port.get("name", "")
            if len(name) > 15:
                message = f'Invalid value: "{name}": must be no more than 15 characters'
                where = f"spec.template.spec.containers[{i}].ports[{j}].name"
                causes.append(Cause("FieldValueInvalid", message, where))
    labels = spec.get("template", {}).get("metadata", {}).get("labels") or {}
    wanted = spec.get("selector", {}).get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        message = f"Invalid value: {_compact(labels)}: `selector` does not match template `labels`"
        causes.append(Cause("FieldValueInvalid", message, "spec.template.metadata.labels"))
    if live is not None and live["spec"].get("selector") != spec.get("selector"):
        message = f"Invalid value: {_compact(spec.get('selector'))}: field is immutable"
        causes.append(Cause("FieldValueInvalid", message, "spec.selector"))
    return causes


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)
