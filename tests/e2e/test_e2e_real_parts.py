"""What the real installation needs before it can start, on made-up wars and Javas."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from e2e_real import missing, other_versions, too_old
from e2e_real_home import (
    FIRST,
    SECURITY,
    fill_home,
    java_for,
    javas_for,
    war_minimum,
    war_version,
)


def war(folder: Path, version: str = "2.426.2") -> Path:
    path = folder / "jenkins.war"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\nJenkins-Version: {version}\n"
        )
        archive.writestr("WEB-INF/detached-plugins/instance-identity.hpi", "plugin")
        archive.writestr("WEB-INF/detached-plugins/matrix-auth.hpi", "another")
    return path


def java(folder: Path, said: str) -> Path:
    folder.mkdir(parents=True)
    path = folder / "java"
    path.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "javas"),
    [
        ("2.222.4", (8, 11)),
        ("2.346.3", (8, 11)),
        ("2.361.4", (11, 17)),
        ("2.426.2", (11, 17)),
        ("2.479.1", (17, 21)),
        ("2.555.1", (21, 25)),
    ],
)
def test_the_java_of_a_war(version: str, javas: tuple[int, ...]) -> None:
    assert javas_for(version) == javas


def test_a_fitting_java_is_found_or_named(tmp_path: Path) -> None:
    eight = java(tmp_path / "8", 'openjdk version "1.8.0_402"')
    seventeen = java(tmp_path / "17", 'openjdk version "17.0.15" 2025-04-15')
    assert java_for("2.426.2", [eight, seventeen]).path == seventeen
    assert java_for("2.222.4", [eight, seventeen]).path == eight
    none = java_for("2.555.1", [eight, seventeen, tmp_path / "gone"])
    assert none.path is None
    assert "runs on Java 21 or 25, and here is 8, 17" in none.told


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JENKINS_WAR", raising=False)
    assert "JENKINS_WAR is not set: curl" in missing()
    (tmp_path / "cut.war").write_bytes(b"PK")
    monkeypatch.setenv("JENKINS_WAR", str(tmp_path / "cut.war"))
    assert "is not a war file" in missing()
    monkeypatch.setenv("JENKINS_WAR", str(war(tmp_path)))
    monkeypatch.setenv(
        "JAVA_HOME", str(java(tmp_path / "bin", 'openjdk version "17"').parent.parent)
    )
    assert missing() == ""


def test_the_home_of_a_war(tmp_path: Path) -> None:
    path = war(tmp_path)
    assert war_version(path) == "2.426.2"
    home = tmp_path / "home"
    fill_home(home, path, root_url="http://localhost:1/", port=2, tokens={"admin": "11aa"})
    assert [p.name for p in (home / "plugins").iterdir()] == ["instance-identity.jpi"]
    scripts = home / "init.groovy.d"
    again = (scripts / "security.groovy").read_text()
    first = (scripts / "zz-first.groovy").read_text()
    assert "['admin': '11aa'].each" in first and "slaveAgentPort = 2" in first
    # What runs at each start sets no port: it would be open again after a restart.
    assert "slaveAgentPort" not in again and "zz-first.groovy').delete()" in first


def test_jars_older_than_the_war_takes_are_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "jenkins.war"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "META-INF/MANIFEST.MF",
            "Manifest-Version: 1.0\r\nJenkins-Version: 2.541.3\r\n"
            "Remoting-Minimum-Supported-Version: 3107.v66500\r\n 0b_51092\r\n",
        )
    minimum = war_minimum(path)
    assert minimum == "3107.v665000b_51092"
    for version in ("3063.v26e24490f041", "3107.v665000b_51092", "3206.vb_15dcf73f6a_9"):
        with zipfile.ZipFile(tmp_path / f"{version}.jar", "w") as archive:
            archive.writestr("META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\nVersion: {version}\n")
    monkeypatch.setenv("AGENT_JARS", str(tmp_path))
    assert other_versions(minimum) == ("3107.v665000b_51092", "3206.vb_15dcf73f6a_9")
    assert "3063.v26e24490f041: older than 3107" in too_old(minimum)
    assert other_versions("") and too_old("") == ""


def test_without_real_parts_nothing_is_run_and_that_is_said() -> None:
    names = ("JENKINS_WAR", "JENKINS_URL", "KUBEBUILDER_ASSETS")
    environment = {key: value for key, value in os.environ.items() if key not in names}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, str(root / "tests" / "e2e" / "run_real.py")],
        env={**environment, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    for name in names:
        assert f"{name}" in done.stdout
    assert "jenkins.war" in done.stdout
    assert "setup-envtest" in done.stdout
    assert "Nothing was run." in done.stdout


@pytest.mark.groovy
@pytest.mark.parametrize("script", [SECURITY, FIRST])
def test_groovy_accepts_the_scripts(script: str) -> None:
    text = (
        script
        if script == SECURITY
        else script % {"users": "'admin': '11aa'", "url": "http://localhost:1/", "port": 2}
    )
    check = (
        "def unit = new org.codehaus.groovy.control.CompilationUnit();"
        "unit.addSource('security.groovy', System.in.text);"
        "unit.compile(org.codehaus.groovy.control.Phases.CONVERSION); println 'parsed'"
    )
    found = java_for("2.426.2").path
    if shutil.which("groovy") is None or found is None:
        pytest.skip("no groovy or no Java: apt-get install groovy openjdk-17-jre-headless")
    home = str(found.resolve().parents[1])
    done = subprocess.run(
        ["groovy", "-e", check],
        input=text,
        env={**os.environ, "JAVA_HOME": home},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "parsed", done.stderr
