"""A real nginx before and after: the broken upgrade, and nothing else is another one."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from nginx_variants import VARIANTS
from real_nginx import ask, binaries, checked, has_stream, is_open, jenkins, running, stage
from ruamel.yaml import YAML

from migrate.sources.base import LookOptions
from migrate.sources.nginx.conf import Block, Conf, Files, configurations
from migrate.sources.nginx.effective import headers, nearest
from migrate.sources.nginx.match import Chain
from migrate.sources.patch import patches
from migrate.sources.registry import look
from migrate.sources.walk import walk

pytest.importorskip("aiohttp")
CORPUS = Path(__file__).parent / "corpus" / "nginx"
CASES = {
    path.parent.name: spec
    for path in sorted(CORPUS.glob("*/case.yaml"))
    if (spec := YAML(typ="safe").load(path.read_text())).get("verify")
}
BINARIES = binaries()


def _edited(source: Path) -> dict[str, str]:
    """Makes the edits; the patches by stage."""
    walked = walk((source,), (source,))
    edits = look(walked.files, LookOptions()).edits
    made: dict[str, str] = dict(patches(walked.files, edits).items())
    subprocess.run(["git", "init", "-q"], cwd=source, check=True)
    for text in made.values():
        if text:
            subprocess.run(["git", "apply", "-"], cwd=source, input=text.encode(), check=True)
    shutil.rmtree(source / ".git")
    return made


def _status(told: object) -> str:
    return str(told).split()[0]


@pytest.mark.parametrize("binary", BINARIES)
@pytest.mark.parametrize("name", CASES)
def test_case(name: str, binary: str, tmp_path: Path) -> None:
    verify: dict[str, Any] = CASES[name]["verify"]
    before = verify["before"]
    if "1.22.1" in before:
        before = before["1.22.1" if binary == "debian" else "1.31.3"]
    source = tmp_path / "src"
    shutil.copytree(CORPUS / name, source, ignore=shutil.ignore_patterns("case.yaml"))
    tcp = "\nstream {" in (source / "nginx" / "nginx.conf").read_text()
    program = BINARIES[binary]
    if tcp and not has_stream(program):
        pytest.skip("this nginx has no stream module")
    port = str(verify["port"])
    with jenkins() as backend:
        first = stage(source / "nginx", tmp_path / "before", backend)
        checked(program, first)
        with running(program, first):
            host = verify["host"]
            asked = ask(first.port(port), host, "/wsagents/", upgrade=True)
            assert asked == _status(before["upgrade"])
            assert ask(first.port(port), host, "/login", upgrade=False) == before["login"]
            assert "tcp50000" not in str(verify["after"]) or is_open(first, "50000")
        made = _edited(source)
        if not any(made.values()):
            assert not any("before" in edit for edit in CASES[name]["expect"]["edits"])
            return
        after = stage(source / "nginx", tmp_path / "after", backend)
        checked(program, after)
        with running(program, after):
            assert ask(after.port(port), host, "/wsagents/", upgrade=True) == "101"
            assert ask(after.port(port), host, "/login", upgrade=False) == "200"
            assert "tcp50000" not in str(verify["after"]) or "50000" not in after.ports
    _same_elsewhere(first.folder, after.folder)


@pytest.mark.parametrize("binary", BINARIES)
@pytest.mark.parametrize("name", VARIANTS)
def test_variant(name: str, binary: str, tmp_path: Path) -> None:
    """The same kinds of trouble in other shapes: broken, edited, right."""
    variant = VARIANTS[name]
    source = tmp_path / "src"
    for path, text in variant.files.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(text.encode())
    program = BINARIES[binary]
    with jenkins() as backend:
        first = stage(source, tmp_path / "before", backend)
        checked(program, first)
        if variant.broken_on in ("", binary):
            with running(program, first):
                asked = ask(first.port("80"), variant.host, variant.path, upgrade=True)
                assert asked == variant.before
        assert _edited(source)["nodes"]
        after = stage(source, tmp_path / "after", backend)
        checked(program, after)
        with running(program, after):
            assert ask(after.port("80"), variant.host, variant.path, upgrade=True) == "101"
            assert ask(after.port("80"), variant.host, "/other", upgrade=False) == "200"
    _same_elsewhere(first.folder, after.folder)
    again = walk((source,), (source,))
    assert look(again.files, LookOptions()).edits == ()


def _conf(folder: Path) -> Conf:
    files = walk((folder,), (folder,)).files
    (conf,) = [c for c in configurations(Files(files, ""), files) if c.name == "nginx.conf"]
    return conf


def _same_elsewhere(before: Path, after: Path) -> None:
    """Only one location of each server has other effective directives than before."""
    was, now = dict(_effective(_conf(before))), dict(_effective(_conf(after)))
    assert was.keys() == now.keys()
    changed = [key for key in was if was[key] != now[key]]
    servers = [key.split(" / ")[0] for key in changed]
    assert len(servers) == len(set(servers)), changed


_ONE_BY_ONE = ("proxy_http_version", "proxy_read_timeout", "proxy_send_timeout", "proxy_buffering")


def _effective(conf: Conf) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for http in conf.context("http"):
        for number, server in enumerate(http.named("server")):
            for chain in _locations((http, server)):
                name = f"{number} / " + " / ".join(" ".join(b.args) for b in chain[2:])
                counted = [nearest(chain, one) for one in _ONE_BY_ONE]
                others = [b for b in chain[-1].children
                          if not b.name.startswith("proxy_") and b.name != "location"]  # fmt: skip
                sent = [line.args for line in headers(chain).lines]
                told = [one.args if one else () for one in counted]
                found.append((name, (sent, told, [(b.name, _ports_out(b)) for b in others])))
    return found


def _ports_out(block: Block) -> tuple[str, ...]:
    """Without what differs between two runs: ports and folders."""
    return tuple(arg for arg in block.args if "127.0.0.1" not in arg and "/tmp" not in arg)


def _locations(chain: Chain) -> list[Chain]:
    found = []
    for one in chain[-1].named("location"):
        found += [(*chain, one), *_locations((*chain, one))]
    return found
