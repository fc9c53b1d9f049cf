"""Cases of the corpus that are not yet met, each with its reason. They must fail."""

UNMET: dict[str, str] = {
    "ingress-nginx-values/terraform-set": "no finder knows all of this shape yet",
    "ingress-nginx-values/values-tpl": "no finder knows all of this shape yet",
    "jcasc/terraform-templatefile-casc": "no finder knows all of this shape yet",
    "jenkins-chart-values/tab-before-comment": "no finder knows all of this shape yet",
    "named-only/compose-stack": "no finder knows all of this shape yet",
    "named-only/dockerfile": "no finder knows all of this shape yet",
    "named-only/nomad": "no finder knows all of this shape yet",
    "named-only/terraform-security-group": "no finder knows all of this shape yet",
}
