"""A Kubernetes API to test the cluster side on: the sandbox's, or a real kube-apiserver."""

import base64
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

from migrate.sandbox.kube.server import KubeServer
from migrate.sandbox.ports import free_ports

ASSETS_FROM = (
    "go run sigs.k8s.io/controller-runtime/tools/setup-envtest@latest use -p path; "
    "KUBEBUILDER_ASSETS=THAT-PATH make test-real"
)
USERS = {
    "admin": "system:masters",
    "readonly": "readers",
    "restricted": "",
    "nobody": "",
    "least": "",
}
_READ = ("get", "list", "watch")
_UP_WITHIN = 90.0


class Api(Protocol):
    """What the suite needs."""

    def kubeconfig(self, user: str) -> Path:
        """For ``admin``, ``readonly`` (may read all), ``restricted`` (all but ConfigMaps) and
        ``nobody``."""

    def stop(self) -> None:
        """End it."""


class SandboxApi:
    """The sandbox's."""

    def __init__(self, home: Path) -> None:
        self._server = KubeServer(home)
        self._server.start()

    def kubeconfig(self, user: str) -> Path:
        """As the sandbox writes it."""
        return self._server.kubeconfig(user)

    def stop(self) -> None:
        """End it."""
        self._server.stop()


def missing() -> str:
    """What a real API server needs and is not here; empty: all is here."""
    named = os.environ.get("KUBEBUILDER_ASSETS", "")
    if not named:
        return f"KUBEBUILDER_ASSETS is not set: {ASSETS_FROM}"
    without = [n for n in ("etcd", "kube-apiserver") if not os.access(Path(named) / n, os.X_OK)]
    if without:
        return f"KUBEBUILDER_ASSETS={named} has no {' and no '.join(without)}: {ASSETS_FROM}"
    return "" if shutil.which("openssl") else "openssl makes the API server's keys: install it"


class RealApi:
    """etcd and kube-apiserver of an envtest folder, on loopback, with RBAC."""

    def __init__(self, assets: Path, home: Path) -> None:
        self._home, self._stack = home, ExitStack()
        self._tokens = {user: secrets.token_hex(16) for user in USERS}
        home.mkdir(parents=True, exist_ok=True)
        try:
            self._start(assets)
            self._grant()
        except BaseException:
            self.stop()
            raise

    def _start(self, assets: Path) -> None:
        peer, etcd, self._port = free_ports(3)
        store = f"http://127.0.0.1:{etcd}"
        self._run(
            "etcd",
            str(assets / "etcd"),
            f"--data-dir={self._home / 'etcd'}",
            f"--listen-client-urls={store}",
            f"--advertise-client-urls={store}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            "--unsafe-no-fsync",
        )
        self._until(lambda: _listens(etcd), "etcd")
        key, tokens = self._home / "accounts.key", self._home / "tokens.csv"
        subprocess.run(
            ["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True
        )
        tokens.touch(0o600)
        tokens.write_text(
            "".join(
                f'{token},{user},{user},"{USERS[user] or user}"\n'
                for user, token in self._tokens.items()
            )
        )
        self._run(
            "kube-apiserver",
            str(assets / "kube-apiserver"),
            f"--etcd-servers={store}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self._port}",
            f"--cert-dir={self._home / 'certs'}",
            f"--token-auth-file={tokens}",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.0.0.0/24",
        )
        self._until(self._ready, "kube-apiserver")

    def _run(self, name: str, *command: str) -> None:
        log = (self._home / f"{name}.log").open("wb")
        self._stack.callback(log.close)
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )

        def end() -> None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

        self._stack.callback(end)

    def _until(self, ready: Any, name: str) -> None:
        deadline = time.monotonic() + _UP_WITHIN
        while not ready():
            said = (self._home / f"{name}.log").read_text(errors="replace")[-2000:]
            assert time.monotonic() < deadline, f"{name} does not come up: {said}"
            time.sleep(0.2)

    def _ready(self) -> bool:
        # The certificate is written before the port is open.
        if not _listens(self._port) or not self.authority.exists():
            return False
        # The roles that every user has are made while it answers already. (/readyz is no help:
        # no Endpoints may be on loopback, so that check never passes here.)
        from kubernetes import client
        from official_client import official_client

        nobody: Any = client.AuthorizationV1Api(official_client(str(self.kubeconfig("nobody"))))
        question = {"spec": {"nonResourceAttributes": {"path": "/", "verb": "get"}}}
        try:
            nobody.create_self_subject_access_review(question, _request_timeout=5)
        except Exception:
            return False
        return True

    def _grant(self) -> None:
        from kubernetes import client
        from official_client import official_client

        connection = official_client(str(self.kubeconfig("admin")))
        rbac: Any = client.RbacAuthorizationV1Api(connection)
        everything = {"apiGroups": ["*"], "resources": ["*"], "verbs": list(_READ)}
        some = [
            {
                "apiGroups": [""],
                "resources": ["services", "endpoints", "pods", "namespaces"],
                "verbs": list(_READ),
            },
            {**everything, "apiGroups": ["apps", "networking.k8s.io", "discovery.k8s.io"]},
        ]
        for user, rules in (("readonly", [everything]), ("restricted", some)):
            rbac.create_cluster_role({"metadata": {"name": user}, "rules": rules})
            rbac.create_cluster_role_binding(
                {
                    "metadata": {"name": user},
                    "roleRef": {
                        "apiGroup": "rbac.authorization.k8s.io",
                        "kind": "ClusterRole",
                        "name": user,
                    },
                    "subjects": [
                        {"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}
                    ],
                }
            )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self._port}"

    @property
    def authority(self) -> Path:
        """The certificate that it made for itself."""
        return self._home / "certs" / "apiserver.crt"

    def token(self, user: str) -> str:
        """Of one of ``USERS``."""
        return self._tokens[user]

    def kubeconfig(self, user: str) -> Path:
        """Token of the user, certificate of the server."""
        cluster = {
            "server": self.url,
            "certificate-authority-data": base64.b64encode(self.authority.read_bytes()).decode(),
        }
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "real", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": self._tokens[user]}}],
            "contexts": [{"name": "real", "context": {"cluster": "real", "user": user}}],
            "current-context": "real",
        }
        path = self._home / f"kubeconfig-{user}.yaml"
        path.touch(0o600)
        path.write_text(json.dumps(document))
        return path

    def stop(self) -> None:
        """End both, the API server first."""
        self._stack.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
