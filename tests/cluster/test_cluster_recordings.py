"""The client against answers recorded from a real kube-apiserver."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cluster_answers import Answer, AnswerServer, kubeconfig, recorded

from migrate.cluster.client import ClusterClient
from migrate.cluster.errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    ForbiddenHere,
    Invalid,
    NotServed,
    ObjectGone,
    ServerTrouble,
    Unauthorized,
)

FOLDER = Path(__file__).parents[1] / "recordings" / "kubernetes-1.36"


def get(
    client: ClusterClient,
    kind: str = "ConfigMap",
    namespace: str = "ingress-nginx",
    name: str = "tcp-services",
) -> object:
    return client.get(kind, namespace, name)


def patch(
    client: ClusterClient,
    namespace: str = "ingress-nginx",
    name: str = "tcp-services",
    kind: str = "ConfigMap",
    **more: Any,
) -> object:
    return client.json_patch(kind, namespace, name, [], **more)


def create(
    client: ClusterClient, namespace: str = "ingress-nginx", kind: str = "ConfigMap"
) -> object:
    return client.create(kind, namespace, {"metadata": {"name": "tcp-services"}})


def delete(
    client: ClusterClient,
    namespace: str = "ingress-nginx",
    name: str = "tcp-services",
    kind: str = "ConfigMap",
) -> None:
    client.delete(kind, namespace, name, uid="u")


def objects(
    client: ClusterClient, kind: str = "ConfigMap", namespace: str | None = None
) -> list[Any]:
    return list(client.objects(kind, namespace))


CASES = [
    ("002-create-cm-again", create, AlreadyExists, "ingress-nginx"),
    ("013-cm-jsonpatch-replace-stale-rv", patch, Conflict, "changed by somebody else"),
    ("014-cm-jsonpatch-test-stale-rv", patch, Invalid, "rejected our request"),
    ("023-cm-jsonpatch-remove-missing", patch, Invalid, "rejected our request"),
    ("024-cm-jsonpatch-malformed", patch, Invalid, "error decoding patch"),
    ("053-403-readonly-patch-cm", patch, ForbiddenHere, "user readonly may not patch configmaps"),
    ("055-403-readonly-create-cm", create, ForbiddenHere, "may not create configmaps"),
    (
        "056-403-readonly-delete-svc",
        lambda c: delete(c, name="ingress-nginx-controller", kind="Service"),
        ForbiddenHere,
        "may not delete services in namespace ingress-nginx",
    ),
    ("058-403-nobody-get-cm", get, ForbiddenHere, "may not get configmaps in namespace"),
    (
        "059-403-nobody-list-cluster",
        lambda c: objects(c, "Service"),
        ForbiddenHere,
        "may not list services in the whole cluster",
    ),
    (
        "061-403-nobody-list-ingress",
        lambda c: objects(c, "Ingress"),
        ForbiddenHere,
        "may not list ingresses.networking.k8s.io in the whole cluster",
    ),
    (
        "060-403-nobody-get-missing-ns",
        lambda c: get(c, "ConfigMap", "nope", "x"),
        ForbiddenHere,
        "nope",
    ),
    ("063-401-bad-token", get, Unauthorized, "credentials"),
    ("064-401-bad-token-patch", patch, Unauthorized, "credentials"),
    ("065-anon-get-cm", get, Unauthorized, "system:anonymous"),
    ("070-404-cm", lambda c: get(c, name="nope"), ObjectGone, "configmaps nope does not exist"),
    ("071-404-patch-cm", lambda c: patch(c, name="nope"), ObjectGone, "configmaps nope"),
    (
        "073-404-cm-in-missing-ns",
        lambda c: get(c, "ConfigMap", "nope", "x"),
        ObjectGone,
        "configmaps x",
    ),
    (
        "075-404-create-in-missing-ns",
        lambda c: create(c, "nope"),
        ObjectGone,
        "namespaces nope does not exist",
    ),
    (
        "078-404-ext-v1beta1-ingress-list",
        lambda c: objects(c, "Ingress.v1beta1.extensions"),
        NotServed,
        "does not serve ingresses.extensions",
    ),
    (
        "079-404-net-v1beta1-ingress",
        lambda c: get(c, "Ingress.v1beta1.networking.k8s.io", "jenkins", "jenkins"),
        NotServed,
        "does not serve",
    ),
    (
        "081-404-ext-readonly",
        lambda c: objects(c, "Ingress.v1beta1.extensions"),
        ForbiddenHere,
        "ingresses.extensions",
    ),
    (
        "113-svc-jsonpatch-remove",
        lambda c: patch(c, name="ingress-nginx-controller", kind="Service"),
        None,
        "",
    ),
    (
        "114-svc-jsonpatch-index-out",
        lambda c: patch(c, name="ingress-nginx-controller", kind="Service"),
        Invalid,
        "rejected",
    ),
    ("139-delete-precond-uid", delete, Conflict, "changed by somebody else"),
    ("072-404-delete-cm", lambda c: delete(c, name="nope"), None, ""),
    (
        "162-403-create-in-terminating",
        lambda c: create(c, "dying"),
        ForbiddenHere,
        "it is being terminated",
    ),
    (
        "180-delete-with-finalizer",
        lambda c: delete(c, "default", "fin", "Service"),
        None,
        "",
    ),
    (
        "182-403-broken-binding",
        lambda c: get(c, "ConfigMap", "default", "ssa2"),
        ForbiddenHere,
        "namespace default",
    ),
    ("144-list-bad-continue", lambda c: objects(c, "ConfigMap", "default"), Invalid, "continue"),
    (
        "191-410-exact-old-rv",
        lambda c: objects(c, "ConfigMap", "default"),
        ServerTrouble,
        "expired",
    ),
    ("160-list-future-rv", lambda c: objects(c, "ConfigMap", "default"), ServerTrouble, "504"),
]


@pytest.mark.parametrize(("name", "call", "error", "words"), CASES, ids=[c[0] for c in CASES])
def test_recorded_answers(
    tmp_path: Path,
    name: Any,
    call: Callable[[ClusterClient], object],
    error: type[ClusterError] | None,
    words: Any,
) -> None:
    method, target, answer = recorded(FOLDER / f"{name}.txt")
    with AnswerServer(answer) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        if error is None:
            call(client)
        else:
            with pytest.raises(error) as caught:
                call(client)
            assert type(caught.value) is error
            assert words in caught.value.cause
            assert caught.value.next_command
        asked_method, asked_target, headers, _ = server.asked[0]
    # What was recorded is what the client asks.
    assert asked_method == method
    assert asked_target.partition("?")[0] == target.partition("?")[0]
    if method == "PATCH":
        assert headers["Content-Type"] == "application/json-patch+json"


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("087-ssar-patch-cm-admin", True),
        ("090-ssar-patch-cm-readonly", False),
        ("093-ssar-patch-cm-nobody", False),
        ("096-ssar-get-cm-readonly", True),
    ],
)
def test_recorded_reviews(tmp_path: Path, name: str, allowed: bool) -> None:
    _, _, answer = recorded(FOLDER / f"{name}.txt")
    with AnswerServer(answer) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        assert client.allowed("patch", "ConfigMap", "ingress-nginx") is allowed


def test_a_review_without_credentials(tmp_path: Path) -> None:
    _, _, answer = recorded(FOLDER / "098-ssar-anon.txt")
    with AnswerServer(answer) as server, pytest.raises(Unauthorized):
        ClusterClient(kubeconfig(tmp_path, server.url)).allowed("get", "Pod", "x")


def test_recorded_pages(tmp_path: Path) -> None:
    names = ("140-list-limit-10-p1", "141-list-limit-10-p2", "142-list-limit-10-p3")
    answers = [recorded(FOLDER / f"{name}.txt")[2] for name in names]
    # The last of four pages was not recorded.
    last = Answer(200, b'{"metadata": {}, "items": [{"metadata": {"name": "last"}}]}')
    with AnswerServer(*answers, last) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        found = objects(client, "ConfigMap", "default")
        assert len(server.asked) == 4
    assert len({o["metadata"]["name"] for o in found}) == len(found) > 20
    assert {o["kind"] for o in found} == {"ConfigMap"}


def test_the_version_is_open_to_everybody(tmp_path: Path) -> None:
    _, _, answer = recorded(FOLDER / "066-anon-version.txt")
    with AnswerServer(answer) as server:
        assert ClusterClient(kubeconfig(tmp_path, server.url)).server_version().startswith("v1.36")
