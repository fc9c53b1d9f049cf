"""Launch files of agents in a checkout: what is edited, what is told, what stays."""

import pytest

from migrate.sources.base import LookOptions, SourceText
from migrate.sources.launches import Launches
from migrate.sources.patch import apart
from migrate.splice.yaml_text import spliced

JAR = "java -jar /srv/agent.jar"
REST = "-url https://ci.example.org/ -name lab-1 -secret @/srv/secret"


def _after(files: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    texts = [SourceText(path, text) for path, text in files.items()]
    found = Launches().look(texts, LookOptions())
    edits, clashing = apart(found.edits)
    assert clashing == ()
    new = {
        path: spliced(text, [(e.start, e.end, e.new) for e in edits if e.path == path])
        for path, text in files.items()
    }
    return new, [f"{n.path}:{n.line}: {n.reason}" for n in found.by_hand]


EDITED = {
    "a unit of its own": (
        "units/agent.service",
        f"[Service]\nExecStart=/usr/bin/{JAR} {REST}\n",
        f"[Service]\nExecStart=/usr/bin/{JAR} -webSocket {REST}\n",
    ),
    "the flag takes the tunnel's place": (
        "units/agent.service",
        f"[Service]\r\nExecStart=/usr/bin/{JAR} {REST} -tunnel e.example:50000 -workDir /w\r\n",
        f"[Service]\r\nExecStart=/usr/bin/{JAR} {REST} -webSocket -workDir /w\r\n",
    ),
    "WinSW with a list of arguments": (
        "windows/agent.xml",
        "<service>\n<executable>java</executable>\n<argument>-jar</argument>\n"
        "<argument>agent.jar</argument>\n<argument>-url</argument>\n"
        "<argument>https://ci.example.org/</argument>\n<argument>-tunnel</argument>\n"
        "<argument>e.example:50000</argument>\n<argument>-name</argument>\n"
        "<argument>w1</argument>\n</service>\n",
        "<service>\n<executable>java</executable>\n<argument>-jar</argument>\n"
        "<argument>agent.jar</argument>\n<argument>-url</argument>\n"
        "<argument>https://ci.example.org/</argument>\n<argument>-webSocket</argument>\n"
        "<argument>-name</argument>\n<argument>w1</argument>\n</service>\n",
    ),
    "WinSW with one line": (
        "w/agent.xml",
        '<service><id>a</id><executable>java.exe</executable><arguments>-jar "C:\\ci\\agent.jar" '
        '-url https://ci.example.org/ -name "w 1" -tunnel e:1</arguments></service>',
        '<service><id>a</id><executable>java.exe</executable><arguments>-jar "C:\\ci\\agent.jar" '
        '-url https://ci.example.org/ -name "w 1" -webSocket</arguments></service>',
    ),
    "a script whose name is the host's": (
        "bin/agent",
        f"#!/bin/sh\nexec {JAR} -url https://ci.example.org/ -name $(hostname) -secret @s\n",
        f"#!/bin/sh\nexec {JAR} -webSocket -url https://ci.example.org/ -name $(hostname) "
        "-secret @s\n",
    ),
    "docker run": (
        "bin/run.sh",
        "docker run -d -e JENKINS_URL=https://ci.example.org/ -e JENKINS_TUNNEL=e:50000 \\\n"
        "  -e JENKINS_AGENT_NAME=d1 -e JENKINS_SECRET=$S jenkins/inbound-agent:3206\n",
        "docker run -d -e JENKINS_URL=https://ci.example.org/ -e JENKINS_WEB_SOCKET=true \\\n"
        "  -e JENKINS_AGENT_NAME=d1 -e JENKINS_SECRET=$S jenkins/inbound-agent:3206\n",
    ),
    "a batch file": (
        "win/start.cmd",
        "@echo off\r\njava -jar agent.jar -url https://ci.example.org/ ^\r\n"
        "  -name %COMPUTERNAME% -secret @s.txt -tunnel e:50000\r\n",
        "@echo off\r\njava -jar agent.jar -url https://ci.example.org/ ^\r\n"
        "  -name %COMPUTERNAME% -secret @s.txt -webSocket\r\n",
    ),
    "compose with a list of variables": (
        "docker-compose.yml",
        "services:\n  a:\n    image: jenkins/inbound-agent\n    environment:\n"
        "      - JENKINS_URL=https://ci.example.org/\n      - JENKINS_TUNNEL=e:50000\n"
        "      - JENKINS_AGENT_NAME=a\n      - JENKINS_SECRET=${S}\n",
        "services:\n  a:\n    image: jenkins/inbound-agent\n    environment:\n"
        "      - JENKINS_URL=https://ci.example.org/\n      - JENKINS_WEB_SOCKET=true\n"
        "      - JENKINS_AGENT_NAME=a\n      - JENKINS_SECRET=${S}\n",
    ),
    "compose with arguments as a list": (
        "compose.yaml",
        "services:\n  a:\n    image: jenkins/inbound-agent\n"
        '    command: ["-url", "https://ci.example.org/", "-tunnel", "e:50000", "$S", "a"]\n',
        "services:\n  a:\n    image: jenkins/inbound-agent\n"
        '    command: ["-url", "https://ci.example.org/", "-webSocket", "$S", "a"]\n',
    ),
    "a whole environment behind an alias": (
        "compose.yaml",
        "x-env: &env {JENKINS_URL: 'https://ci.example.org/', JENKINS_SECRET: $S}\n"
        "services:\n  a: {image: jenkins/inbound-agent, environment: *env}\n",
        "x-env: &env {JENKINS_URL: 'https://ci.example.org/', JENKINS_WEB_SOCKET: \"true\", "
        "JENKINS_SECRET: $S}\n"
        "services:\n  a: {image: jenkins/inbound-agent, environment: *env}\n",
    ),
    "variables of a container": (
        "agents/lab-1.env",
        "JENKINS_URL=https://ci.example.org/\nJENKINS_TUNNEL=e:50000\nJENKINS_AGENT_NAME=lab-1\n"
        "JENKINS_SECRET=@/run/secret\n",
        "JENKINS_URL=https://ci.example.org/\nJENKINS_WEB_SOCKET=true\nJENKINS_AGENT_NAME=lab-1\n"
        "JENKINS_SECRET=@/run/secret\n",
    ),
    "a file of options": (
        "agents/options",
        "-url\nhttps://ci.example.org/\n-name\nlab-1\n-tunnel\ne:50000\n-secret\n@s\n",
        "-url\nhttps://ci.example.org/\n-name\nlab-1\n-webSocket\n-secret\n@s\n",
    ),
    "a quadlet": (
        "quadlets/agent.container",
        "[Container]\nImage=docker.io/jenkins/inbound-agent:3206\n"
        "Environment=JENKINS_URL=https://ci.example.org/\nEnvironment=JENKINS_TUNNEL=e:50000\n"
        "Environment=JENKINS_AGENT_NAME=q1\nSecret=s,type=env,target=JENKINS_SECRET\n",
        "[Container]\nImage=docker.io/jenkins/inbound-agent:3206\n"
        "Environment=JENKINS_URL=https://ci.example.org/\nEnvironment=JENKINS_WEB_SOCKET=true\n"
        "Environment=JENKINS_AGENT_NAME=q1\nSecret=s,type=env,target=JENKINS_SECRET\n",
    ),
    "a plist with words": (
        "mac/agent.plist",
        '<plist version="1.0"><dict><key>ProgramArguments</key><array>\n'
        "<string>java</string><string>-jar</string><string>agent.jar</string>\n"
        "<string>-url</string><string>https://ci.example.org/</string>\n"
        "<string>-tunnel</string><string>e:50000</string>\n"
        "<string>-name</string><string>m1</string></array></dict></plist>\n",
        '<plist version="1.0"><dict><key>ProgramArguments</key><array>\n'
        "<string>java</string><string>-jar</string><string>agent.jar</string>\n"
        "<string>-url</string><string>https://ci.example.org/</string>\n"
        "<string>-webSocket</string>\n"
        "<string>-name</string><string>m1</string></array></dict></plist>\n",
    ),
    "options in a variable of the same script": (
        "agent.sh",
        'OPTS="-url https://ci.example.org/ -name lab-1 -tunnel e:50000"\n'
        'exec java -jar agent.jar $OPTS -secret "$(cat s)"\n',
        'OPTS="-url https://ci.example.org/ -name lab-1 -webSocket"\n'
        'exec java -jar agent.jar $OPTS -secret "$(cat s)"\n',
    ),
}


@pytest.mark.parametrize("name", EDITED)
def test_edited(name: str) -> None:
    path, old, new = EDITED[name]
    after, told = _after({path: old})
    assert after == {path: new}
    assert told == []
    assert _after(after) == (after, [])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("agent.service", f"[Service]\nExecStart=/usr/bin/{JAR} -webSocket {REST}\n"),
        ("agent.sh", "java -jar agent.jar -jnlpUrl https://ci/computer/a/jenkins-agent.jnlp\n"),
        ("other.sh", "java -jar sonar.jar -url https://sonar.example\n"),
        ("docs.md", f"Start it with `{JAR} {REST}`.\n"),
    ],
    ids=["websocket", "jnlpUrl", "another program", "prose"],
)
def test_nothing_to_do(path: str, text: str) -> None:
    assert _after({path: text}) == ({path: text}, [])


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        (
            "agent@.service",
            f"[Service]\nExecStart=/usr/bin/{JAR} -url https://ci.example.org/ -name %i\n",
            "agent@.service:2: every instance of this template unit",
        ),
        ("agent.service.j2", f"[Service]\nExecStart={JAR} -url {{{{ u }}}} -name a\n", "template"),
        ("a.service", f"[Service]\nExecStart={JAR} -url {{{{ u }}}} -name a\n", "is a template"),
        ("start.ps1", f"& {JAR} {REST}\n", "powershell: not edited"),
        ("cron.d/a", f"@reboot ci {JAR} {REST}\n", "lab-1 starts on TCP (crontab"),
        (
            "swarm.sh",
            "java -jar swarm-client.jar -url https://ci.example.org/ -tunnel e:1\n",
            "Swarm client",
        ),
        ("agent.env", "JENKINS_TUNNEL=e:50000\nJENKINS_SECRET=x\nJENKINS_AGENT_NAME=a\n", "no URL"),
    ],
)
def test_told_and_never_edited(path: str, text: str, reason: str) -> None:
    after, told = _after({path: text})
    assert after == {path: text}
    assert len(told) == 1
    assert reason in told[0]


WRAPPER = '#!/bin/bash\n. "/etc/ci/$1.conf"\nexec java -jar a.jar -url "$U" -name "$1" $EXTRA\n'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("EXTRA=\n", "EXTRA=-webSocket\n"),
        ('EXTRA=""\r\n', 'EXTRA="-webSocket"\r\n'),
        ("EXTRA='-workDir /x -tunnel e:1' # why\n", "EXTRA='-workDir /x -webSocket' # why\n"),
        ('export EXTRA="-workDir /x"\n', 'export EXTRA="-webSocket -workDir /x"\n'),
        ('EXTRA="-webSocket"\n', 'EXTRA="-webSocket"\n'),
    ],
)
def test_what_a_wrapper_reads(old: str, new: str) -> None:
    files = {"host/etc/ci/lab-1.conf": old, "host/usr/bin/ci": WRAPPER}
    after, told = _after(files)
    assert after == {"host/etc/ci/lab-1.conf": new, "host/usr/bin/ci": WRAPPER}
    assert told == []
    assert _after(after) == (after, [])


@pytest.mark.parametrize("text", ["U=x\n", "EXTRA=a\nEXTRA=b\n", 'EXTRA="-tunnel $T"\n'])
def test_a_file_that_is_not_plain_is_told(text: str) -> None:
    after, told = _after({"etc/ci/lab-1.conf": text, "bin/ci": WRAPPER})
    assert after["etc/ci/lab-1.conf"] == text
    assert len(told) == 1
    assert told[0].startswith("etc/ci/lab-1.conf:")


def test_a_wrapper_whose_files_are_not_here_is_told() -> None:
    after, told = _after({"bin/ci": WRAPPER})
    assert after == {"bin/ci": WRAPPER}
    assert len(told) == 1


def test_a_unit_with_a_file_of_variables() -> None:
    unit = (
        "[Service]\nEnvironmentFile=/etc/default/agent-%i\n"
        f"ExecStart=/usr/bin/{JAR} -url https://ci.example.org/ -name %i $OPTS\n"
    )
    files = {"etc/default/agent-a": "OPTS=-tunnel e:50000\n", "systemd/agent@.service": unit}
    after, told = _after(files)
    assert after["etc/default/agent-a"] == "OPTS=-webSocket\n"
    assert after["systemd/agent@.service"] == unit
    assert told == []


def test_a_service_that_is_no_agent_keeps_what_it_shares() -> None:
    text = (
        "x-e: &e\n  JENKINS_URL: https://ci.example.org/\n  JENKINS_TUNNEL: e:50000\nservices:\n"
        "  web: {image: nginx, environment: *e}\n"
        "  a:\n    image: jenkins/inbound-agent\n    environment:\n      <<: *e\n"
        "      JENKINS_SECRET: x\n"
    )
    after, _ = _after({"compose.yaml": text})
    assert "JENKINS_TUNNEL: e:50000" in after["compose.yaml"]
    assert 'JENKINS_WEB_SOCKET: "true"\n      JENKINS_TUNNEL: ""' in after["compose.yaml"]
