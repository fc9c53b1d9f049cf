"""Runs the pods of inbound agents as real processes, and reports on them in their status.

A template change makes the workload controller replace the pod, and so the process: a rollout is
done when a new process runs. Only images of ``jenkins/inbound-agent`` are run; a container's
``command`` is not imitated, its ``args`` and its environment are.
"""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from migrate.sandbox.agent import image, settings
from migrate.sandbox.agent.process import write_java
from migrate.sandbox.jar import agent_jar
from migrate.sandbox.kube.checks import Target, Write
from migrate.sandbox.kube.registry import MERGE, Registry
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.kube.store import Event

CLOUD_LABEL = ("jenkins", "slave")
"""What the kubernetes plugin puts on the pods that it makes."""
_BACK_OFF = 10.0
"""Seconds before a container that ended is started again, before scaling."""
_TICK = 0.2
_STOP_SECONDS = 5.0
_REFERENCE = re.compile(r"\$\((\w+)\)")


def runs_for_real(pod: dict[str, Any]) -> bool:
    """Whether the kubelet starts a process for it."""
    return agent_container(pod) is not None


def agent_container(pod: dict[str, Any]) -> dict[str, Any] | None:
    """The container with the inbound agent; None when the pod has none that can be run."""
    found: dict[str, Any]
    for found in pod["spec"].get("containers", []):
        with contextlib.suppress(ValueError):
            image.jar_version(str(found.get("image", "")))
            return None if found.get("command") else found
    return None


class _Running:
    """A pod's process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.restarts = 0
        self.again_at: float | None = None
        """time.monotonic() of the next start, once it ended."""

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Kubelet:
    """Follows the pods of a cluster; ``start`` and ``stop`` it."""

    def __init__(self, registry: Registry, home: Path, bin_dir: Path, *, time_scale: float) -> None:
        self._registry = registry
        self._home = home
        self._bin = bin_dir
        self._scale = time_scale
        self._running: dict[str, _Running] = {}
        self._changed = threading.Event()
        self._stopping = False
        self._cancel: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None
        self.errors: list[str] = []
        """What went wrong with a pod that could not be started."""

    def start(self) -> None:
        """Run what is there, and follow it from then on."""
        self._cancel = self._registry.store.subscribe(self._notice)
        self._thread = threading.Thread(target=self._follow, name="sandbox-kubelet", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End every pod's process; harmless when it does not run."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._cancel()
            self._stopping = True
            self._changed.set()
            thread.join(15)
        for running in self._running.values():
            running.process.terminate()
        for running in self._running.values():
            running.end()
        self._running.clear()

    def log(self, namespace: str, pod: str) -> str:
        """What the pod's container printed."""
        path = self._folder(namespace, pod) / "agent.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def _notice(self, event: Event) -> None:
        if event.key[1] == "pods":
            self._changed.set()

    def _follow(self) -> None:
        while not self._stopping:
            self._changed.wait(_TICK)
            self._changed.clear()
            try:
                self._sync()
            except Exception as error:
                # A pod of a shape that nobody thought of must not stop the others.
                self.errors.append(f"{type(error).__name__}: {error}")

    def _sync(self) -> None:
        pods = {
            pod["metadata"]["uid"]: pod
            for pod in self._registry.store.items(of_kind("Pod"))
            if runs_for_real(pod)
        }
        for uid in [uid for uid in self._running if uid not in pods]:
            self._running.pop(uid).end()
        for uid, pod in pods.items():
            self._care(uid, pod)

    def _care(self, uid: str, pod: dict[str, Any]) -> None:
        running = self._running.get(uid)
        if running is None:
            if pod.get("status", {}).get("phase") in ("Succeeded", "Failed"):
                return
            self._running[uid] = _Running(self._launch(pod))
            self._report(pod, "Running", True, 0)
            return
        if running.process.poll() is None:
            return
        if pod["spec"].get("restartPolicy") == "Never":
            phase = "Failed" if running.process.returncode else "Succeeded"
            self._report(pod, phase, False, running.restarts)
            del self._running[uid]
        elif running.again_at is None:
            running.again_at = time.monotonic() + max(0.1, _BACK_OFF * self._scale)
            self._report(pod, "Running", False, running.restarts)
        elif time.monotonic() >= running.again_at:
            running.process, running.again_at = self._launch(pod), None
            running.restarts += 1
            self._report(pod, "Running", True, running.restarts)

    def _folder(self, namespace: str, pod: str) -> Path:
        return self._home / namespace / pod

    def _launch(self, pod: dict[str, Any]) -> subprocess.Popen[bytes]:
        metadata, container = pod["metadata"], agent_container(pod) or {}
        namespace = metadata["namespace"]
        folder = self._folder(namespace, metadata["name"])
        work_dir = folder / "agent"
        work_dir.mkdir(parents=True, exist_ok=True)
        version = image.jar_version(container["image"])
        jar = folder / "agent.jar"
        if not jar.exists() or jar.read_bytes() != agent_jar(version):
            jar.unlink(missing_ok=True)
            jar.write_bytes(agent_jar(version))
        java_version = image.java_version(container["image"])
        jdk = self._bin / f"jdk-{java_version}" / "bin"
        java = jdk / "java" if (jdk / "java").exists() else write_java(jdk, java_version)
        own = self._environment(pod, container)
        arguments = [_expanded(str(word), own) for word in container.get("args", [])]
        given = {"JENKINS_AGENT_WORKDIR": str(work_dir)} | own
        command = image.command(str(java), str(jar), version, given, arguments)
        marks = {
            "HOSTNAME": metadata["name"],
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            settings.TIME_SCALE: repr(self._scale),
            settings.NAMESPACE: namespace,
            settings.PARENT: str(os.getpid()),
        }
        key, value = CLOUD_LABEL
        if metadata.get("labels", {}).get(key) == value:
            marks[settings.CLOUD_POD] = "1"
        with (folder / "agent.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env={"PATH": os.environ.get("PATH", os.defpath), **own, **marks},
                cwd=work_dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _environment(self, pod: dict[str, Any], container: dict[str, Any]) -> dict[str, str]:
        found: dict[str, str] = {}
        for entry in container.get("env", []):
            source = entry.get("valueFrom") or {}
            if "fieldRef" in source:
                field = source["fieldRef"]["fieldPath"].partition(".")[2]
                found[entry["name"]] = str(pod["metadata"].get(field, ""))
            elif "secretKeyRef" in source:
                found[entry["name"]] = self._secret(pod, source["secretKeyRef"])
            else:
                found[entry["name"]] = _expanded(str(entry.get("value", "")), found)
        return found

    def _secret(self, pod: dict[str, Any], reference: dict[str, Any]) -> str:
        import base64

        target = Target(of_kind("Secret"), pod["metadata"]["namespace"], reference["name"])
        data = (self._registry.store.read(target.key) or {}).get("data") or {}
        return base64.b64decode(data.get(reference["key"], "")).decode()

    def _report(self, pod: dict[str, Any], phase: str, ready: bool, restarts: int) -> None:
        container = agent_container(pod) or {}
        status = {
            "phase": phase,
            "podIP": "127.0.0.1",
            "podIPs": [{"ip": "127.0.0.1"}],
            "hostIP": "127.0.0.1",
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": [
                {
                    "name": container["name"],
                    "image": container["image"],
                    "imageID": "",
                    "ready": ready,
                    "started": ready,
                    "restartCount": restarts,
                }
            ],
        }
        metadata = pod["metadata"]
        target = Target(of_kind("Pod"), metadata["namespace"], metadata["name"])
        with self._registry.store.lock:
            live = self._registry.store.read(target.key)
            if live is not None and live["metadata"]["uid"] == metadata["uid"]:
                write = Write(manager="kubelet", subresource="status")
                self._registry.patch(target, MERGE, {"status": status}, write)


def _expanded(text: str, values: dict[str, str]) -> str:
    return _REFERENCE.sub(lambda found: values.get(found[1], found[0]), text)
