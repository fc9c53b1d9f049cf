"""TCP routes to Jenkins and the entries that only they use."""

from sources_cases import edited, told

ROUTE = (
    "apiVersion: traefik.io/v1alpha1\nkind: IngressRouteTCP\nmetadata: {{name: r, namespace: ci}}\n"
    "spec:\n  entryPoints: [{entry}]\n  routes:\n  - services: [{{name: {name}, port: 50000}}]\n"
)
VALUES = "ports:\n  web: {port: 80, exposedPort: 80}\n  jnlp: {port: 50000, exposedPort: 50000}\n"
KEEP = "---\nkind: X\napiVersion: v1\n"


def test_the_route_and_its_entry_point() -> None:
    files = {"r.yaml": ROUTE.format(entry="jnlp", name="jenkins-agent") + KEEP, "v.yaml": VALUES}
    after = edited(files)
    assert after["r.yaml"] == KEEP.removeprefix("---\n")
    assert after["v.yaml"] == "ports:\n  web: {port: 80, exposedPort: 80}\n"


def test_an_entry_point_that_another_route_uses_stays() -> None:
    both = ROUTE.format(entry="jnlp", name="jenkins-agent") + "---\n"
    other = ROUTE.format(entry="jnlp", name="db")
    after = edited({"r.yaml": both + other, "v.yaml": VALUES})
    assert after == {"r.yaml": other, "v.yaml": VALUES}


def test_a_route_that_may_lead_to_jenkins_is_told() -> None:
    files = {"r.yaml": ROUTE.format(entry="x", name="agents")}
    assert edited(files) == files
    assert told(files)


def test_the_only_object_of_a_file_is_told() -> None:
    files = {"r.yaml": ROUTE.format(entry="x", name="jenkins-agent")}
    assert edited(files) == files
    assert "remove the file" in told(files)[0]
