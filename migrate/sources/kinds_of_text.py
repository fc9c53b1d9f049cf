"""What kind of file a text is that is told of and not edited. Pure."""

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from migrate.sources.base import SourceText
from migrate.sources.nested import is_yaml


class TextKind(NamedTuple):
    """How lines of a file are judged and told."""

    name: str
    """As it begins a sentence."""
    why: str
    """Why it is not edited."""
    hcl: bool = False
    number: bool = True
    """Whether the port's number may be judged at all."""
    write: str = ""
    """What to write, where it is always the same."""
    problem: str = ""
    """Why it could not be read at all."""
    problem_line: int = 1
    mend: str = ""


TEMPLATE_SUFFIXES = (
    ".tpl", ".tmpl", ".template", ".j2", ".jinja", ".jinja2", ".erb", ".epp", ".gotmpl", ".tftpl",
    ".mustache", ".hbs", ".ytt", ".in",
)  # fmt: skip
_BY_SUFFIX = {
    ".tf": "Terraform", ".tfvars": "Terraform", ".tofu": "OpenTofu", ".hcl": "HCL",
    ".nomad": "Nomad job", ".jsonnet": "jsonnet", ".libsonnet": "jsonnet", ".cue": "CUE",
    ".dhall": "Dhall", ".pkl": "Pkl", ".star": "Starlark", ".pp": "Puppet", ".sls": "Salt",
    ".nix": "Nix", ".bicep": "Bicep", ".groovy": "a Groovy hook", ".sh": "a script",
    ".bash": "a script", ".ps1": "a script", ".bat": "a script", ".cmd": "a script",
    ".service": "a unit", ".container": "a quadlet", ".env": "a file of variables",
    ".properties": "a file of properties", ".xml": "XML", ".ini": "a file of settings",
    ".cfg": "a file of settings", ".conf": "a file of settings", ".rb": "Ruby",
    ".toml": "a file of settings", ".mk": "a makefile",
}  # fmt: skip
_NO_NUMBER = (".conf", ".cfg", ".toml", ".ini", ".xml")
"""Proxies and others have them: only names count there."""
_PROGRAMS = (".py", ".ts", ".js", ".go")
_INFRASTRUCTURE = re.compile(r"pulumi|aws[-_]cdk|cdktf|constructs")
_TEMPLATE_MARK = re.compile(r"\{\{|\{%|<%|^\s*#@", re.MULTILINE)
_BLOCK = re.compile(
    r"^\s*(?:resource\s+\"(?P<type>[\w-]+)\"\s+\"(?P<name>[\w-]+)\""
    r"|(?P<other>variable|locals|module|job|group|task|port|output)(?:\s+\"(?P<label>[\w-]+)\")?)"
    r"\s*\{"
)
_NOT_READ = "not edited by this tool"


def of(file: SourceText, unread: str | None) -> TextKind | None:
    """The kind; None: nothing here judges it. ``unread``: why a YAML file could not be read."""
    name = posixpath.basename(file.path).lower()
    ending = posixpath.splitext(name)[1]
    if unread is not None:
        return _unread(file, unread)
    if is_yaml(file):
        return TextKind("it", "it is not edited in this place", number=False)
    if ending in TEMPLATE_SUFFIXES:
        return TextKind("a template", "it is not what it says before it is rendered")
    if re.match(r"(?:docker|container)file|.*\.dockerfile$", name):
        return TextKind("a Dockerfile", "EXPOSE opens nothing, ENV counts in the image")
    if ending == ".groovy":
        return TextKind(
            "a Groovy hook", "it runs at each start and undoes the close step",
            write="-1, or no such line, before the port is closed",
        )  # fmt: skip
    if name.endswith(".tf.json") or ending in _BY_SUFFIX:
        told = "Terraform" if name.endswith(".tf.json") else _BY_SUFFIX[ending]
        told = "Nomad job" if ending == ".hcl" and re.search(r"^job\s", file.text, re.M) else told
        hcl = ending in (".tf", ".tofu", ".hcl", ".nomad", ".tfvars")
        return TextKind(told, _NOT_READ, hcl=hcl, number=ending not in _NO_NUMBER)
    if name in ("makefile", "justfile", "vagrantfile", "jenkinsfile", "crontab"):
        return TextKind(f"a {name}", _NOT_READ)
    if ending in _PROGRAMS:
        return TextKind("a program", _NOT_READ, number=bool(_INFRASTRUCTURE.search(file.text)))
    if not ending and (file.text.startswith("#!") or "/default/" in f"/{file.path}"):
        return TextKind("a script", _NOT_READ)
    return None


def _unread(file: SourceText, reason: str) -> TextKind:
    if _TEMPLATE_MARK.search(file.text):
        return TextKind("a template", "it is no YAML before it is rendered")
    said = re.search(r"in line (\d+)", reason)
    line = int(said[1]) if said else 1
    rows = file.text.splitlines()
    tab = line <= len(rows) and "\t" in rows[line - 1]
    problem = f"the YAML reader refuses a tab in line {line}" if tab else reason
    mend = "a blank for the tab" if tab else "mend it"
    return TextKind("it", "it could not be read", problem=problem, problem_line=line,
                    mend=f"{mend}, then scan again")  # fmt: skip


def block_name(line: str) -> str:
    """The block of HCL that begins on a line; empty when none does."""
    found = _BLOCK.match(line)
    if not found:
        return ""
    if found["type"]:
        return f"{found['type']}.{found['name']}"
    return f"{found['other']} {found['label'] or ''}".strip()


def named_ports(text: str) -> tuple[str, ...]:
    """``var.NAME`` and ``local.NAME`` that HCL sets to the agents' port."""
    return tuple(_named_ports(text))


def _named_ports(text: str) -> Iterator[str]:
    for found in re.finditer(r"variable\s+\"([\w-]+)\"\s*\{[^}]*?default\s*=\s*\"?50000\b", text):
        yield f"var.{found[1]}"
    for block in re.finditer(r"^locals\s*\{(.*?)^\}", text, re.DOTALL | re.MULTILINE):
        for found in re.finditer(r"^\s*([\w-]+)\s*=[^\n]*\b50000\b", block[1], re.MULTILINE):
            yield f"local.{found[1]}"
