"""Istio's TCP routes and the servers they use."""

from sources_cases import edited, told

GATEWAY = (
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g}\nspec:\n  servers:\n"
    "  - port: {number: 443, protocol: HTTPS}\n  - port: {number: 50000, protocol: TCP}\n"
)


def _service(name: str, host: str, http: str = "") -> str:
    return (
        f"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: {name}}}\n"
        f"spec:\n  gateways: [ci/g]\n{http}  tcp:\n  - match: [{{port: 50000}}]\n"
        f"    route: [{{destination: {{host: {host}, port: {{number: 50000}}}}}}]\n"
    )


def test_the_route_and_then_its_server() -> None:
    text = f"{GATEWAY}---\n{_service('a', 'jenkins-agent')}"
    after = edited({"i.yaml": text})["i.yaml"]
    assert "50000" not in after
    assert "number: 443" in after
    assert "VirtualService" not in after


def test_routes_of_pages_stay() -> None:
    http = "  http: [{route: [{destination: {host: jenkins}}]}]\n"
    after = edited({"v.yaml": _service("a", "jenkins-agent.ci.svc", http)})["v.yaml"]
    assert after.endswith(http)


def test_a_server_that_others_use_stays() -> None:
    text = f"{GATEWAY}---\n{_service('a', 'jenkins-agent')}---\n{_service('b', 'db')}"
    after = edited({"i.yaml": text})["i.yaml"]
    assert after == f"{GATEWAY}---\n{_service('b', 'db')}"


def test_another_host_and_an_unclear_one() -> None:
    assert edited({"v.yaml": _service("a", "db")}) == {"v.yaml": _service("a", "db")}
    assert told({"v.yaml": _service("a", "db")}) == []
    assert "or may do so" in told({"v.yaml": _service("a", "agents")})[0]
