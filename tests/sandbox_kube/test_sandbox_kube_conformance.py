"""The recorded exchanges with kube-apiserver 1.36, replayed in order against the sandbox's API."""

import http.client
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from migrate.sandbox.kube import listing
from migrate.sandbox.kube.access import Rule, User, default_users
from migrate.sandbox.kube.checks import Target, Write
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.kube.server import KubeServer

RECORDINGS = Path(__file__).parents[1] / "recordings" / "kubernetes-1.36"

STATUS_ONLY = {
    "069": "readyz?verbose lists the checks of a real apiserver, the sandbox has two",
    "091": "the sandbox's readonly user reads the owners of pods, too: jobs, cronjobs",
    "150": "column descriptions of a Table are left short",
    "152": "the sandbox serves the resources that the tool reads, not all of core/v1",
    "153": "the same for groups",
    "154": "aggregated discovery: answered with the plain APIGroupList, which clients fall back to",
}
"""Compared by status only, and why."""
MESSAGE_FREE = {
    "105": "the message quotes the whole object, with revisions and times in it",
    "107": "the same",
    "144": "the message quotes Go's JSON decoder",
}
"""Compared but for the words of the message, and why."""
VOLATILE = {
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "time",
    "nodePort",
    "healthCheckNodePort",
    "clusterIP",
    "continue",
    "serverAddress",
}


@dataclass(frozen=True)
class Exchange:
    number: str
    file: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    answer_headers: dict[str, str]
    answer: str


@dataclass
class Replayed:
    status: int
    headers: dict[str, str]
    body: str
    known: dict[str, str] = field(default_factory=dict)


def read_exchange(path: Path) -> Exchange:
    asked: list[str] = []
    answered: list[str] = []
    rest: list[str] = []
    for line in path.read_text().split("\n"):
        if not rest and line.startswith(">>>"):
            asked.append(line[4:])
        elif not rest and line.startswith("<<<"):
            answered.append(line[4:])
        elif answered:
            rest.append(line)
    head, _, body = "\n".join(asked).partition("\n\n")
    method, target = head.split("\n")[0].split(" ", 1)
    headers = dict(line.split(": ", 1) for line in head.split("\n")[1:] if ": " in line)
    return Exchange(
        number=path.name[:3],
        file=path.name,
        method=method,
        path=target,
        headers=headers,
        body=body,
        status=int(answered[0].split()[1]),
        answer_headers=dict(line.split(": ", 1) for line in answered[1:]),
        answer="\n".join(rest[1:]),
    )


EXCHANGES = [read_exchange(path) for path in sorted(RECORDINGS.glob("[0-9]*.txt"))]


class Replay:
    """Sends the recorded requests, with recorded uids, revisions and ports put right."""

    def __init__(self, server: KubeServer) -> None:
        self.server = server
        self.known: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.setups: dict[str, Callable[[], None]] = {
            "001": lambda: self._namespaces("ingress-nginx", "jenkins"),
            "010": self._endpoints,
            "011": lambda: self._merge("ingress-nginx", "tcp-services", {"9000": "default/echo:1"}),
            "026": lambda: self._merge(
                "ingress-nginx",
                "tcp-services",
                {"9000": "default/echo:9000", "9001": "default/echo:9001"},
            ),
            "032": lambda: self._apply(
                "ingress-nginx", "tcp-services", {"50000": "jenkins/jenkins-agent:50000"}
            ),
            "041": lambda: self._merge(
                "ingress-nginx", "tcp-services", {"9002": "kept/by:1"}, manager="kubectl-edit"
            ),
            "099": self._immutable,
            "111": lambda: self._delete("ingress-nginx", "ssa-new"),
            "140": lambda: self._pages({"page": "1"}),
            "158": lambda: self._merge(
                "ingress-nginx", "tcp-services", None, annotations={"bump": "4"}
            ),
            "161": lambda: self._namespaces("dying"),
            "163": lambda: self._bump_lease(2),
            "166": lambda: self._apply(
                "default", "ssa2", {"50000": "jenkins/jenkins-agent:50000", "50001": "a/b:1"}
            ),
            "180": self._finalized,
            "182": lambda: self._broken_role("does-not-exist"),
            "183": lambda: self._broken_role(""),
            "189": self._restarted,
        }

    def run(self, exchange: Exchange) -> Replayed:
        setup = self.setups.get(exchange.number)
        if setup:
            setup()
        body = self._body(exchange)
        path = exchange.path
        for old, new in self.tokens.items():
            path = path.replace(old, new)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.request(exchange.method, path, body.encode() or None, exchange.headers)
            response = connection.getresponse()
            result = Replayed(
                response.status, dict(response.getheaders()), response.read().decode()
            )
        finally:
            connection.close()
        self._learn(exchange.answer, result.body)
        result.known = dict(self.known)
        return result

    def _body(self, exchange: Exchange) -> str:
        if exchange.number in ("109", "110"):
            size = 1_100_000 if exchange.number == "109" else 3_200_000
            return json.dumps({"data": {"blob": "x" * size}})
        text = exchange.body
        for old, new in self.known.items():
            text = re.sub(rf'(?<=[": ]){re.escape(old)}(?=[",}} ])', new, text)
        return text

    def _learn(self, recorded: str, actual: str) -> None:
        try:
            then, now = json.loads(recorded), json.loads(actual)
        except ValueError:
            return
        for old, new in _pairs(then, now):
            self.known[old] = new
        token = then.get("metadata", {}).get("continue")
        mine = now.get("metadata", {}).get("continue")
        if token and mine:
            self.tokens[token] = mine

    # What the recorder did between the exchanges that it kept.

    def _namespaces(self, *names: str) -> None:
        for name in names:
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            self.server.add(body, manager="recorder")

    def _endpoints(self) -> None:
        self.server.add(
            {
                "apiVersion": "v1",
                "kind": "Endpoints",
                "metadata": {
                    "name": "kubernetes",
                    "namespace": "default",
                    "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
                },
                "subsets": [
                    {
                        "addresses": [{"ip": "192.0.2.10"}],
                        "ports": [{"name": "https", "port": 16443, "protocol": "TCP"}],
                    }
                ],
            },
            manager="kube-apiserver",
        )

    def _merge(
        self,
        namespace: str,
        name: str,
        data: dict[str, Any] | None,
        *,
        manager: str = "recorder",
        annotations: dict[str, str] | None = None,
    ) -> None:
        patch: dict[str, Any] = {"data": data} if data else {}
        if annotations:
            patch["metadata"] = {"annotations": annotations}
        self.server.registry.patch(
            Target(of_kind("ConfigMap"), namespace, name),
            "application/merge-patch+json",
            patch,
            Write(manager=manager),
        )

    def _apply(self, namespace: str, name: str, data: dict[str, str]) -> None:
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": namespace},
            "data": data,
        }
        target = Target(of_kind("ConfigMap"), namespace, name)
        self.server.registry.apply(target, body, Write(manager="helm"))

    def _immutable(self) -> None:
        self.server.add(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "imm", "namespace": "default"},
                "data": {"50000": "a/b:1"},
                "immutable": True,
            },
            manager="recorder",
        )

    def _pages(self, labels: dict[str, str]) -> None:
        for number in range(30):
            metadata: dict[str, Any] = {"name": f"page-{number:02}", "namespace": "default"}
            if labels:
                metadata["labels"] = labels
            body = {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": metadata,
                "data": {"n": str(number)},
            }
            self.server.add(body, manager="recorder")

    def _bump_lease(self, transitions: int) -> None:
        self.server.registry.patch(
            Target(of_kind("Lease"), "ingress-nginx", "ingress-nginx-leader"),
            "application/merge-patch+json",
            {"spec": {"leaseTransitions": transitions}},
            Write(manager="recorder"),
        )

    def _delete(self, namespace: str, name: str) -> None:
        target = Target(of_kind("ConfigMap"), namespace, name)
        self.server.registry.delete(target, {}, Write(manager="recorder"))

    def _finalized(self) -> None:
        self.server.add(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {
                    "name": "fin",
                    "namespace": "default",
                    "finalizers": ["service.kubernetes.io/load-balancer-cleanup"],
                },
                "spec": {"ports": [{"port": 80}]},
            },
            manager="recorder",
        )

    def _broken_role(self, role: str) -> None:
        users = self.server.authorizer.users
        self.server.authorizer.users = tuple(
            replace(user, broken_role=role) if user.name == "nobody" else user for user in users
        )

    def _restarted(self) -> None:
        """The recorder made the pages anew and compacted, with a first page in hand."""
        for name in ("ssa2", *(f"page-{number:02}" for number in range(30))):
            self._delete("default", name)
        self._pages({})
        query = {"limit": "10"}
        first = listing.list_objects(self.server.store, of_kind("ConfigMap"), "default", query)
        recorded = re.search(r"continue=(\S+)", EXCHANGES[188].path)
        assert recorded is not None
        self.tokens[recorded[1]] = first["metadata"]["continue"]
        self._bump_lease(3)
        self.server.store.compact()


def _pairs(then: Any, now: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(then, dict) and isinstance(now, dict):
        for name in then.keys() & now.keys():
            yield from _pairs(then[name], now[name], name)
    elif isinstance(then, list) and isinstance(now, list):
        for old, new in zip(then, now, strict=False):
            yield from _pairs(old, new, key)
    elif key in ("uid", "resourceVersion", "nodePort", "clusterIP", "healthCheckNodePort"):
        yield str(then), str(now)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Exchange], Replayed]:
    tokens = {"admin": "admin-token-0001"} | {
        name: f"{name}-token-0001" for name in ("readonly", "restricted", "nobody")
    }
    users = [replace(user, token=tokens[user.name]) for user in default_users()]
    users = [without_network_policies(user) for user in users]
    with KubeServer(tmp_path_factory.mktemp("kube"), users=users) as server:
        replay = Replay(server)
        results = {exchange.number: replay.run(exchange) for exchange in EXCHANGES}
    return lambda exchange: results[exchange.number]


def without_network_policies(user: User) -> User:
    """The recorder's readonly role had no rule for them."""
    rules = tuple(
        Rule(
            rule.verbs, rule.api_groups, tuple(r for r in rule.resources if r != "networkpolicies")
        )
        for rule in user.rules
    )
    return replace(user, rules=rules)


def normal(value: Any, key: str = "") -> Any:
    """Without what differs from run to run, and without the order of what has none."""
    if key in VOLATILE:
        return f"<{key}>"
    if key == "clusterIPs":
        return ["<clusterIP>" for _ in value]
    if key == "managedFields":
        entries = [
            [e["manager"], e["operation"], e.get("subresource", ""), e["fieldsV1"]] for e in value
        ]
        return sorted(entries, key=json.dumps)
    if key in ("causes", "nonResourceRules", "resourceRules"):
        return sorted((normal(item) for item in value), key=lambda e: json.dumps(e, sort_keys=True))
    if isinstance(value, dict):
        return {name: normal(item, name) for name, item in value.items()}
    return [normal(item) for item in value] if isinstance(value, list) else value


def normal_text(text: str, known: dict[str, str]) -> str:
    """A message with the recorded uids and numbers put right."""
    for old, new in sorted(known.items(), key=lambda pair: -len(pair[0])):
        if len(old) > 4:
            text = text.replace(old, new)
    return re.sub(r"\(\d+\)|current: \d+", "N", text)


def comparable(text: str, exchange: Exchange, known: dict[str, str]) -> Any:
    if exchange.answer_headers.get("Content-Type", "").startswith("text/"):
        return text.strip()
    if "watch=1" in exchange.path and exchange.status == 200:
        return [
            comparable_object(json.loads(line), exchange, known)
            for line in text.split("\n")
            if line
        ]
    return comparable_object(json.loads(text), exchange, known)


def comparable_object(document: dict[str, Any], exchange: Exchange, known: dict[str, str]) -> Any:
    document = normal(document)
    if str(document.get("kind")).startswith("SelfSubject"):
        # The answers to reviews carry managedFields and a time of the review itself.
        del document["metadata"]
    for holder in (document, document.get("object", {})):
        if "message" in holder:
            holder["message"] = normal_text(holder["message"], known)
        for cause in (holder.get("details") or {}).get("causes", []):
            cause["message"] = normal_text(cause["message"], known)
    if exchange.number in MESSAGE_FREE:
        document["message"] = ""
        for cause in (document.get("details") or {}).get("causes", []):
            cause["message"] = cause["message"][-30:]
    return document


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange.file[:-4])
def test_answers_as_recorded(exchange: Exchange, replayed: Callable[[Exchange], Replayed]) -> None:
    result = replayed(exchange)
    assert result.status == exchange.status, result.body[:500]
    if exchange.number in STATUS_ONLY:
        return
    for name in ("Warning", "Retry-After", "X-Content-Type-Options", "Content-Type"):
        assert result.headers.get(name) == exchange.answer_headers.get(name), name
    mine = comparable(result.body, exchange, {})
    assert mine == comparable(exchange.answer, exchange, result.known)


@cache
def numbers() -> set[str]:
    return {exchange.number for exchange in EXCHANGES}


def test_what_is_not_compared_is_named_and_recorded() -> None:
    assert (STATUS_ONLY.keys() | MESSAGE_FREE.keys()) <= numbers()
    assert len(numbers()) == 193
