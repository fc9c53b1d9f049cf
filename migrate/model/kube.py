"""Objects of Kubernetes as the API serves them, and patches of them."""

from typing import Any

KubeObject = dict[str, Any]
"""An object, or a part of one, with whatever fields its server has: what is put back must be what
was there, so nothing of it is dropped. Whoever reads a field of it says so by type."""
KubePatch = list[KubeObject]
"""A JSON patch (RFC 6902)."""
