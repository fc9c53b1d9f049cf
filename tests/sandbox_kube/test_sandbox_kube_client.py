"""The official Python client, kubeconfig and all, against the sandbox's API."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, watch
from kubernetes.client.exceptions import ApiException
from official_client import official_client

from migrate.sandbox.kube.controllers import Controllers
from migrate.sandbox.kube.objects import Ports, usual_installation
from migrate.sandbox.kube.server import KubeServer

PORTS = Ports(edge_agent=25000, edge_database=25432, jenkins_http=1, jenkins_agent=2, database=3)
EDGE = ("ingress-nginx-controller", "ingress-nginx")
TCP = ("tcp-services", "ingress-nginx")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[KubeServer]:
    with KubeServer(tmp_path) as running:
        fill(running)
        yield running


def fill(server: KubeServer) -> None:
    for body in usual_installation(PORTS):
        server.add(body)
    Controllers(server.registry).sync()


def connect(server: KubeServer, user: str = "admin") -> Any:
    return official_client(str(server.kubeconfig(user)))


def core(server: KubeServer, user: str = "admin") -> Any:
    return client.CoreV1Api(connect(server, user))


def ports_of(service: Any) -> dict[int, int]:
    return {port.port: port.node_port for port in service.spec.ports}


def remove_port(api: Any, number: int, **options: Any) -> Any:
    service = api.read_namespaced_service(*EDGE)
    index = next(i for i, port in enumerate(service.spec.ports) if port.port == number)
    patch = [
        {
            "op": "replace",
            "path": "/metadata/resourceVersion",
            "value": service.metadata.resource_version,
        },
        {"op": "remove", "path": f"/spec/ports/{index}"},
    ]
    return api.patch_namespaced_service(*EDGE, patch, **options)


def test_the_objects_of_a_usual_installation(server: KubeServer) -> None:
    connection = connect(server)
    api: Any = client.CoreV1Api(connection)
    service = api.read_namespaced_service(*EDGE)
    assert list(ports_of(service)) == [80, 443, 25000, 25432]
    assert all(30000 <= port <= 32767 for port in ports_of(service).values())
    pods = api.list_namespaced_pod("jenkins").items
    assert [pod.status.pod_ip for pod in pods] == ["127.0.0.1"]
    slices: Any = client.DiscoveryV1Api(connection).list_namespaced_endpoint_slice(
        "jenkins", label_selector="kubernetes.io/service-name=jenkins-agent"
    )
    assert [(s.ports[0].port, s.endpoints[0].addresses) for s in slices.items] == [
        (2, ["127.0.0.1"])
    ]
    deployment: Any = client.AppsV1Api(connection).read_namespaced_deployment(*EDGE)
    assert deployment.status.observed_generation == deployment.metadata.generation
    assert client.VersionApi(connection).get_code().git_version == "v1.36.2"


def test_a_port_that_comes_back_has_a_new_node_port_unless_the_old_one_is_given(
    server: KubeServer,
) -> None:
    api = core(server)
    before = ports_of(api.read_namespaced_service(*EDGE))
    assert 25000 not in ports_of(remove_port(api, 25000))
    port = {"name": "25000-tcp", "port": 25000, "protocol": "TCP", "targetPort": "25000-tcp"}
    back = api.patch_namespaced_service(
        *EDGE, [{"op": "add", "path": "/spec/ports/-", "value": port}]
    )
    assert ports_of(back)[25000] != before[25000]
    remove_port(api, 25000)
    port["nodePort"] = before[25000]
    back = api.patch_namespaced_service(
        *EDGE, [{"op": "add", "path": "/spec/ports/2", "value": port}]
    )
    assert ports_of(back) == before
    assert list(ports_of(back)) == list(before)


def test_a_stale_revision_is_a_conflict_in_every_way_of_writing(server: KubeServer) -> None:
    api = core(server)
    old = api.read_namespaced_config_map(*TCP)
    api.patch_namespaced_config_map(*TCP, {"data": {"1": "a/b:1"}})
    stale = old.metadata.resource_version
    guarded = [{"op": "replace", "path": "/metadata/resourceVersion", "value": stale}]
    writes: tuple[Callable[[], object], ...] = (
        lambda: api.replace_namespaced_config_map(*TCP, old),
        lambda: api.patch_namespaced_config_map(*TCP, guarded),
        lambda: api.patch_namespaced_config_map(*TCP, guarded, dry_run="All"),
        lambda: api.patch_namespaced_config_map(
            *TCP, {"metadata": {"resourceVersion": stale}, "data": {"2": "a/b:2"}}
        ),
    )
    for write in writes:
        with pytest.raises(ApiException) as caught:
            write()
        assert caught.value.status == 409
    assert "2" not in api.read_namespaced_config_map(*TCP).data


def test_a_dry_run_answers_and_changes_nothing(server: KubeServer) -> None:
    api = core(server)
    before = api.read_namespaced_service(*EDGE)
    answered = remove_port(api, 25000, dry_run="All")
    assert 25000 not in ports_of(answered)
    api.delete_namespaced_service("jenkins-agent", "jenkins", dry_run="All")
    api.create_namespaced_config_map(
        "jenkins", client.V1ConfigMap(metadata=client.V1ObjectMeta(name="x")), dry_run="All"
    )
    assert api.read_namespaced_service(*EDGE) == before
    assert api.read_namespaced_service("jenkins-agent", "jenkins").spec.ports
    with pytest.raises(ApiException) as caught:
        api.read_namespaced_config_map("x", "jenkins")
    assert caught.value.status == 404


def test_a_service_can_be_made_again_with_its_own_address(server: KubeServer) -> None:
    api = core(server)
    raw = server.get("Service", "jenkins", "jenkins-agent")
    assert raw is not None
    options = client.V1DeleteOptions(
        preconditions=client.V1Preconditions(uid=raw["metadata"]["uid"])
    )
    api.delete_namespaced_service("jenkins-agent", "jenkins", body=options)
    Controllers(server.registry).sync()
    discovery: Any = client.DiscoveryV1Api(api.api_client)
    slices = discovery.list_namespaced_endpoint_slice("jenkins").items
    assert not [s for s in slices if s.metadata.name.startswith("jenkins-agent")]
    body = copy.deepcopy(raw)
    for key in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
        del body["metadata"][key]
    del body["status"]
    made = api.create_namespaced_service("jenkins", body)
    assert made.spec.cluster_ip == raw["spec"]["clusterIP"]
    assert made.metadata.uid != raw["metadata"]["uid"]
    Controllers(server.registry).sync()
    assert api.read_namespaced_endpoints("jenkins-agent", "jenkins").subsets[0].ports[0].port == 2


@pytest.mark.parametrize(
    ("user", "config_maps", "services", "patch"),
    [
        ("admin", True, True, True),
        ("readonly", True, True, False),
        ("restricted", False, True, False),
        ("nobody", False, False, False),
    ],
)
def test_users_may_what_their_rules_say_and_the_review_agrees(
    server: KubeServer, user: str, config_maps: bool, services: bool, patch: bool
) -> None:
    connection = connect(server, user)
    api = client.CoreV1Api(connection)

    def allowed(call: Any) -> bool:
        try:
            call()
        except ApiException as error:
            assert error.status == 403
            return False
        return True

    def reviewed(verb: str, resource: str) -> bool:
        attributes = client.V1ResourceAttributes(
            verb=verb, resource=resource, namespace="ingress-nginx"
        )
        review = client.V1SelfSubjectAccessReview(
            spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes)
        )
        answer: Any = client.AuthorizationV1Api(connection).create_self_subject_access_review(
            review
        )
        return bool(answer.status.allowed)

    assert allowed(lambda: api.read_namespaced_config_map(*TCP)) == config_maps
    assert allowed(lambda: api.list_namespaced_service("ingress-nginx")) == services
    assert allowed(lambda: api.patch_namespaced_config_map(*TCP, {}, dry_run="All")) == patch
    assert allowed(lambda: api.list_namespaced_secret("jenkins")) == (user == "admin")
    assert reviewed("get", "configmaps") == config_maps
    assert reviewed("list", "services") == services
    assert reviewed("patch", "configmaps") == patch


def test_lists_come_in_pages_that_fit_together(server: KubeServer) -> None:
    api = core(server)
    whole = [item.metadata.name for item in api.list_service_for_all_namespaces().items]
    seen: list[str] = []
    token = None
    while token != "":
        page = api.list_service_for_all_namespaces(limit=2, _continue=token)
        seen += [item.metadata.name for item in page.items]
        token = page.metadata._continue or ""
    assert seen == whole
    assert len(whole) == 4


def test_a_watch_sees_a_change(server: KubeServer) -> None:
    api = core(server)
    revision = api.list_namespaced_config_map("ingress-nginx").metadata.resource_version
    api.patch_namespaced_config_map(*TCP, {"data": {"7": "a/b:7"}})
    watching: Any = watch.Watch
    stream = watching().stream(
        api.list_namespaced_config_map,
        "ingress-nginx",
        resource_version=revision,
        timeout_seconds=1,
    )
    events = [(event["type"], event["object"].metadata.name) for event in stream]
    assert events == [("MODIFIED", "tcp-services")]


def test_the_fault_conflict_makes_one_real_conflict_per_object(tmp_path: Path) -> None:
    with KubeServer(tmp_path, faults=frozenset({"conflict"})) as server:
        fill(server)
        api = core(server)
        remove_port(api, 25000, dry_run="All")
        with pytest.raises(ApiException) as caught:
            remove_port(api, 25000)
        assert caught.value.status == 409
        assert 25000 not in ports_of(remove_port(api, 25000))


def test_the_fault_forbidden_leaves_reading(tmp_path: Path) -> None:
    with KubeServer(tmp_path, faults=frozenset({"forbidden"})) as server:
        fill(server)
        api = core(server)
        with pytest.raises(ApiException) as caught:
            remove_port(api, 25000)
        assert caught.value.status == 403
        assert 25000 in ports_of(api.read_namespaced_service(*EDGE))


def test_a_wrong_token_is_unauthorized_and_kubeconfig_files_are_private(
    server: KubeServer,
) -> None:
    path = server.kubeconfig("admin")
    assert path.stat().st_mode & 0o077 == 0
    wrong = path.with_name("wrong.yaml")
    wrong.write_text(path.read_text().replace(server.user("admin").token, "x" * 40))
    api = client.CoreV1Api(official_client(str(wrong)))
    with pytest.raises(ApiException) as caught:
        api.list_namespace()
    assert caught.value.status == 401


def test_a_new_template_makes_a_new_pod(server: KubeServer) -> None:
    connection = connect(server)
    api: Any = client.CoreV1Api(connection)
    before = [pod.metadata.name for pod in api.list_namespaced_pod("ingress-nginx").items]
    patch = [{"op": "remove", "path": "/spec/template/spec/containers/0/ports/2"}]
    client.AppsV1Api(connection).patch_namespaced_deployment(*EDGE, patch)
    Controllers(server.registry).sync()
    pods = api.list_namespaced_pod("ingress-nginx").items
    assert len(pods) == 1
    assert pods[0].metadata.name not in before
    assert [port.container_port for port in pods[0].spec.containers[0].ports] == [80, 443, 25432]
    revision = server.store.revision
    Controllers(server.registry).sync()
    assert server.store.revision == revision
