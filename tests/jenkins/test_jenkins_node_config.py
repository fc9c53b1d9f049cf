"""The byte-exact editor of config.xml."""

import hashlib
from xml.etree.ElementTree import tostring

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from migrate.jenkins.errors import NotEditable
from migrate.jenkins.node_config import (
    Edit,
    digest,
    parse_labels,
    plan_edits,
    read_launcher,
    set_launcher,
    to_websocket,
)
from migrate.jenkins.xml_spans import parse
from migrate.model.inventory import LauncherKind, OfflineMark, WorkDir

INBOUND = "hudson.slaves.JNLPLauncher"
SERVED = """<?xml version="1.1" encoding="UTF-8"?>
<slave>
  <name>node c é</name>
  <description>space &amp; &#x1b;[1m</description>
  <remoteFS>/srv/a</remoteFS>
  <numExecutors>3</numExecutors>
  <mode>NORMAL</mode>
  <launcher class="hudson.slaves.JNLPLauncher">
    <tunnel>edge:50000</tunnel>
    <workDirSettings>
      <disabled>false</disabled>
      <workDirPath>/work</workDirPath>
      <internalDir>remoting</internalDir>
      <failIfWorkDirIsMissing>true</failIfWorkDirIsMissing>
    </workDirSettings>
    <webSocket>false</webSocket>
  </launcher>
  <label>lab "two words" lab</label>
  <nodeProperties>
    <x plugin="y@1"><webSocket>false</webSocket><tunnel>keep</tunnel></x>
  </nodeProperties>
</slave>""".encode()
"""As 11-node-c-config.txt, with a tunnel, a work directory and a control character."""


def slave(launcher: str, break_: str = "\n") -> bytes:
    text = f"<slave>\n  <name>n</name>\n  {launcher}\n  <label/>\n</slave>"
    return text.replace("\n", break_).encode()


def test_reads_everything_that_the_inventory_keeps() -> None:
    facts = read_launcher(SERVED)
    assert facts.kind is LauncherKind.INBOUND
    assert (facts.web_socket, facts.tunnel) == (False, "edge:50000")
    assert facts.work_dir == WorkDir(False, "/work", "remoting", True)
    assert (facts.name, facts.node_class, facts.executors) == ("node c é", "slave", 3)
    assert facts.labels == ("lab", "two words")
    assert facts.mark is None


def test_changes_only_the_two_elements() -> None:
    changed = to_websocket(SERVED)
    expected = SERVED.replace(b"\n    <tunnel>edge:50000</tunnel>", b"").replace(
        b"    <webSocket>false</webSocket>\n  </launcher>",
        b"    <webSocket>true</webSocket>\n  </launcher>",
    )
    assert changed == expected
    assert to_websocket(changed) == changed
    assert b"&#x1b;" in changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'<launcher class="{INBOUND}"/>', "<launcher C>\n    WS\n  </launcher>"),
        (f'<launcher class="{INBOUND}" />', "<launcher C >\n    WS\n  </launcher>"),
        (f'<launcher class="{INBOUND}"></launcher>', "<launcher C>\n    WS\n  </launcher>"),
        (f'<launcher class="{INBOUND}">\n  </launcher>', "<launcher C>\n    WS\n  </launcher>"),
        (
            f'<launcher class="{INBOUND}">\n    <webSocket/>\n  </launcher>',
            "<launcher C>\n    WS\n  </launcher>",
        ),
        (
            f"<launcher plugin='p@1' class='{INBOUND}'>\n    <vmargs>-Xx</vmargs>\n  </launcher>",
            f"<launcher plugin='p@1' class='{INBOUND}'>\n    <vmargs>-Xx</vmargs>\n    WS\n"
            "  </launcher>",
        ),
        (
            f'<launcher class="{INBOUND}"><tunnel/><webSocket>FALSE</webSocket></launcher>',
            "<launcher C>WS</launcher>",
        ),
        (
            f'<launcher class="{INBOUND}"><!-- <webSocket>false</webSocket> -->'
            "<webSocket>false</webSocket></launcher>",
            "<launcher C><!-- <webSocket>false</webSocket> -->WS</launcher>",
        ),
        (
            '<launcher class="x.Delegating">\n    <tunnel>other</tunnel>\n'
            f'    <launcher class="{INBOUND}"/>\n  </launcher>',
            '<launcher class="x.Delegating">\n    <tunnel>other</tunnel>\n'
            "    <launcher C>\n      WS\n    </launcher>\n  </launcher>",
        ),
        (
            f'<launcher class="x.Filter"><core class="{INBOUND}"><a/></core></launcher>',
            '<launcher class="x.Filter"><core C><a/>WS</core></launcher>',
        ),
        (
            f'<launcher class="x.A"><delegate class="x.B"><own class="{INBOUND}"/>'
            "</delegate></launcher>",
            '<launcher class="x.A"><delegate class="x.B"><own C>WS</own></delegate></launcher>',
        ),
    ],
)
@pytest.mark.parametrize("break_", ["\n", "\r\n"])
def test_forms_of_the_launcher(before: str, after: str, break_: str) -> None:
    wanted = after.replace("<launcher C", f'<launcher class="{INBOUND}"')
    wanted = wanted.replace("<core C", f'<core class="{INBOUND}"')
    wanted = wanted.replace("<own C", f'<own class="{INBOUND}"')
    wanted = wanted.replace("WS", "<webSocket>true</webSocket>")
    assert to_websocket(slave(before, break_)) == slave(wanted, break_)


def test_wrappers_are_told_outermost_first() -> None:
    body = slave(
        f'<launcher class="x.A"><delegate class="x.B"><core class="{INBOUND}"/>'
        "</delegate></launcher>"
    )
    facts = read_launcher(body)
    assert (facts.wrappers, facts.kind) == (("x.A", "x.B"), LauncherKind.INBOUND)


def test_what_says_so_already_is_left_as_it_is_written() -> None:
    body = slave(f'<launcher class="{INBOUND}"><webSocket><!-- on -->TRUE</webSocket></launcher>')
    assert to_websocket(body) == body
    absent = slave(f'<launcher class="{INBOUND}"/>')
    assert set_launcher(absent, web_socket=False, tunnel=None) == absent


def test_blanks_around_true_are_not_true() -> None:
    body = slave(f'<launcher class="{INBOUND}"><webSocket> true </webSocket></launcher>')
    assert read_launcher(body).web_socket is False
    assert b"<webSocket>true</webSocket>" in to_websocket(body)


def test_a_byte_order_mark_and_a_missing_header_are_kept() -> None:
    body = b"\xef\xbb\xbf" + slave(f'<launcher class="{INBOUND}"/>')
    assert to_websocket(body).startswith(b"\xef\xbb\xbf<slave>")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not well-formed"),
        (b"<slave>", "not well-formed"),
        (slave("<launcher class='a.B'/>"), "not an inbound one"),
        (slave(""), "no launcher"),
        (slave(f'<launcher class="{INBOUND}"/><launcher class="{INBOUND}"/>'), "more than one"),
        (
            slave(f'<launcher class="{INBOUND}"><webSocket/><webSocket/></launcher>'),
            "2 elements 'webSocket'",
        ),
        (f"<x.Slave><launcher class='{INBOUND}'/></x.Slave>".encode(), "cloud or a plugin"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><slave/>', "encoding"),
        (b'<!DOCTYPE slave [<!ENTITY a "b">]><slave>&a;</slave>', "document type"),
        (b"<slave><name>\xff</name></slave>", "not well-formed"),
        (SERVED.replace(b"/srv/a", b"********"), "blanked"),
        (b"<slave>" + b" " * (9 * 1024 * 1024) + b"</slave>", "bytes"),
    ],
)
def test_what_is_not_understood_is_not_edited(body: bytes, reason: str) -> None:
    with pytest.raises(NotEditable, match=reason):
        to_websocket(body)


def test_a_value_that_xml_cannot_hold_is_refused() -> None:
    with pytest.raises(NotEditable, match="control character"):
        set_launcher(SERVED, web_socket=False, tunnel="a\x1bb")


@pytest.mark.parametrize(
    "wrong",
    [
        Edit(SERVED.index(b"lab "), SERVED.index(b"lab "), b"x"),
        Edit(SERVED.index(b"false</webSocket>"), SERVED.index(b"</webSocket>"), b"true"),
        Edit(SERVED.index(b"<tunnel>"), SERVED.index(b"<workDir"), b""),
    ],
    ids=["nothing", "webSocket-alone", "tunnel-alone"],
)
def test_an_edit_that_does_not_read_back_as_wanted_is_never_handed_out(
    monkeypatch: pytest.MonkeyPatch, wrong: Edit
) -> None:
    # No input is known that makes such an edit: the editor is made to err.
    monkeypatch.setattr("migrate.jenkins.node_config.plan_edits", lambda *_, **__: (wrong,))
    with pytest.raises(NotEditable, match="does not read back as wanted"):
        to_websocket(SERVED)


def test_kinds() -> None:
    ssh = slave('<launcher class="hudson.plugins.sshslaves.SSHLauncher" plugin="ssh@1"/>')
    assert read_launcher(ssh).kind is LauncherKind.SSH
    cloud = b'<org.csanchez.jenkins.plugins.kubernetes.KubernetesSlave plugin="k@1"/>'
    assert read_launcher(cloud).kind is LauncherKind.CLOUD
    swarm = f'<hudson.plugins.swarm.SwarmSlave><launcher class="{INBOUND}"/>'
    swarm += "</hudson.plugins.swarm.SwarmSlave>"
    assert read_launcher(swarm.encode()).kind is LauncherKind.INBOUND
    assert read_launcher(slave("")).kind is LauncherKind.OTHER
    # A permanent agent is not a cloud's, whatever its launcher's package is called.
    computer = slave('<launcher class="io.jenkins.plugins.ec2.Launcher"/>')
    assert read_launcher(computer).kind is LauncherKind.OTHER
    ours = b"<example.Slave><launcher class='hudson.slaves.CommandLauncher'/></example.Slave>"
    assert read_launcher(ours).kind is LauncherKind.COMMAND
    theirs = b"<example.Slave><launcher class='x.ec2.Launcher'/></example.Slave>"
    assert read_launcher(theirs).kind is LauncherKind.CLOUD
    assert read_launcher(slave(f'<launcher class="{INBOUND}"/>')).work_dir == WorkDir(
        True, None, "remoting", False
    )


MARK = b"""
  <temporaryOfflineCause class="hudson.slaves.OfflineCause$UserCause">
    <timestamp>1589550938368</timestamp>
    <description>
      <holder><owner>hudson.slaves.Messages</owner></holder>
      <key>SlaveComputer.DisconnectedBy</key>
      <args><string>bob</string><string> : test</string></args>
    </description>
    <userId>bob</userId>
  </temporaryOfflineCause>"""


def test_an_offline_mark_is_read_and_is_no_drift() -> None:
    marked = SERVED.replace(b"<slave>", b"<slave>" + MARK)
    assert read_launcher(marked).mark == OfflineMark("bob", "test")
    assert digest(SERVED) == hashlib.sha256(SERVED).hexdigest()
    assert digest(marked) == digest(SERVED)
    assert digest(to_websocket(SERVED)) != digest(SERVED)
    assert MARK in to_websocket(marked)


def test_labels() -> None:
    assert parse_labels(' a  "b c" a "" d"e') == ("a", "b c", 'd"e')


# Bodies of any shape around an inbound launcher.

text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<>&\r"), max_size=12
)
blank = st.sampled_from(["", " ", "\n", "\r\n    ", "\t"])
decoys = [
    "<!-- <webSocket>false</webSocket> <tunnel>x</tunnel> -->",
    "<a><webSocket>false</webSocket><tunnel>t</tunnel></a>",
    "<b><![CDATA[<webSocket>false</webSocket></launcher>]]></b>",
    "<c x='&gt;<!' y=\">\"/>".replace("<!", "!"),
    "<d>&#x1b;&#27;&#xD83D;&#0;é\U0001f600</d>",
    "<workDirSettings><disabled>true</disabled></workDirSettings>",
    "<?pi <webSocket>?>",
]
decoy = st.sampled_from(decoys)
web_sockets = ["", "<webSocket>false</webSocket>", "<webSocket>true</webSocket>", "<webSocket/>"]
web_sockets += ["<webSocket  >False</webSocket >", "<webSocket><!-- a --></webSocket>"]
web_socket = st.sampled_from(web_sockets)
tunnel = st.sampled_from(["", "<tunnel>h:1</tunnel>", "<tunnel/>", "<tunnel >a&amp;b</tunnel>"])
header = st.sampled_from(
    ["", '<?xml version="1.1" encoding="UTF-8"?>\n', "<?xml version='1.0'?>\r\n", "\ufeff"]
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    def gap() -> str:
        return draw(blank) + draw(st.sampled_from(["", draw(decoy)])) + draw(blank)

    inner = [draw(web_socket), draw(tunnel), *draw(st.lists(decoy, max_size=2))]
    parts = "".join(part + draw(blank) for part in draw(st.permutations(inner)))
    tag = draw(st.sampled_from(["launcher", "core", "delegate"]))
    wrapped = tag != "launcher" or draw(st.booleans())
    if parts.strip() or draw(st.booleans()):
        launcher = f'<{tag} class="{INBOUND}">{parts}</{tag}>'
    else:
        launcher = f"<{tag} class='{INBOUND}'{draw(blank)}/>"
    if wrapped:
        launcher = f'<launcher class="x.Wrap">{gap()}{launcher}{gap()}</launcher>'
    body = f"{draw(header)}<slave>{gap()}<name>{draw(text)}</name>{gap()}{launcher}{gap()}</slave>"
    return body.encode()


def untouched(body: bytes, edits: tuple[Edit, ...]) -> list[bytes]:
    at, parts = 0, []
    for edit in edits:
        assert at <= edit.start <= edit.end
        parts.append(body[at : edit.start])
        at = edit.end
    return [*parts, body[at:]]


@given(bodies(), st.booleans(), st.none() | text)
def test_everything_outside_the_edits_is_identical(
    body: bytes, web: bool, tunnel: str | None
) -> None:
    edits = plan_edits(body, web_socket=web, tunnel=tunnel)
    changed = set_launcher(body, web_socket=web, tunnel=tunnel)
    rest = changed
    for part, edit in zip(untouched(body, edits), [*edits, Edit(0, 0, b"")], strict=True):
        assert rest.startswith(part)
        rest = rest[len(part) :]
        assert rest.startswith(edit.text)
        rest = rest[len(edit.text) :]
    assert rest == b""
    for edit in edits:
        removed = body[edit.start : edit.end].strip()
        assert (
            removed == b""
            or b"webSocket" in removed
            or b"tunnel" in removed
            or (removed in (b"/>", b"false", b"False", b"true", b"h:1", b"a&amp;b", b"<!-- a -->"))
        )
    facts = read_launcher(changed)
    assert (facts.web_socket, facts.tunnel) == (web, tunnel)
    assert set_launcher(changed, web_socket=web, tunnel=tunnel) == changed


@given(bodies())
def test_only_the_launcher_differs_and_the_old_values_come_back(body: bytes) -> None:
    before = read_launcher(body)
    changed = to_websocket(body)
    assert to_websocket(changed) == changed
    back = read_launcher(set_launcher(changed, before.web_socket, before.tunnel))
    assert back == before
    if not any(f"&#{code};".encode() in body for code in ("x1b", "27", "xD83D", "0")):
        assert _without_launcher(body) == _without_launcher(changed)


def _without_launcher(body: bytes) -> str:
    root = ElementTree.fromstring(body.decode().removeprefix("\ufeff").encode())
    for element in list(root.iter()):
        if element.get("class") == INBOUND:
            for child in list(element):
                if child.tag in ("webSocket", "tunnel"):
                    element.remove(child)
            element.text = element.tail = None
            for child in element:
                child.tail = None
    return tostring(root, "unicode")


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_no_input_breaks_the_parser(body: bytes) -> None:
    for wrapped in (body, b"<slave>" + body + b"</slave>"):
        try:
            root = parse(wrapped)
        except NotEditable:
            continue
        assert wrapped[root.start : root.end].startswith(b"<")
        read_launcher(wrapped)


@given(bodies())
def test_spans_cover_whole_elements(body: bytes) -> None:
    root = parse(body)
    stack = [root]
    while stack:
        element = stack.pop()
        text = body[element.start : element.end]
        assert text.startswith(f"<{element.name}".encode())
        assert text.endswith(b">")
        stack += element.children
