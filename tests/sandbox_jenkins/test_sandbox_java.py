"""The stand-in for java as a command, and its reading of agent.jar's options."""

import os
import subprocess
from pathlib import Path

import pytest

from migrate.sandbox.agent.jar import Jar, numbers
from migrate.sandbox.agent.options import BadOptions, parse
from migrate.sandbox.agent.process import write_java
from migrate.sandbox.agent.websocket import _masked
from migrate.sandbox.jar import agent_jar

OLD, NEW = "3160.vd76b_9ddd10cc", "3206.vb_15dcf73f6a_9"


@pytest.fixture
def java(tmp_path: Path) -> Path:
    return write_java(tmp_path / "bin")


def _run(java: Path, *arguments: str, version: str = "17.0.9") -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.defpath, "MIGRATE_SANDBOX_JAVA_VERSION": version}
    return subprocess.run(
        [java, *arguments], capture_output=True, text=True, env=env, timeout=30, cwd=java.parent
    )


def _jar(folder: Path, version: str) -> str:
    path = folder / f"{version}.jar"
    path.write_bytes(agent_jar(version))
    return str(path)


def test_versions(java: Path, tmp_path: Path) -> None:
    assert 'openjdk version "11.0.2"' in _run(java, "-version", version="11.0.2").stderr
    for version in (OLD, NEW):
        done = _run(java, "-jar", _jar(tmp_path, version), "-version")
        assert (done.returncode, done.stdout) == (0, f"{version}\n")


def test_nothing_to_run(java: Path, tmp_path: Path) -> None:
    done = _run(java, "-jar", "no.jar", "-version")
    assert (done.returncode, done.stdout) == (1, "Error: Unable to access jarfile no.jar\n")
    (tmp_path / "text.jar").write_text("not a zip")
    assert _run(java, "-jar", str(tmp_path / "text.jar")).returncode == 1


def test_java_too_old_for_the_jar(java: Path, tmp_path: Path) -> None:
    jar = _jar(tmp_path, "3301.v4363ddcca_4e7")
    done = _run(java, "-jar", jar, "-version", version="11.0.21")
    assert done.returncode == 1
    assert "UnsupportedClassVersionError" in done.stdout
    assert _run(java, "-jar", jar, "-version", version="17.0.1").returncode == 0
    assert _run(java, "-jar", _jar(tmp_path, "4.13"), "-version", version="1.8.0").returncode == 0


@pytest.mark.parametrize(("version", "code"), [(OLD, 1), (NEW, 0)])
def test_exclusive_options_exit(java: Path, tmp_path: Path, version: str, code: int) -> None:
    jar = _jar(tmp_path, version)
    main = ["-cp", jar, "hudson.remoting.jnlp.Main", "-headless"]
    rest = ["-url", "http://127.0.0.1:1/", "s" * 64, "a"]
    done = _run(java, *main, "-webSocket", "-tunnel", "h:1", *rest)
    assert done.returncode == code
    assert 'option "-webSocket" cannot be used with the option(s) [' in done.stdout


def test_options_by_version() -> None:
    line = ["-url", "u", "-name", "n", "-secret", "s", "-webSocket"]
    options = parse(line, NEW, "-jar")
    assert (options.urls, options.node, options.web_socket) == (["u"], "n", True)
    with pytest.raises(BadOptions, match='"-url" is not a valid option') as caught:
        parse(line, OLD, "-jar")
    assert caught.value.code == 1
    parse(["-jnlpUrl", "u", "-secret", "s", "-noReconnect"], OLD, "-jar")
    # args4j looks at what is missing before it looks at what excludes what.
    with pytest.raises(BadOptions, match=r'"-webSocket" requires the option\(s\) \[-url\]'):
        parse(["-jnlpUrl", "u", "-webSocket"], NEW, "-jar")
    with pytest.raises(BadOptions, match='option "-jnlpUrl" cannot be used'):
        parse(["-jnlpUrl", "u", "-name", "n"], NEW, "-jar")
    with pytest.raises(BadOptions, match="single -url"):
        parse(["-url", "u", "-url", "w", "-webSocket"], NEW, "main")
    with pytest.raises(BadOptions, match="takes an operand"):
        parse(["-url"], NEW, "-jar")
    main = parse(["-headless", "-webSocket", "-url", "u", "s", "n"], OLD, "main")
    assert (main.secret, main.node) == ("s", "n")
    parse(["-webSocket", "-url", "u", "-cert", "c"], NEW, "main")
    with pytest.raises(BadOptions, match="-cert"):
        parse(["-webSocket", "-url", "u", "-cert", "c"], OLD, "main")


AT = {
    short: f"{short}.v0"
    for short in ("3107", "3160", "3176", "3180", "3184", "3190", "3206", "3241", "3352")
}
WS = ["-webSocket", "-url", "u"]


@pytest.mark.parametrize(
    ("arguments", "entry", "good", "bad"),
    [
        (["-url", "u", "-name", "n"], "-jar", "3176", "3160"),
        (["-secret", "s", "-name", "n", "-url", "u"], "main", "3176", "3160"),
        (["-cp", "x"], "-jar", "3184", "3190"),
        (["-classpath", "x"], "-jar", "3107", "3206"),
        (["-noReconnectAfter", "1d"], "-jar", "3241", "3206"),
        ([*WS, "-cert", "c"], "main", "3184", "3180"),
        ([*WS, "-proxyCredentials", "c"], "main", "3352", "3107"),
        ([*WS, "-disableHttpsCertValidation"], "main", "3184", "3160"),
        ([*WS, "-noCertificateCheck"], "main", "3184", "3176"),
        (["-noCertificateCheck"], "-jar", "3107", ""),
        (["-noCertificateCheck"], "main", "3176", "3160"),
        ([*WS, "-noKeepAlive"], "main", "", "3352"),
        ([*WS, "-credentials", "c"], "main", "", "3107"),
        (["-webSocket"], "main", "", "3352"),
        (["-webSocketHeader", "a=b", "-url", "u"], "main", "", "3352"),
        ([*WS, "-webSocketHeader", "a=b", "-webSocketHeader", "c=d=e"], "main", "3107", ""),
        (["-direct", "h:1"], "main", "", "3352"),
        (["-direct", "h:1", "-instanceIdentity", "i"], "main", "3352", ""),
        (["-direct", "h:1", "-instanceIdentity", "i", "-tunnel", "t:1"], "main", "", "3352"),
        (["-internalDir", "d"], "-jar", "", "3107"),
        (["-cert", "c", "-noCertificateCheck"], "-jar", "", "3352"),
        (["-noReconnectAfter", "1d", "-noreconnect"], "-jar", "", "3352"),
    ],
)
def test_options_of_each_version(arguments: list[str], entry: str, good: str, bad: str) -> None:
    if good:
        parse(arguments, AT[good], entry)
    if bad:
        with pytest.raises(BadOptions):
            parse(arguments, AT[bad], entry)


def test_headers_of_the_launch() -> None:
    options = parse([*WS, "-webSocketHeader", "a=b", "-webSocketHeader", "c=d=e"], NEW, "main")
    assert options.headers == {"a": "b", "c": "d=e"}


def test_jar_overwritten_or_replaced(tmp_path: Path) -> None:
    path = Path(_jar(tmp_path, OLD))
    jar = Jar(str(path))
    new = tmp_path / "new"
    new.write_bytes(agent_jar(NEW))
    new.replace(path)
    assert not jar.overwritten()
    jar = Jar(str(path))
    assert jar.version == NEW
    path.write_bytes(agent_jar(OLD))
    assert jar.overwritten()


def test_version_order() -> None:
    ordered = ["4.9", "4.14", "3025.v1", "3160.vd76b_9ddd10cc", "3355.v38", "3355.3357.v93"]
    assert sorted(ordered, key=numbers) == ordered


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 1000])
def test_mask_is_its_own_inverse(size: int) -> None:
    data, mask = os.urandom(size), os.urandom(4)
    masked = _masked(data, mask)
    assert masked == bytes(b ^ mask[i % 4] for i, b in enumerate(data))
