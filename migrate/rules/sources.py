"""How rules cite the code that they were read from: project, path, and the commit read."""


def jenkins(what: str) -> str:
    """A place in Jenkins core."""
    return f"jenkinsci/jenkins at ff9430ee1d (2.579-SNAPSHOT): {what}"


def remoting(what: str) -> str:
    """A place in remoting (agent.jar)."""
    return f"jenkinsci/remoting at fa5f12a8 (after 3355.v388858a_47b_33): {what}"


def ingress_nginx(what: str) -> str:
    """A place in the community's ingress controller."""
    return f"kubernetes/ingress-nginx at dbb11b92 (1.15.1, chart 4.15.1): {what}"


def chart(what: str) -> str:
    """A place in the Jenkins Helm chart."""
    return f"jenkinsci/helm-charts at 22055414 (chart 5.9.53): {what}"


def measured(what: str) -> str:
    """Observed on a running controller."""
    return f"measured on a running Jenkins 2.426.2 (Java 17, Linux): {what}"
