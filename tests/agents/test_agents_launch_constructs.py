"""One construct gets one answer from every editor; and what they share, as a property."""

import re
import shlex

import pytest
from agents_launch import NEW, URL
from hypothesis import given, settings
from hypothesis import strategies as st
from launch_formats import FORMATS

from examples import examples
from migrate.agents.launch.base import Wanted
from migrate.agents.launch.registry import EDITORS, editor_for
from migrate.splice.text import NotEditable

SECRET = "0123456789abcdef" * 4
H = "https://h.example.org/"
JAVA = f"/usr/bin/java -Xmx1m -jar /o/agent.jar -tunnel h:1 -url {H} -name b1 -secret @/s"

EDITED = {
    "plain": JAVA,
    "javaagent": JAVA.replace("-Xmx1m", "-javaagent:/opt/otel.jar -cp a.jar:b.jar"),
    "boot class path": JAVA.replace("-Xmx1m", "-Xbootclasspath/a:/x.jar --add-opens a/b=ALL"),
    "java's own argument file": JAVA.replace("-Xmx1m", "@/etc/jvm.args"),
    "main class": (f"java -cp /o/agent.jar hudson.remoting.jnlp.Main -tunnel h:1 -url {H} @/s b1"),
    "glued values": (
        f"java -jar /o/agent.jar -tunnel=h:1 -url={H} -name=b1 -secret=@/s -workDir=/w"
    ),
    "nohup setsid": f"nohup setsid {JAVA}",
    "sudo": f"sudo -u ja -H {JAVA}",
    "screen": f"screen -dmS ja {JAVA}",
    "sh -c": f'/bin/sh -c "exec {JAVA}"',
    "bash -lc": f'bash -lc "cd /srv && exec {JAVA}"',
    "su -c": f'su - build -c "{JAVA}"',
    "runuser": f'runuser -l build -c "{JAVA}"',
    "tmux": f'tmux new-session -d -s ja "{JAVA}"',
    "screen bash": f'screen -dmS ja bash -c "{JAVA}"',
    "start-stop-daemon": (
        "start-stop-daemon --start --pidfile /run/x --exec /usr/bin/java -- "
        f"-jar /o/agent.jar -tunnel h:1 -url {H} -name b1 -secret @/s"
    ),
    "docker run": (
        "docker run --rm --name x -v /a:/b -e JENKINS_TUNNEL=h:1 jenkins/inbound-agent:latest "
        f"-url {H} -workDir=/w {SECRET} b1"
    ),
    "podman run, variables": (
        f"podman run -d --replace --env=JENKINS_TUNNEL=h:1 -e JENKINS_URL={H} "
        f"-e JENKINS_AGENT_NAME=b1 -e JENKINS_SECRET={SECRET} jenkins/inbound-agent"
    ),
    "docker run java": f"docker run --entrypoint java team/x:1 {JAVA.partition(' ')[2]}",
}
AFTER = (
    ("-tunnel h:1 -url", "-webSocket -url"),
    ("-tunnel=h:1 -url", "-webSocket -url"),
    ("-e JENKINS_TUNNEL=h:1 jenkins/inbound-agent:latest -url",
     "jenkins/inbound-agent:latest -webSocket -url"),
    ("--env=JENKINS_TUNNEL=h:1 ", ""),
    (f"{SECRET} jenkins", f"{SECRET} -e JENKINS_WEB_SOCKET=true jenkins"),
)  # fmt: skip

REFUSED = {
    "argument file": ("java -jar /o/agent.jar @/etc/ja/args", "stand in /etc/ja/args"),
    "an option that nobody knows": (f"{JAVA} -quick", "-quick is no option of agent.jar"),
    "a stray word": (f"{JAVA} stray", "is no option of agent.jar"),
    "swarm": (f"java -jar swarm-client.jar -url {H} -tunnel h:1 -name b1", "Swarm client"),
    "a program that is not known": (f'watchdog -x "{JAVA}"', "what its program does is not known"),
    "another node": (JAVA.replace("b1", "b2"), "b2, not b1"),
    "docker's own option": (
        f"docker run --warp jenkins/inbound-agent -url {H} {SECRET} b1", "--warp"),
}  # fmt: skip


def after(command: str) -> str:
    for old, new in AFTER:
        command = command.replace(old, new)
    return command


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("construct", EDITED)
def test_every_editor_edits_it_alike(construct: str, kind: str) -> None:
    form, command = FORMATS[kind], EDITED[construct]
    text, right = form.render(command), form.render(after(command))
    editor = editor_for(text, form.path)
    assert editor.name == kind.replace("cron.d", "crontab")
    (found,) = editor.launches(text, form.path)
    assert found.node == "b1" and not found.websocket and SECRET not in str(found)
    edit = editor.to_websocket(text, Wanted("b1", URL, NEW, path=form.path))
    assert edit.text == right
    assert SECRET not in edit.diff + str(edit.notes)
    assert editor.launches(right, form.path)[0].websocket


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("construct", REFUSED)
def test_every_editor_refuses_it_alike(construct: str, kind: str) -> None:
    form, (command, reason) = FORMATS[kind], REFUSED[construct]
    text = form.render(command)
    with pytest.raises(NotEditable) as caught:
        editor_for(text, form.path).to_websocket(text, Wanted("b1", URL, NEW, path=form.path))
    assert reason in caught.value.reason and SECRET not in caught.value.cause


WORDS = st.text("abcXYZ019/._-", min_size=1, max_size=8).filter(lambda w: not w.startswith("-"))
JVM = st.lists(
    st.sampled_from(
        ["-Xmx1g", "-javaagent:/o/a.jar", "-Xbootclasspath/a:b.jar", "-cp x.jar", "-XX:+UseZGC",
         "--add-opens a/b=ALL-UNNAMED", "-Dx=y.jar", "@/etc/jvm"]
    ),
    max_size=4, unique=True,
)  # fmt: skip
OPTIONS = st.lists(
    st.sampled_from(
        ["-workDir /w", "-workDir=/w", "-internalDir i", "-noReconnect", "-tunnel h:1",
         "-tunnel=h:2", "-noKeepAlive", "-credentials u:p", "-webSocket", "-jar-cache /c",
         "-failIfWorkDirIsMissing", "-loggingConfig=/l"]
    ),
    max_size=5, unique_by=lambda o: o.partition("=")[0].split()[0],
)  # fmt: skip
FRONT = st.sampled_from(["{}", "nohup {}", 'sh -c "exec {}"', 'su - ja -c "{}"', "docker run x {}"])
GONE = re.compile(r"-(?:tunnel|credentials)(?:=| )\S+ ?|-noKeepAlive ?")


@settings(max_examples=examples(150))
@given(
    st.sampled_from(sorted(FORMATS)), FRONT, JVM, OPTIONS, WORDS, st.booleans(),
    st.sampled_from(["@/s", SECRET]),
)  # fmt: skip
def test_only_the_transport_changes_and_every_other_byte_stays(
    kind: str, front: str, jvm: list[str], options: list[str], node: str, old: bool, secret: str,
) -> None:  # fmt: skip
    name = f"n{node}"
    if old:
        program = "-cp /o/agent.jar hudson.remoting.jnlp.Main"
        parts, tail = [*options, f"-url {H}"], f" {secret} {name}"
    else:
        program, tail = "-jar /o/agent.jar", ""
        parts = [*options, f"-url {H}", f"-name {name}", f"-secret {secret}"]
    head = " ".join(["java", *jvm, program])
    before = front.format(f"{head} {' '.join(parts)}{tail}")
    kept = [p for p in parts if not GONE.fullmatch(p)]
    kept = kept if "-webSocket" in kept else ["-webSocket", *kept]
    right = front.format(f"{head} {' '.join(kept)}{tail}")
    form = FORMATS[kind]
    text = form.render(before)
    editor = editor_for(text, form.path)
    edit = editor.to_websocket(text, Wanted(name, URL, NEW, path=form.path))
    assert edit.text == form.render(right)
    assert editor.to_websocket(edit.text, Wanted(name, URL, NEW, path=form.path)).text == edit.text
    told = f"{edit.diff}{edit.notes}{editor.launches(text, form.path)}"
    assert SECRET not in told and "u:p" not in told


CANARY = "cafe0123" * 8


@settings(max_examples=examples(120))
@given(
    st.sampled_from(sorted(FORMATS)),
    st.lists(
        st.sampled_from(
            [CANARY, f"x{CANARY}x", f"-secret {CANARY}", f"-secret={CANARY}", f"-name {CANARY}",
             "-jar", "a.jar", "java", "hudson.remoting.jnlp.Main", f"-url {H}", "b1", "-quick",
             f"-url https://u:{CANARY}@h/", f"@{CANARY}", "docker run",
             f"-e JENKINS_SECRET={CANARY}",
             "jenkins/inbound-agent", f"sh -c 'java -jar a.jar -url u {CANARY} b1'"]
        ),
        min_size=1, max_size=9,
    ),
)  # fmt: skip
def test_a_secret_anywhere_is_never_shown(kind: str, words: list[str]) -> None:
    text = FORMATS[kind].render("java " + " ".join(words))
    shown: list[str] = []
    for editor in EDITORS:
        try:
            shown += [str(one) for one in editor.launches(text, FORMATS[kind].path)]
            edit = editor.to_websocket(text, Wanted("b1", URL, NEW, path=FORMATS[kind].path))
            shown += [edit.diff, str(edit.notes), edit.reason, repr(edit)]
        except NotEditable as error:
            shown += [error.cause, error.reason, str(error)]
    assert CANARY not in "\n".join(shown)


def test_the_formats_are_what_they_claim() -> None:
    """The commands of the table are plain: what sh reads is what was written."""
    assert all(shlex.split(command) for command in EDITED.values())
