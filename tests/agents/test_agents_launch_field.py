"""Shapes that were met in the field, each with the exact text that is right."""

import pytest
from agents_launch import URL

from migrate.agents.launch.base import Wanted
from migrate.agents.launch.registry import editor_for
from migrate.splice.text import NotEditable

SECRET = "0123456789abcdef" * 4
CI = "https://ci.example.test/"
TAIL = f"-url {CI} -name b1 -secret {SECRET} -workDir /srv/ja"


def moved(text: str, path: str, **more: object) -> str:
    """The text after the edit; nothing that is shown has the secret, twice changes nothing."""
    editor = editor_for(text, path)
    want = Wanted("b1", URL, "3206.vb_15dcf73f6a_9", path=path, **more)  # type: ignore[arg-type]
    edit = editor.to_websocket(text, want)
    assert SECRET not in f"{edit.diff}{edit.notes}{edit.reason}{editor.launches(text, path)}"
    assert editor.to_websocket(edit.text, want).text == edit.text
    return edit.text


def refused(text: str, path: str) -> str:
    """The reason; the secret is not in it."""
    with pytest.raises(NotEditable) as caught:
        editor = editor_for(text, path)
        editor.to_websocket(text, Wanted("b1", URL, "3206.vb_15dcf73f6a_9", path=path))
    assert SECRET not in str(caught.value.cause) + caught.value.reason
    return caught.value.reason


def test_a_variable_that_holds_javas_words_the_jar_and_the_options() -> None:
    text = f'# options\nJENKINS_AGENT_OPTS="-Xmx256m -jar /srv/ja/agent.jar {TAIL}"\n'
    right = text.replace("agent.jar -url", "agent.jar -webSocket -url")
    assert moved(text, "/etc/default/jenkins-agent") == right


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (f"java -Xmx1m -jar a.jar {TAIL} -tunnel h:1", f"java -Xmx1m -jar a.jar -webSocket {TAIL}"),
        (f"-cp x.jar:y.jar -javaagent:o.jar -jar a.jar {TAIL}",
         f"-cp x.jar:y.jar -javaagent:o.jar -jar a.jar -webSocket {TAIL}"),
        (f"-Xbootclasspath/a:b.jar -cp a.jar hudson.remoting.jnlp.Main -headless -url {CI} @/s b1",
         "-Xbootclasspath/a:b.jar -cp a.jar hudson.remoting.jnlp.Main -headless -webSocket "
         f"-url {CI} @/s b1"),
        (f"-url={CI} -tunnel=h:1 -name=b1 -secret=@/s -workDir=/w",
         f"-webSocket -url={CI} -name=b1 -secret=@/s -workDir=/w"),
    ],
)  # fmt: skip
def test_what_follows_java_in_a_variable_keeps_its_order(value: str, right: str) -> None:
    assert moved(f"AGENT_ARGS={value}\n", "/etc/default/ja") == f"AGENT_ARGS={right}\n"


def test_a_secret_among_positional_words_is_no_part_of_a_name() -> None:
    text = (
        'AGENT_CMD="/usr/bin/java -cp /srv/ja/agent.jar hudson.remoting.jnlp.Main -headless '
        f'-tunnel ci.example.test:50000 -url {CI} {SECRET} b1"\n'
    )
    path = "/etc/sysconfig/jenkins-agent"
    (found,) = editor_for(text, path).launches(text, path)
    assert found.node == "b1" and SECRET not in str(found)
    right = text.replace("-tunnel ci.example.test:50000 -url", "-webSocket -url")
    assert moved(text, path) == right


@pytest.mark.parametrize(
    "head",
    [
        "-javaagent:/opt/otel/otel.jar -Xmx256m",
        "-Xbootclasspath/a:/x.jar",
        "-cp a.jar:b.jar",
        "@/etc/ja/jvm.args -XX:+UseG1GC",
        "--add-opens java.base/java.lang=ALL-UNNAMED -p /m.jar",
        "-XX:OnError=x.jar -Dx.jar",
    ],
)
def test_javas_own_words_before_the_jar(head: str) -> None:
    unit = f"[Service]\nExecStart=/usr/bin/java {head} -jar /srv/ja/agent.jar {TAIL}\n"
    right = unit.replace("agent.jar -url", "agent.jar -webSocket -url")
    assert moved(unit, "/etc/systemd/system/ja.service") == right
    script = f"#!/bin/sh\nexec java {head} -jar /srv/ja/agent.jar {TAIL}\n"
    assert moved(script, "/srv/start.sh") == script.replace(".jar -url", ".jar -webSocket -url")
    winsw = (
        f"<service><executable>java</executable><arguments>{head} -jar /srv/ja/agent.jar "
        f"{TAIL}</arguments></service>"
    )
    assert moved(winsw, "a.xml") == winsw.replace(".jar -url", ".jar -webSocket -url")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("-jar agent.jar @/etc/ja/args", "stand in /etc/ja/args"),
        (f"-jar agent.jar {TAIL} @/etc/ja/more", "stand in /etc/ja/more"),
        (f"-jar agent.jar {TAIL} -quick", "-quick is no option"),
        (f"-jar agent.jar {TAIL} stray", "word 12 of its command (behind -workDir)"),
        (f"-jar agent.jar -url {CI} {SECRET} b1 more", "word 8"),
        (f"-jar swarm-client.jar -url {CI} -name b1 -tunnel h:1", "Swarm client"),
    ],
)
def test_a_word_that_is_not_understood_is_named(words: str, reason: str) -> None:
    unit = f"[Service]\nExecStart=/usr/bin/java {words}\n"
    assert reason in refused(unit, "/etc/systemd/system/ja.service")
    assert reason in refused(f"#!/bin/sh\njava {words}\n", "/srv/start.sh")


IMAGES = [
    "reg.example.test/team/inbound-agent:2.7",
    "reg.example.test/team/inbound-agent-maven:3.9.6-jdk17",
    "reg.example.test/team/inbound-agent:7.1",
    "reg.example.test/ci/jnlp-slave:2023.04",
    "jenkins/inbound-agent:latest-jdk17",
    "reg.example.test/jenkins/inbound-agent:4.3-4-alpine",
]


@pytest.mark.parametrize("image", IMAGES)
def test_the_tag_of_ones_own_image_is_no_remoting_version(image: str) -> None:
    text = f"services:\n  a:\n    image: {image}\n    environment:\n      JENKINS_URL: {CI}\n"
    text += "      JENKINS_AGENT_NAME: b1\n"
    assert moved(text, "compose.yml") == text.replace(
        f"JENKINS_URL: {CI}\n", f'JENKINS_URL: {CI}\n      JENKINS_WEB_SOCKET: "true"\n'
    )


@pytest.mark.parametrize("prefix", ["", "docker.io/", "reg.example.test:5000/mirror/"])
@pytest.mark.parametrize(
    "name", ["jenkins/inbound-agent", "jenkinsci/jnlp-slave", "jenkins/jnlp-slave"]
)
@pytest.mark.parametrize("tag", ["3.29-1", "3.27-1-alpine", "4.0-2-jdk11", "alpine-3.29"])
def test_jenkins_own_old_images_are_known(prefix: str, name: str, tag: str) -> None:
    text = f"services:\n  a:\n    image: {prefix}{name}:{tag}\n    environment:\n"
    text += f"      JENKINS_URL: {CI}\n      JENKINS_NAME: b1\n"
    assert "older than 4.0.1-1" in refused(text, "compose.yml")


LINE = f"/usr/bin/java -jar /srv/ja/agent.jar {TAIL}"
FIELD = {
    "openrc": ("/etc/init.d/ja", f'#!/sbin/openrc-run\ncommand="/usr/bin/java"\n'
               f'command_args="-jar /srv/ja/agent.jar {TAIL}"\ncommand_background=yes\n'),
    "supervisord": ("/etc/supervisor/conf.d/ja.conf",
                    f"[program:ja]\ncommand={LINE}\nautostart=true\nuser=build\n"),
    "crontab": ("/var/spool/cron/crontabs/build",
                f"@reboot sleep 20; cd /srv/ja && {LINE} >> ja.log 2>&1\n"),
    "unit with bash": ("/etc/systemd/system/ja.service",
                       f'[Service]\nExecStart=/bin/bash -c "exec {LINE} >> /ja.log 2>&1"\n'),
    "su": ("/srv/su.sh", f'#!/bin/bash\nsu - build -c "{LINE} > /tmp/l 2>&1 &"\n'),
    "compose with sh": (
        "compose.yml", 'services:\n  a:\n    image: jenkins/agent:latest-jdk17\n    entrypoint: '
        '["/bin/sh","-c"]\n    command: ["curl -sO http://j/jnlpJars/agent.jar && exec '
        f'java -jar agent.jar -url {CI} -secret @/run/secrets/s -name b1"]\n'),
}  # fmt: skip


@pytest.mark.parametrize("kind", FIELD)
def test_the_words_go_right_behind_the_jar_wherever_they_stand(kind: str) -> None:
    path, text = FIELD[kind]
    assert moved(text, path) == text.replace("agent.jar -url", "agent.jar -webSocket -url")


def test_a_container_that_a_unit_starts() -> None:
    run = (
        "[Service]\nExecStartPre=-/usr/bin/docker rm -f %n\nExecStart=/usr/bin/docker run --rm "
        "--name %n -e JENKINS_TUNNEL=ci.example.test:50000 jenkins/inbound-agent:latest-jdk17 -url "
        f"{CI} -workDir=/home/jenkins/agent {SECRET} b1\n"
    )
    right = run.replace("-e JENKINS_TUNNEL=ci.example.test:50000 ", "")
    right = right.replace("jdk17 -url", "jdk17 -webSocket -url")
    path = "/etc/systemd/system/ja.service"
    assert moved(run, path, secret_file="/srv/secret") == right


def test_a_quadlet() -> None:
    text = (
        "[Container]\nImage=docker.io/jenkins/inbound-agent:latest-jdk17\n"
        f"Environment=JENKINS_URL={CI}\nEnvironment=JENKINS_AGENT_NAME=b1\n"
        "Environment=JENKINS_TUNNEL=ci.example.test:50000\n"
        "Secret=ja,type=env,target=JENKINS_SECRET\n"
    )
    right = text.replace("Environment=JENKINS_TUNNEL=ci.example.test:50000\n", "").replace(
        f"JENKINS_URL={CI}\n", f"JENKINS_URL={CI}\nEnvironment=JENKINS_WEB_SOCKET=true\n"
    )
    assert moved(text, "/etc/containers/systemd/ja.container") == right


def test_the_file_of_arguments_gets_the_option_itself() -> None:
    text = f"-url\n{CI}\n-name\nb1\n-secret\n{SECRET}\n"
    assert moved(text, "/etc/ja/args") == "-webSocket\n" + text
