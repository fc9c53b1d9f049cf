"""WinSW's XML and launchd's property lists, judged by readers of their own."""

import plistlib
from xml.sax.saxutils import escape

import pytest
from agents_launch import NEW, OLD, SECRET, URL, argvs, edited, judged, kept, plain, wanted
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from migrate.agents.command import split_command
from migrate.agents.launch.launchd import LaunchdEditor
from migrate.agents.launch.winsw import WinswEditor
from migrate.splice.text import NotEditable, encode
from migrate.splice.windows_words import quote

WINSW, LAUNCHD = WinswEditor(), LaunchdEditor()
HEAD = '\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<!-- é -->\r\n<service>\r\n  <id>j</id>\r\n'
HEAD += "  <executable>C:\\j\\java.exe</executable>\r\n"
TAIL = "  <!-- last -->\r\n  <onfailure action='restart'/>\r\n</service>\r\n"
DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
    '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n<dict>\n'
    "\t<!-- é -->\n\t<key>Label</key><string>x</string>\n\t<key>ProgramArguments</key>\n"
)
PLIST_END = "\t<key>KeepAlive</key><true/>\n</dict>\n</plist>\n"


def one_line(text: str) -> list[str]:
    found = ElementTree.fromstring(encode(text)).findtext("arguments")
    return list(split_command(found or "", windows=True))


def elements(text: str) -> list[str]:
    return [e.text or "" for e in ElementTree.fromstring(encode(text)).findall("argument")]


def program(text: str) -> list[str]:
    return list(plistlib.loads(encode(text))["ProgramArguments"])


def winsw_list(words: list[str]) -> str:
    return HEAD + "".join(f"  <argument>{escape(w)}</argument>\r\n" for w in words) + TAIL


def plist(words: list[str]) -> str:
    rows = "".join(f"\t\t<string>{escape(w)}</string>\n" for w in words)
    return f"{DOCTYPE}\t<array>\n{rows}\t</array>\n{PLIST_END}"


def test_the_arguments_of_a_windows_service() -> None:
    text = (
        f'{HEAD}  <arguments>-Xrs  -jar "%BASE%\\agent.jar" -url http://h/?a=1&amp;b=2 -tunnel '
        f"h:1 -secret {SECRET} -name n&#49;</arguments>\r\n{TAIL}"
    )
    edit = edited(WINSW, text, wanted(path="j.xml", secret_file="C:\\j x\\secret"))
    expected = text.replace(" -tunnel h:1", "").replace(" -url", " -webSocket -url")
    assert edit.text == expected.replace(SECRET, '"@C:\\j x\\secret"')
    assert one_line(edit.text)[-4:] == ["-secret", "@C:\\j x\\secret", "-name", "n1"]


def test_a_list_of_arguments_keeps_its_lines() -> None:
    words = ["-jar", '"%BASE%\\a.jar"', "-url", "u&v", "-tunnel", "h:1", "-name", "n1"]
    text = winsw_list([*words, "-secret", "@s"])
    edit = edited(WINSW, text, wanted(path="j.xml"))
    assert edit.text == winsw_list(
        ["-jar", '"%BASE%\\a.jar"', "-webSocket", "-url", "u&v", "-name", "n1", "-secret", "@s"]
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<arguments>-jar a.jar <!-- x --> -url u -name n1</arguments>", "holds a comment"),
        ("<arguments>-jar a.jar -url u</arguments><arguments>x</arguments>", "several"),
        ("<arguments>-jar a.jar -url u</arguments><startarguments>x</startarguments>", "and"),
        ('<arguments>-jar a.jar -url "u -name n1</arguments>', "never closed"),
        ('<arguments>-jar a.jar -url "u\\" -name n1</arguments>', "escaped quote"),
        ("<arguments>-jar a.jar -url u -name n1 -secret @s %OPTS%</arguments>", "%OPTS%"),
        ("<arguments>-Xmx1m Main</arguments>", "run no agent.jar"),
        ("", "run no agent.jar"),
    ],
)
def test_a_service_that_is_not_clear_is_left_alone(body: str, reason: str) -> None:
    with pytest.raises(NotEditable) as caught:
        WINSW.to_websocket(f"{HEAD}{body}{TAIL}", wanted(path="j.xml"))
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    "text", ["", "<a>", '<!DOCTYPE a [<!ENTITY b "c">]><service>&b;</service>']
)
def test_bad_xml_is_refused(text: str) -> None:
    with pytest.raises(NotEditable):
        WINSW.launches(text)
    with pytest.raises(NotEditable):
        LAUNCHD.launches(text)


def test_a_launch_daemon() -> None:
    before = ["/usr/bin/java", "-jar", "/a/agent.jar", "-jnlpUrl"]
    rest = [f"{URL}computer/n%201/jenkins-agent.jnlp", "-noKeepAlive", "-secret", SECRET]
    text = plist([*before, *rest])
    stays = edited(LAUNCHD, text, wanted("n 1", path="a.plist"))
    assert stays.text == text.replace("\t\t<string>-noKeepAlive</string>\n", "")
    moved = edited(
        LAUNCHD, text, wanted("n 1", path="a.plist", rewrite_jnlp_url=True, secret_file="/s")
    )
    new = ["-webSocket", "-url", URL, "-name", "n 1", "-secret", "@/s"]
    assert moved.text == plist([*before[:3], *new])


def test_a_line_for_a_shell_inside_of_a_property_list() -> None:
    line = 'cd /a && exec java -jar a.jar -url "$U" -tunnel h:1 -name n1 -secret @s 2>&1'
    text = plist(["/bin/sh", "-c", line])
    edit = edited(LAUNCHD, text, wanted(path="a.plist"))
    new = line.replace(" -tunnel h:1", "").replace(" -url", " -webSocket -url")
    assert program(edit.text) == ["/bin/sh", "-c", new] and edit.text == plist(program(edit.text))
    single = f"{DOCTYPE}\t<string>{escape(line)}</string>\n{PLIST_END}"
    assert program(edited(LAUNCHD, single, wanted(path="a.plist")).text) == list(new)


def test_a_binary_property_list_is_left_alone() -> None:
    data = plistlib.dumps({"ProgramArguments": ["java"]}, fmt=plistlib.FMT_BINARY)
    text = data.decode("utf-8", "surrogateescape")
    assert LAUNCHD.detect(text, "a.plist")
    with pytest.raises(NotEditable, match="plutil"):
        LAUNCHD.to_websocket(text, wanted(path="a.plist"))


@settings(max_examples=examples(60))
@given(argvs(plain), st.booleans())
def test_the_line_of_a_windows_service(command: tuple[str, list[str]], old_jar: bool) -> None:
    node, (_, *before) = command
    version = OLD if old_jar else NEW
    line = escape(" ".join(quote(word) for word in before), {'"': "&quot;"})
    text = f"{HEAD}  <arguments>{line}</arguments>\r\n{TAIL}"
    edit = edited(WINSW, text, wanted(node, version, path="j.xml"))
    after = one_line(edit.text)
    judged(after, version)
    kept(before, after)
    assert edit.text.startswith(HEAD) and edit.text.endswith(f"</arguments>\r\n{TAIL}")


@settings(max_examples=examples(60))
@given(argvs(plain))
def test_the_list_of_a_windows_service(command: tuple[str, list[str]]) -> None:
    node, (_, *before) = command
    edit = edited(WINSW, winsw_list(before), wanted(node, path="j.xml"))
    after = elements(edit.text)
    judged(after)
    kept(before, after)
    assert edit.text == winsw_list(after)


@settings(max_examples=examples(60))
@given(argvs())
def test_the_list_of_a_launch_daemon(command: tuple[str, list[str]]) -> None:
    node, before = command
    edit = edited(LAUNCHD, plist(before), wanted(node, path="a.plist"))
    after = program(edit.text)
    judged(after)
    kept(before, after)
    assert edit.text == plist(after)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for editor in (WINSW, LAUNCHD):
        with pytest.raises(NotEditable):
            editor.launches(text)
