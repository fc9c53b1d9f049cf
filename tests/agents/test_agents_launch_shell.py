"""Start scripts: what a real sh makes of them before and after the edit."""

import shlex
import subprocess
from pathlib import Path

import pytest
from agents_launch import NEW, OLD, SECRET, URL, argvs, edited, judged, kept, wanted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples import examples
from migrate.agents.launch.shell import ShellEditor
from migrate.splice.edit import undo
from migrate.splice.sh_words import read_script
from migrate.splice.text import NotEditable

EDITOR = ShellEditor()


def run(script: str, folder: Path) -> list[list[str]]:
    """The arguments of each java that this script starts, as a real sh hands them over."""
    (folder / "bin").mkdir(exist_ok=True)
    java = folder / "bin" / "java"
    log = folder / "log"
    java.write_text(f'#!/bin/sh\nprintf "%s\\0" java "$@" "" >> {shlex.quote(str(log))}\n')
    java.chmod(0o755)
    log.unlink(missing_ok=True)
    subprocess.run(
        ["/bin/sh", "-c", script],
        env={"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "JENKINS_URL": "https://env.example.org/"},
        cwd=folder,
        check=True,
        timeout=20,
        capture_output=True,
    )
    calls = log.read_text().split("\0\0") if log.exists() else []
    return [call.split("\0") for call in calls if call]


SCRIPT = f"""#!/bin/sh
# java -jar agent.jar -url https://not.this/ -name n1 -secret x
set -eu
OTHER="two words"
KEY={SECRET}
NODE='n 2'
JAVA_OPTS="-Xmx64m -Da=b"
cat > unit <<EOF
java -jar agent.jar -url https://nor.this/ -name n1 -secret x
EOF
if true; then
    java $JAVA_OPTS -jar "/o p/agent.jar" \\
        -url "$JENKINS_URL" \\
        -tunnel h:1 \\
        -secret $KEY \\
        -name "$NODE" >> out 2>&1 # in the background once
fi
exec java -jar agent.jar -jnlpUrl {URL}computer/n%201/jenkins-agent.jnlp -secret '{SECRET}' \\
    -workDir "$PWD"
"""


def test_the_right_agent_of_a_script_is_moved(tmp_path: Path) -> None:
    before = run(SCRIPT, tmp_path)
    edit = edited(EDITOR, SCRIPT, wanted("n 2"))
    after = run(edit.text, tmp_path)
    assert after[1] == before[1]
    tail = ["-webSocket", "-url", "https://env.example.org/", "-secret", SECRET, "-name", "n 2"]
    assert after[0] == ["java", "-Xmx64m", "-Da=b", "-jar", "/o p/agent.jar", *tail]
    changed = {row for row in SCRIPT.splitlines() if row not in edit.text.splitlines()}
    assert changed == {"        -tunnel h:1 \\"}


def test_a_secret_in_a_variable_becomes_a_file_where_it_is_assigned(tmp_path: Path) -> None:
    edit = edited(EDITOR, SCRIPT, wanted("n 2", secret_file="/etc/agent secret"))
    assert edit.secret is not None
    assert (edit.secret.path, edit.secret.mode) == ("/etc/agent secret", 0o600)
    assert edit.secret.content == SECRET + "\n"
    # A value with a space, used without quotes, would be split.
    assert "KEY='@/etc/agent secret'\n" in edit.text and '-secret "$KEY"' in edit.text
    assert run(edit.text, tmp_path)[0][-3] == "@/etc/agent secret"


def test_a_jnlp_url_agent_stays_unless_it_is_asked_for(tmp_path: Path) -> None:
    edit = edited(EDITOR, SCRIPT, wanted("n 1"))
    assert not edit.changed and "node's webSocket setting" in edit.reason
    edit = edited(EDITOR, SCRIPT, wanted("n 1", rewrite_jnlp_url=True))
    assert run(edit.text, tmp_path)[1][:8] == [
        *["java", "-jar", "agent.jar", "-webSocket", "-url", URL, "-name", "n 1"]
    ]


def test_an_old_jar_gets_the_main_class(tmp_path: Path) -> None:
    want = wanted("n 1", OLD, rewrite_jnlp_url=True, secret_file="/s")
    call = run(edited(EDITOR, SCRIPT, want).text, tmp_path)[1]
    main = ["java", "-cp", "agent.jar", "hudson.remoting.jnlp.Main", "-headless", "-webSocket"]
    assert call == [*main, "-url", URL, "-workDir", str(tmp_path), "@/s", "n 1"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("java -jar a.jar -url u -name n1 -secret @s $OPTS", "options may come from $OPTS"),
        ('java -jar a.jar -url u -name "$1" -secret @s', "starts several agents"),
        ("for n in a b; do java -jar a.jar -url u -name $n -secret @s; done", "in a loop"),
        ("java -jar a.jar -url u -name n2 -secret @s", "starts n2, not n1"),
        ("java -jar other.jar", "starts no agent"),
        ("watchdog -c 'java -jar a.jar -url u -name n1 -secret @s'", "not known"),
        ('A=1\nA="-url u -name n1"\njava -jar agent.jar $A', "$A, set in lines 1 and 2"),
        (". /etc/ja.conf\njava -jar agent.jar $A", "$A, maybe set by /etc/ja.conf"),
        ("java -jar agent.jar $(cat opts)", "options may come from $(cat opts)"),
        ("echo 'never closed", "never closed"),
        ("java -jar a.jar -url u -name n1 -secret $(cat", "never closed"),
        ("java -jar a.jar -jnlpUrl https://h/computer/n1/jenkins-agent.jnlp "
         "-jnlpCredentials u:p", "no -secret"),
        ("java -jar a.jar -url u -name n1 -secret @s\njava -jar a.jar -url u -name n1 -secret @s",
         "2 agents of this name"),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_left_alone(script: str, reason: str) -> None:
    with pytest.raises(NotEditable) as caught:
        EDITOR.to_websocket(script, wanted(path="/o/start.sh"))
    assert reason in caught.value.reason
    assert "/o/start.sh" in caught.value.cause or "closed" in reason


def test_options_in_a_variable_of_the_script_may_stay_when_harmless(tmp_path: Path) -> None:
    script = 'OPTS="-workDir /w -noReconnect"\njava -jar a.jar $OPTS -url u -name n1 -secret @s\n'
    edit = edited(EDITOR, script, wanted())
    assert "$OPTS" in edit.text
    judged(run(edit.text, tmp_path)[0])
    tunnel = script.replace("-noReconnect", "-tunnel h:1")
    edit = edited(EDITOR, tunnel, wanted())
    assert edit.text.startswith('OPTS="-workDir /w"\njava -jar a.jar -webSocket $OPTS -url')
    judged(run(edit.text, tmp_path)[0])
    with pytest.raises(NotEditable, match="OPTS, set in line 1, used in several places"):
        EDITOR.to_websocket(tunnel + "echo $OPTS\n", wanted())


def test_the_only_agent_of_a_file_needs_no_name() -> None:
    script = 'nohup sudo -u jenkins java -jar a.jar -url u -name "$(hostname)" -secret @s &\n'
    edit = edited(EDITOR, script, wanted("any"))
    assert edit.text == script.replace("-url", "-webSocket -url")


def test_a_secret_glued_to_other_text_is_not_shown() -> None:
    script = f"X=x{SECRET}x\njava -jar a.jar -url u -name n1 -secret @s{SECRET}\n"
    assert SECRET not in edited(EDITOR, script, wanted()).diff


def test_what_somebody_changed_meanwhile_is_theirs() -> None:
    edit = edited(EDITOR, SCRIPT, wanted("n 2"))
    with pytest.raises(NotEditable, match="somebody changed it"):
        undo(edit, edit.text + "# mine\n")
    assert undo(edit, SCRIPT) == SCRIPT


def test_crlf_and_bytes_that_are_no_utf8_stay() -> None:
    text = "# \udcff\r\njava -jar a.jar \\\r\n -url u \\\r\n -tunnel h:1 -name n1 -secret @s\r\n"
    edit = edited(EDITOR, text, wanted())
    assert edit.text == (
        "# \udcff\r\njava -jar a.jar \\\r\n -webSocket \\\r\n -url u -name n1 -secret @s\r\n"
    )


def quoted(word: str, how: int) -> str:
    if how == 0 or "'" in word:
        return shlex.quote(word)
    if how == 1:
        return "'" + word + "'"
    return "".join("\\" + c if c in "\\\"'$%&<> ~*?`#;|()" else c for c in word)


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.too_slow])
@given(argvs(), st.integers(0, 2), st.sampled_from([" ", " \\\n  "]), st.booleans())
def test_a_real_sh_agrees(
    tmp_path_factory: pytest.TempPathFactory,
    command: tuple[str, list[str]],
    how: int,
    gap: str,
    old_jar: bool,
) -> None:
    node, argv = command
    version = OLD if old_jar else NEW
    script = "A='b'\nexec " + gap.join(quoted(word, how) for word in argv) + " # end\n"
    folder = tmp_path_factory.mktemp("sh")
    assert run(script, folder) == [argv]
    edit = edited(EDITOR, script, wanted(node, version))
    (after,) = run(edit.text, folder)
    judged(after, version)
    kept(argv, after)
    assert after[after.index("-name") + 1] == node
    assert edit.text.startswith("A='b'\nexec ") and edit.text.endswith(" # end\n")


@given(st.text("javn -jr.\"'$(){}`\\\n#;|&<>=ux", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        script = read_script(text)
    except NotEditable:
        return
    for command in script.commands:
        for word in command:
            assert 0 <= word.start < word.end <= len(text)
