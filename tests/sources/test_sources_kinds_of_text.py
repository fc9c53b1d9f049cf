"""Kinds of files that are told of."""

import pytest

from migrate.sources.base import SourceText
from migrate.sources.kinds_of_text import block_name, named_ports, of


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("a/main.tf", "", "Terraform"), ("x.nomad.hcl", 'job "a" {}', "Nomad job"),
        ("b.hcl", "x = 1", "HCL"), ("values.yaml.tpl", "", "a template"),
        ("a.j2", "", "a template"), ("docker/Dockerfile.ci", "", "a Dockerfile"),
        ("init.groovy.d/a.groovy", "", "a Groovy hook"), ("x.libsonnet", "", "jsonnet"),
        ("values.yaml", "", "it"), ("bin/run", "#!/bin/sh\n", "a script"),
        ("Makefile", "", "a makefile"), ("sg.tf.json", "", "it"), ("config.xml", "", "XML"),
    ],
)  # fmt: skip
def test_by_name(path: str, text: str, name: str) -> None:
    kind = of(SourceText(path, text), None)
    assert kind is not None
    assert kind.name == name


@pytest.mark.parametrize("path", ["README.md", "a.txt", "photo.svg", "LICENSE"])
def test_prose_is_none(path: str) -> None:
    assert of(SourceText(path, "jenkins 50000"), None) is None


def test_yaml_that_could_not_be_read() -> None:
    kind = of(SourceText("a.yaml", "a: 1\nb:\t# x\n"), "it is no YAML: bad in line 2")
    assert kind is not None
    assert (kind.problem, kind.problem_line) == ("the YAML reader refuses a tab in line 2", 2)
    template = of(SourceText("a.yaml", "a: {{ b }}\n"), "it is no YAML: bad in line 1")
    assert template is not None
    assert (template.name, template.problem) == ("a template", "")


def test_names_of_blocks_and_ports_in_hcl() -> None:
    assert block_name('resource "aws_lb" "x" {') == "aws_lb.x"
    assert block_name('task "jenkins" {') == "task jenkins"
    assert block_name("locals {") == "locals"
    assert block_name("port = 1") == ""
    text = 'variable "p" {\n  default = 50000\n}\nlocals {\n  a = 1\n  b = ["50000"]\n}\n'
    assert named_ports(text) == ("var.p", "local.b")
