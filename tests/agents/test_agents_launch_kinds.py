"""Kinds of start beside units and scripts: the text as people have it, and what becomes of it."""

import pytest
from agents_launch import NEW, URL

from migrate.agents.launch.base import Wanted
from migrate.agents.launch.registry import editor_for
from migrate.splice.text import NotEditable

SECRET = "0123456789abcdef" * 4
CI = "https://ci.example.test/"
AGENT = f"-url {CI} -name b1 -secret {SECRET} -workDir /srv/ja"
MOVED = f"-webSocket {AGENT}"

KINDS: dict[str, tuple[str, str, *tuple[tuple[str, str], ...]]] = {
    "supervisord, over two lines, with its variables": (
        "/etc/supervisor/conf.d/ci.conf",
        "[program:other]\ncommand=/bin/cat\n[program:ci]\ncommand=/usr/bin/java -Xmx512m -jar "
        "/srv/ci/agent.jar\n    -url https://ci.example.org/ -name b1 -secret @/srv/%(ENV_X)s\n"
        'environment=AGENT="lab-11",PATH="/usr/bin:%%(ENV_PATH)s"\n; -tunnel edge:50000\n',
        ("jar\n    -url", "jar\n    -webSocket -url"),
    ),
    "cron.d, a user, a percent sign and a comment": (
        "cron.d/ci-agent",
        "SHELL=/bin/bash\n@reboot ci cd /srv && flock -n lock java -jar agent.jar -url "
        "https://ci.example.org/ -name b1 -secret @secret -tunnel edge:50000 >> log # 100\\% x\n",
        (" -secret @secret -tunnel edge:50000", " -secret @secret"),
        ("agent.jar -url", "agent.jar -webSocket -url"),
    ),
    "init.d script with start-stop-daemon and a variable": (
        "/etc/init.d/ja",
        '#!/bin/sh\nARGS="-jar /srv/ja/agent.jar\n"\n'.replace("\n\"", '"')
        + f'DAEMON=/usr/bin/java\nOPTS="-jar /srv/a.jar {AGENT}"\n'
        "start-stop-daemon --start --exec $DAEMON -- $OPTS\n",
        (f"a.jar {AGENT}", f"a.jar {MOVED}"),
    ),
    "an array in a script": (
        "/srv/start.sh",
        f"#!/bin/bash\nargs=(\n  -jar agent.jar  # the jar\n  -url {CI}\n  -tunnel 'h:1'\n"
        '  -name "b1"\n  -secret @/s\n)\nexec java "${args[@]}"\n',
        ("  -tunnel 'h:1'\n", ""),
        (f"  -url {CI}", f"  -webSocket -url {CI}"),
    ),
    "a variable with another one in it": (
        "/srv/start.sh",
        f'#!/bin/sh\nA="-jar $HOME/agent.jar -tunnel h:1 {AGENT}"\nexport A\nexec java $A\n',
        ("-tunnel h:1", "-webSocket"),
    ),
    "openrc": (
        "/etc/init.d/ja",
        f'#!/sbin/openrc-run\ncommand="/usr/bin/java"\ncommand_args="-jar /a.jar {AGENT}"\n',
        (f"a.jar {AGENT}", f"a.jar {MOVED}"),
    ),
    "openrc's file of variables": (
        "/etc/conf.d/ja", f'command_args="-jar /a.jar {AGENT}"\n', (AGENT, MOVED)),
    "upstart with a script": (
        "/etc/init/ja.conf",
        f"start on runlevel [2345]\nscript\n  . /etc/default/x\n  exec java -jar a.jar {AGENT}"
        "\nend script\n",
        (AGENT, MOVED),
    ),
    "batch with a variable": (
        "C:\\ci\\start.cmd",
        f"@echo off\r\nset JAVA_OPTS=-Xmx1g\r\nset \"OPTS=-url {CI} -tunnel h:1 -name b1 -secret "
        "@C:\\ci\\s\"\r\n:again\r\n\"%JAVA_HOME%\\bin\\java.exe\" %JAVA_OPTS% -jar C:\\agent.jar "
        "%OPTS% >> log.txt 2>&1\r\ngoto again\r\n",
        (" -tunnel h:1", ""),
        ("agent.jar %OPTS%", "agent.jar -webSocket %OPTS%"),
    ),
    "batch over lines": (
        "start.bat",
        f"java -jar agent.jar ^\r\n  -url {CI} ^\r\n  -name b1 -secret @s\r\n",
        (f"  -url {CI}", f"  -webSocket ^\r\n  -url {CI}"),
    ),
    "a task that starts cmd": (
        "task.xml",
        "<Task><Actions><Exec><Command>C:\\Windows\\System32\\cmd.exe</Command><Arguments>/c java "
        f"-jar C:\\ci\\agent.jar {AGENT} &gt;&gt; C:\\ci\\log</Arguments></Exec></Actions></Task>",
        (AGENT, MOVED),
    ),
    "a quadlet with arguments": (
        "/etc/containers/systemd/ja.container",
        "[Unit]\nDescription=x\n[Container]\nImage=reg.example.test/team/inbound-agent:2.7\n"
        f"Environment=JENKINS_TUNNEL=h:1 TZ=UTC\nExec=-url {CI} -workDir=/w @/run/s b1\n",
        ("JENKINS_TUNNEL=h:1 TZ=UTC", "TZ=UTC"),
        ("Exec=-url", "Exec=-webSocket -url"),
    ),
    "compose with build": (
        "compose.yml",
        f"services:\n  a:\n    build: ./agent\n    command: -url {CI} -workDir=/w {SECRET} b1\n",
        ("command: -url", "command: -webSocket -url"),
    ),
    "compose, a script in a block": (
        "compose.yml",
        "services:\n  a:\n    image: x\n    command:\n      - sh\n      - -c\n      - |\n"
        f"        cd /w\n        exec java -jar agent.jar -url {CI} -name b1 -secret @/s\n",
        ("agent.jar -url", "agent.jar -webSocket -url"),
    ),
    "a unit with its options in Environment": (
        "/etc/systemd/system/ja.service",
        f"[Service]\nEnvironment=\"ARGS=-url {CI} -tunnel h:1 -name b1 -secret @/s\" TZ=UTC\n"
        "ExecStart=/usr/bin/java -jar /a.jar $ARGS\n",
        (" -tunnel h:1", ""),
        ("a.jar $ARGS", "a.jar -webSocket $ARGS"),
    ),
    "a here-document for a shell": (
        "/srv/a.sh",
        f"#!/bin/sh\ncat > x <<E\njava -jar a.jar {AGENT}\nE\nsu ja <<EOF\n"
        f"java -jar a.jar -tunnel h:1 {AGENT}\nEOF\n",
        ("-tunnel h:1", "-webSocket"),
    ),
    "docker run with a file of variables": (
        "/srv/a.sh",
        "#!/bin/sh\ndocker run --env-file /ja.env -e JENKINS_NAME=b1 jenkins/inbound-agent\n",
        ("JENKINS_NAME=b1", "JENKINS_NAME=b1 -e JENKINS_TUNNEL= -e JENKINS_DIRECT_CONNECTION= "
         "-e JENKINS_WEB_SOCKET=true"),
    ),
    "a quadlet with a file of variables": (
        "/etc/containers/systemd/ja.container",
        f"[Container]\nImage=jenkins/inbound-agent\nEnvironment=JENKINS_URL={CI}\n"
        "Environment=JENKINS_NAME=b1\nEnvironmentFile=/etc/ja.env\n",
        (f"JENKINS_URL={CI}\n", f"JENKINS_URL={CI}\nEnvironment=JENKINS_TUNNEL=\n"
         "Environment=JENKINS_DIRECT_CONNECTION=\nEnvironment=JENKINS_WEB_SOCKET=true\n"),
    ),
    "a file of arguments": (
        "/etc/ja/args",
        f"-tunnel\nh:1\n-url\n{CI}\n-name\nb1\n-secret\n{SECRET}\n",
        ("-tunnel\nh:1\n-url", "-webSocket\n-url"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_edited_where_its_words_stand(kind: str) -> None:
    path, text, *changes = KINDS[kind]
    right = text
    for old, new in changes:
        assert right.count(old) == 1, old
        right = right.replace(old, new)
    editor = editor_for(text, path)
    edit = editor.to_websocket(text, Wanted("b1", URL, NEW, path=path))
    assert edit.text == right
    assert SECRET not in f"{edit.diff}{edit.notes}{editor.launches(text, path)}"
    assert editor.to_websocket(right, Wanted("b1", URL, NEW, path=path)).text == right


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("/etc/systemd/system/x.service",
         "[Service]\nEnvironmentFile=-/etc/default/ja\nExecStart=java -jar agent.jar $ARGS\n",
         "$ARGS, which /etc/default/ja (EnvironmentFile=) may set"),
        ("/usr/lib/systemd/system/x.service",
         "[Service]\nEnvironment=\"A=-url u -name b1 -secret @s\"\nExecStart=java -jar /a.jar $A\n",
         "options may come from $A"),
        ("/srv/x.sh",
         '#!/bin/sh\nA="-workDir /w"\nif [ -e /t ]; then A="-tunnel h:1"; fi\n'
         "java -jar agent.jar $A -url u -name b1 -secret @s\n", "$A, set in lines 2 and 3"),
        ("start.ps1", '$a = @("-jar", "agent.jar", "-url", "https://h/", "-name", "b1")\n',
         "PowerShell is not edited by this tool (line 1): put -webSocket behind the jar"),
        ("task.xml", "<Task><Actions><Exec><Command>C:\\ci\\start.cmd</Command><Arguments>x"
         "</Arguments></Exec></Actions></Task>", "a script has it"),
        ("/srv/x.sh", '#!/bin/sh\nA="-url u $(cat more)"\njava -jar agent.jar $A\n',
         "$A, set in line 2, not plain text"),
        ("/etc/supervisor/x.conf", "[program:a]\ncommand=/srv/start.sh\n", "no program of this"),
        ("/etc/cron.d/x", "@reboot root /srv/start.sh\n", "no line of this crontab"),
        ("/etc/default/ja", 'URL=x\nEXTRA="-tunnel h:1"\n', "variable EXTRA holds -tunnel, and"),
        ("compose.yml", "services:\n  a:\n    image: x\n    command: >-\n      sh -c 'java -jar"
         " a.jar -url u -name b1 -secret @s'\n      x\n", "service a: its command spans lines"),
    ],
)  # fmt: skip
def test_what_stands_elsewhere_is_named(path: str, text: str, reason: str) -> None:
    with pytest.raises(NotEditable) as caught:
        editor_for(text, path).to_websocket(text, Wanted("b1", URL, NEW, path=path))
    assert reason in caught.value.reason


def test_texts_in_texts_end_somewhere() -> None:
    text = 'A="x -jar $B -url y"\n' + 'sh -c "sh -c \\"java -jar a.jar -url u\\""\n'
    for _ in range(6):
        text = "sh -c '" + text.replace("'", "'\"'\"'") + "'\n"
    found = editor_for(text, "x.sh").launches(text, "x.sh")
    assert all(one.node is None for one in found)


def test_a_variable_that_two_agents_share_is_not_changed() -> None:
    text = (
        '#!/bin/sh\nMORE="-tunnel h:1 -noReconnect"\n'
        "java -jar agent.jar -url u -name b1 -secret @a $MORE &\n"
        "java -jar agent.jar -url u -name b2 -secret @b $MORE &\n"
    )
    with pytest.raises(NotEditable, match="MORE, set in line 2, used in several places"):
        editor_for(text, "x.sh").to_websocket(text, Wanted("b1", URL, NEW, path="x.sh"))
