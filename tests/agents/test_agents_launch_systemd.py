"""Units and drop-ins."""

import pytest
from agents_launch import NEW, OLD, SECRET, URL, argvs, edited, judged, kept, wanted
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from migrate.agents.launch.systemd import DROP_IN, RELOAD, SystemdEditor
from migrate.splice.systemd_words import quote, read_words
from migrate.splice.text import NotEditable

EDITOR = SystemdEditor()
OWN, VENDOR = (
    "/etc/systemd/system/agent.service",
    "/lib/systemd/system/agent.service",
)
UNIT = f"""[Unit]
Description=Agent; ExecStart=/bin/false is not here
[Service]
User=jenkins
Environment="NODE=n 1" JAVA=x
Environment=OPTS="-workDir /w"
ExecStartPre=/bin/true
ExecStart=-/usr/bin/java -Xmx1m -Dx=100%% -jar /o/agent.jar \\
   -url https://h/ \\
   -tunnel h:1 \\
# a comment inside
   -secret {SECRET} -name "${{NODE}}" $OPTS
Restart=always
[Install]
WantedBy=multi-user.target
"""


def argv(text: str, path: str = OWN) -> list[str]:
    """The words of the unit's last ExecStart, read by themselves."""
    rows = text.replace("\\\n", " ").split("\n")
    line = [row for row in rows if row.startswith("ExecStart=") and row != "ExecStart="][-1]
    value = line.removeprefix("ExecStart=").lstrip("-")
    return [w.value for w in read_words(value, 0, len(value), {}, None)]


def test_a_unit_of_the_host_is_edited_in_place() -> None:
    edit = edited(EDITOR, UNIT, wanted("n 1", path=OWN, secret_file="/etc/s"))
    assert edit.path == OWN and RELOAD in edit.notes
    expected = UNIT.replace("   -tunnel h:1 \\\n", "").replace(
        "   -url", "   -webSocket \\\n   -url"
    )
    assert edit.text == expected.replace(SECRET, "@/etc/s")
    assert edit.secret is not None and edit.secret.content == SECRET + "\n"


def test_a_vendors_unit_gets_a_drop_in() -> None:
    edit = edited(EDITOR, UNIT, wanted("n 1", path=VENDOR, secret_file="/etc/s"))
    assert edit.path == f"/etc/systemd/system/agent.service.d/{DROP_IN}"
    assert edit.original is None
    assert edit.text.splitlines()[1:4] == [
        *[
            "[Service]",
            "ExecStart=",
            "ExecStart=-/usr/bin/java -Xmx1m -Dx=100%% -jar /o/agent.jar \\",
        ]
    ]
    assert "Restart" not in edit.text and "-tunnel" not in edit.text and "%%" in edit.text
    # What was written is read back as a launch that is on WebSocket already.
    (launch,) = EDITOR.launches(edit.text, edit.path)
    assert launch.websocket
    assert not edited(EDITOR, edit.text, wanted("n 1", path=edit.path)).changed


def test_a_template_gets_a_drop_in_for_its_one_agent() -> None:
    text = (
        f"[Service]\nExecStart=java -jar a.jar -jnlpUrl {URL}computer/%i/jenkins-agent.jnlp "
        "-secret @/s/%i\n"
    )
    path = "/etc/systemd/system/agent@.service"
    edit = edited(
        EDITOR, text, wanted("n1", path=path, unit="agent@n1.service", rewrite_jnlp_url=True)
    )
    assert edit.path == f"/etc/systemd/system/agent@n1.service.d/{DROP_IN}"
    assert edit.text.endswith(f"-webSocket -url {URL} -name n1 -secret @/s/%i\n")
    # In a home the drop-in stays where its owner may write.
    home = "/home/a/.config/systemd/user/"
    own = wanted("n1", path=f"{home}agent@.service", unit="agent@n1.service", rewrite_jnlp_url=True)
    assert edited(EDITOR, text, own).path == f"{home}agent@n1.service.d/{DROP_IN}"
    with pytest.raises(NotEditable, match="starts several agents"):
        EDITOR.to_websocket(text, wanted("n1", path=path, rewrite_jnlp_url=True))
    with pytest.raises(NotEditable, match="starts n2, not n1"):
        EDITOR.to_websocket(text, wanted("n1", path=path, unit="agent@n2.service"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[Service]\nExecStart=/opt/start.sh\n", "runs no agent.jar"),
        ("[Service]\nExecStart=/bin/sh -c 'java -jar a.jar -url u -name %H'\n", "text in quotes"),
        ("[Service]\nExecStart=java -jar a.jar -url u -name n1 -secret @s $OPTS\n", "$OPTS"),
        (
            "[Service]\nEnvironmentFile=/e\nEnvironment=OPTS=-noReconnect\n"
            "ExecStart=java -jar a.jar -url u -name n1 -secret @s $OPTS\n",
            "$OPTS",
        ),
        (
            "[Service]\nType=oneshot\nExecStart=/bin/true\n"
            "ExecStart=java -jar a.jar -url u -name n1 -secret @s\n",
            "several ExecStart",
        ),
        ("[Service]\nExecStart=@java x -jar a.jar -url u -name n1 -secret @s\n", "(@)"),
        ('[Service]\nExecStart=java -jar "a.jar -url u\n', "never closed"),
        ("[Unit]\nExecStart=java -jar a.jar -url u -name n1 -secret @s\n", "runs no agent.jar"),
    ],
)
def test_what_is_not_clear_is_left_alone(text: str, reason: str) -> None:
    with pytest.raises(NotEditable) as caught:
        EDITOR.to_websocket(text, wanted(path=OWN))
    assert reason in caught.value.reason


def test_a_reset_takes_back_what_was_said_before() -> None:
    text = (
        "[Service]\nExecStart=/bin/true\nExecStart=\n"
        "ExecStart=java -jar a.jar -url u -name n1 -secret @s\n"
    )
    assert "-webSocket" in edited(EDITOR, text, wanted(path=OWN)).text


@pytest.mark.parametrize("path", ["/x/a.service", "/etc/systemd/system/a.service.d/x.conf", ""])
def test_units_are_recognised(path: str) -> None:
    assert EDITOR.detect(UNIT, path)
    assert not EDITOR.detect("java -jar x", "/o/start.sh")


@settings(max_examples=examples(60))
@given(argvs(), st.booleans(), st.sampled_from([" ", " \\\n  "]))
def test_words_are_kept_and_the_rest_of_the_unit_too(
    command: tuple[str, list[str]], old_jar: bool, gap: str
) -> None:
    node, before = command
    version = OLD if old_jar else NEW
    head, tail = "# é\n[Service]\nExecStart=", "\nRestart=always\n"
    text = head + gap.join(quote(word) for word in before) + tail
    assert argv(text) == before
    edit = edited(EDITOR, text, wanted(node, version, path=OWN))
    after = argv(edit.text)
    judged(after, version)
    kept(before, after)
    assert edit.text.startswith(head) and edit.text.endswith(tail)


@given(st.text(max_size=30).filter(lambda v: "\0" not in v))
def test_a_quoted_value_is_read_back(value: str) -> None:
    text = quote(value)
    if "\n" not in value and "\r" not in value:
        assert [w.value for w in read_words(text, 0, len(text), {}, None)] == [value]
