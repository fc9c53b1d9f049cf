"""Services, policies, routes and pods of Kubernetes."""

from sources_cases import edited, told
from sources_shapes import check_shapes


def test_shapes(update_examples: bool) -> None:
    check_shapes("manifests", update=update_examples)


def test_a_port_of_an_edge_that_no_entry_uses_stays() -> None:
    text = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: ingress-nginx-controller}\nspec:\n"
        "  ports:\n  - port: 443\n  - port: 50000\n"
    )
    assert edited({"s.yaml": text}) == {"s.yaml": text}


def test_the_only_object_of_a_file_is_told() -> None:
    text = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: jenkins-agent}\nspec:\n"
        "  ports:\n  - port: 50000\n"
    )
    assert edited({"s.yaml": text}) == {"s.yaml": text}
    assert "remove the file" in told({"s.yaml": text})[0]
