"""The official Kubernetes client of a kubeconfig."""

from typing import Any

from kubernetes import config


def official_client(kubeconfig: str) -> Any:
    """Its ``ApiClient``. Any: all that its models hold may be None to their types."""
    return config.new_client_from_config(kubeconfig)  # type: ignore[no-untyped-call]
