"""Resources that somebody installed: plain custom resources with discovery, nothing behind them."""

from typing import Any

from migrate.sandbox.kube import resources
from migrate.sandbox.kube.resources import Resource


class Catalog:
    """The built-in resources, and those installed on one server."""

    def __init__(self) -> None:
        self._custom: list[Resource] = []

    def install(
        self, group: str, version: str, kind: str, plural: str, *, namespaced: bool = True
    ) -> None:
        """What creating a CustomResourceDefinition does; a group may have several versions."""
        self._custom.append(
            Resource(
                group, version, plural, kind, kind.lower(), namespaced=namespaced, generation=True
            )
        )

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """The resource behind a URL; None when it is not served."""
        return resources.find(group, version, plural) or next(
            (
                item
                for item in self._custom
                if (item.group, item.version, item.plural) == (group, version, plural)
            ),
            None,
        )

    def of_object(self, body: dict[str, Any]) -> Resource | None:
        """The resource of an object's apiVersion and kind."""
        wanted = (str(body.get("apiVersion")), str(body.get("kind")))
        return resources.of_object(body) or next(
            (item for item in self._custom if (item.api_version, item.kind) == wanted), None
        )

    def of_kind(self, kind: str) -> Resource:
        """The resource of a kind that is served; ``KeyError`` for another."""
        own = next((item for item in self._custom if item.kind == kind), None)
        return own or resources.of_kind(kind)

    def served(self, group: str) -> bool:
        """Whether an API group is served at all."""
        return not group or group in resources.GROUPS or bool(self._versions(group))

    def group_list(self) -> dict[str, Any]:
        """The APIGroupList of /apis."""
        listed = resources.group_list()
        names = dict.fromkeys(i.group for i in self._custom if i.group not in resources.GROUPS)
        listed["groups"] += [self._group(name) for name in names if name]
        return listed

    def group(self, name: str) -> dict[str, Any] | None:
        """One group of /apis; None when it is not served."""
        if name in resources.GROUPS:
            return resources.group(name)
        return self._group(name) if self._versions(name) else None

    def resource_list(self, group: str, version: str) -> dict[str, Any] | None:
        """The APIResourceList of a group version; None when it is not served."""
        known = resources.resource_list(group, version)
        own = [i for i in self._custom if (i.group, i.version) == (group, version)]
        if known is not None or not own:
            return known
        return {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": f"{group}/{version}",
            "resources": [entry for item in own for entry in item.describe()],
        }

    def _versions(self, group: str) -> list[str]:
        return list(dict.fromkeys(i.version for i in self._custom if i.group == group))

    def _group(self, name: str) -> dict[str, Any]:
        versions = [{"groupVersion": f"{name}/{v}", "version": v} for v in self._versions(name)]
        return {"name": name, "versions": versions, "preferredVersion": dict(versions[0])}
