"""What a war needs before it starts: a fitting Java, and a home with users and a fixed port."""

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from migrate.model.versions import v

_JAVAS = (
    (v("2.545"), (21, 25)),
    (v("2.463"), (17, 21)),
    (v("2.357"), (11, 17)),
    (v("0"), (8, 11)),
)
"""First core version, and the Java feature releases that it starts on (its Main.java)."""
_PLUGINS = ("instance-identity", "bouncycastle-api")
"""Without them TCP agents are refused from 2.357 on; they lie in the war."""
STRATEGY = "TwoUsers"
"""The class below; JEP-200 lets no other class of a script be stored."""
SECURITY = """\
import hudson.model.Computer
import hudson.security.*
import java.util.function.BiFunction
import jenkins.model.Jenkins

// Fine permissions without a plugin.
class TwoUsers extends AuthorizationStrategy {
    static final OPERATOR = [
        Jenkins.READ, Computer.CONFIGURE, Computer.CONNECT, Computer.DISCONNECT,
        Computer.EXTENDED_READ,
    ]

    ACL getRootACL() {
        def judge = { who, permission ->
            who.name in ['admin', 'SYSTEM', 'system'] ||
                (who.name == 'operator' && OPERATOR.contains(permission))
        } as BiFunction
        return ACL.metaClass.respondsTo(ACL, 'lambda2') ? ACL.lambda2(judge) : ACL.lambda(judge)
    }

    Collection<String> getGroups() { [] }
}

def jenkins = Jenkins.get()
jenkins.securityRealm = new HudsonPrivateSecurityRealm(false, false, null)
jenkins.authorizationStrategy = new TwoUsers()
"""
"""At each start: the class of the strategy lives in no plugin."""
FIRST = """\
import hudson.model.User
import jenkins.model.Jenkins
import jenkins.model.JenkinsLocationConfiguration
import jenkins.security.ApiTokenProperty

def jenkins = Jenkins.get()
[%(users)s].each { name, token ->
    jenkins.securityRealm.createAccount(name, UUID.randomUUID().toString())
    def user = User.getById(name, true)
    user.getProperty(ApiTokenProperty).tokenStore.addFixedNewToken('e2e', token)
    user.save()
}
def location = JenkinsLocationConfiguration.get()
location.url = '%(url)s'
location.save()
jenkins.numExecutors = 0
jenkins.slaveAgentPort = %(port)d
jenkins.save()
// What stays here would open the port again at each start.
new File(jenkins.rootDir, 'init.groovy.d/zz-first.groovy').delete()
"""


@dataclass(frozen=True)
class Java:
    """Which Java runs a war; ``told``: what is needed when none is here."""

    path: Path | None
    told: str = ""


def war_version(war: Path) -> str:
    """Jenkins-Version of the manifest; ``ValueError`` when it is no Jenkins."""
    found = _manifest(war, "Jenkins-Version")
    if not found:
        raise ValueError(f"{war} does not name its Jenkins-Version")
    return found


def war_minimum(war: Path) -> str:
    """The oldest remoting that it takes as an agent; empty for a war that names none."""
    return _manifest(war, "Remoting-Minimum-Supported-Version")


def _manifest(war: Path, attribute: str) -> str:
    with zipfile.ZipFile(war) as archive:
        manifest = archive.read("META-INF/MANIFEST.MF").decode()
    # Long lines go on in the next one, behind a blank.
    manifest = re.sub(r"\r?\n ", "", manifest)
    found = re.search(rf"^{attribute}: *(\S+)", manifest, re.MULTILINE)
    return found[1] if found else ""


def javas_for(version: str) -> tuple[int, ...]:
    """Feature releases that this Jenkins starts on."""
    return next(features for first, features in _JAVAS if v(version) >= first)


def java_for(version: str, candidates: Iterable[Path] | None = None) -> Java:
    """A Java of this machine that runs this Jenkins."""
    wanted = javas_for(version)
    seen: dict[int, Path] = {}
    for path in candidates if candidates is not None else _candidates():
        feature = _feature(path)
        if feature:
            seen.setdefault(feature, path)
    best = next((seen[feature] for feature in wanted if feature in seen), None)
    if best is not None:
        return Java(best)
    here = ", ".join(map(str, sorted(seen))) or "none"
    needs = " or ".join(map(str, wanted))
    told = f"Jenkins {version} runs on Java {needs}, and here is {here}: apt-get install "
    return Java(None, f"{told}openjdk-{wanted[0]}-jre-headless, or set JAVA_HOME")


def _candidates() -> Iterable[Path]:
    if os.environ.get("JAVA_HOME"):
        yield Path(os.environ["JAVA_HOME"]) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/jvm").glob("*/bin/java"))


def _feature(java: Path) -> int:
    """17 of ``openjdk version "17.0.15"``, 8 of ``1.8.0_402``; 0 when it does not run."""
    try:
        done = subprocess.run(
            [str(java), "-version"], capture_output=True, text=True, timeout=30, check=False
        )
    except OSError:
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr)
    return int(found[1]) if found else 0


def fill_home(home: Path, war: Path, *, root_url: str, port: int, tokens: dict[str, str]) -> None:
    """An empty JENKINS_HOME whose first start brings up users, address and agent port."""
    scripts = home / "init.groovy.d"
    scripts.mkdir(parents=True)
    users = ", ".join(f"'{name}': '{token}'" for name, token in tokens.items())
    (scripts / "security.groovy").write_text(SECURITY)
    first = FIRST % {"users": users, "url": root_url, "port": port}
    (scripts / "zz-first.groovy").write_text(first)
    plugins = home / "plugins"
    plugins.mkdir()
    with zipfile.ZipFile(war) as archive:
        for entry in archive.namelist():
            path = Path(entry)
            if path.parent.name == "detached-plugins" and path.stem in _PLUGINS:
                (plugins / f"{path.stem}.jpi").write_bytes(archive.read(entry))
