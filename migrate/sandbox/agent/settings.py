"""What the sandbox tells an agent process by its environment."""

import os

TIME_SCALE = "MIGRATE_SANDBOX_TIME_SCALE"
FAULTS = "MIGRATE_SANDBOX_AGENT_FAULTS"
FLAPS = "MIGRATE_SANDBOX_FLAPS"
"""How often an agent that flaps did so already."""
JAVA_VERSION = "MIGRATE_SANDBOX_JAVA_VERSION"
JAVA = "MIGRATE_SANDBOX_JAVA"
PARENT = "MIGRATE_SANDBOX_PARENT"
FIRST_VERSION = "MIGRATE_SANDBOX_FIRST_VERSION"
RECONNECTED = "MIGRATE_SANDBOX_RECONNECTED"
OWNER = "MIGRATE_SANDBOX_OWNER"
"""Process id of the sandbox, for agents that are not its own children."""
HOST = "MIGRATE_SANDBOX_HOST"
"""Folder of the host that the agent runs on."""
CGROUP = "MIGRATE_SANDBOX_CGROUP"
"""Stands for /proc/self/cgroup: ``/system.slice/UNIT``, ``/docker/ID``, ``/kubepods/UID``."""
CLOUD_POD = "MIGRATE_SANDBOX_CLOUD_POD"
"""Set in pods of a cloud: the controller treats their nodes as passing."""
START_OPTIONS = "MIGRATE_SANDBOX_START_OPTIONS"
"""Options of Python in the stand-in for java. Without it ``-S``, which starts sooner; empty where
coverage is measured, which begins with Python's site."""
NAMESPACE = "MIGRATE_SANDBOX_NAMESPACE"
"""Stands for the namespace file of a pod's service account."""


def time_scale() -> float:
    """Factor on every wait of the agent; 1 is as slow as the real one."""
    return float(os.environ.get(TIME_SCALE) or "1")


def faults() -> frozenset[str]:
    """Agent faults of this process (``migrate.sandbox.faults``)."""
    return frozenset(filter(None, os.environ.get(FAULTS, "").split(",")))


def java_version() -> str:
    """What ``java -version`` says."""
    return os.environ.get(JAVA_VERSION) or "17.0.9"
