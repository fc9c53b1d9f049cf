"""The offline mark in config.xml, as 2.541.3 serves it (22-mark-*, 23-marked-*)."""

import pytest

from migrate.jenkins.node_config import digest, to_websocket
from migrate.jenkins.node_mark import mark_of, plain, with_mark_of, without_mark
from migrate.jenkins.nodes import computer_state
from migrate.model.inventory import OfflineMark

MARK = """
  <temporaryOfflineCause class="hudson.slaves.OfflineCause$UserCause">
    <timestamp>1795900726119</timestamp>
    <description>
      <holder>
        <owner>hudson.slaves.Messages</owner>
      </holder>
      <key>SlaveComputer.DisconnectedBy</key>
      <args>
        <string>admin</string>
        <string> : REASON</string>
      </args>
    </description>
    <userId>admin</userId>
    <message>REASON</message>
  </temporaryOfflineCause>"""
"""22-mark-3-config-changed, its reason left open."""


def served(reason: str | None = None, break_: str = "\n") -> bytes:
    """config.xml of a node that is marked for ``reason``."""
    mark = "" if reason is None else MARK.replace("REASON", reason)
    text = f"""<?xml version="1.1" encoding="UTF-8"?>
<slave>{mark}
  <name>node-f</name>
  <description>never connected</description>
  <remoteFS>/srv/lab/agents/node-f</remoteFS>
  <numExecutors>1</numExecutors>
  <mode>NORMAL</mode>
  <retentionStrategy class="hudson.slaves.RetentionStrategy$Always"/>
  <launcher class="hudson.slaves.JNLPLauncher">
    <webSocket>false</webSocket>
  </launcher>
  <label>lab node-f</label>
  <nodeProperties/>
</slave>
"""
    return text.replace("\n", break_).encode()


ESCAPED = "another &lt;b&gt;reason&lt;/b&gt; &amp; &quot;q&quot;"
TYPED = 'another <b>reason</b> & "q"'


def test_it_is_read_and_taken_out_whole() -> None:
    assert mark_of(served(ESCAPED)) == OfflineMark("admin", TYPED)
    assert mark_of(served()) is None
    assert without_mark(served(ESCAPED)) == served()
    assert without_mark(served()) == served()
    assert without_mark(served(ESCAPED, "\r\n")) == served(None, "\r\n")
    assert digest(served(ESCAPED)) == digest(served("x")) == digest(served())


@pytest.mark.parametrize("break_", ["\n", "\r\n"])
def test_what_is_posted_holds_the_mark_of_now(break_: str) -> None:
    marked, free = served("x", break_), served(None, break_)
    assert with_mark_of(free, marked) == marked
    assert with_mark_of(marked, free) == free
    assert with_mark_of(served("old", break_), marked) == marked
    assert with_mark_of(to_websocket(free), marked) == to_websocket(marked)


def test_what_is_no_xml_has_no_mark() -> None:
    cut_off = served("x")[:300]
    assert mark_of(cut_off) is None
    assert without_mark(cut_off) == cut_off


@pytest.mark.parametrize(
    "told",
    [
        TYPED,
        ESCAPED,
        # offlineCauseReason of 2.541.3: 22-change-cause-api
        "another &amp;lt;b&amp;gt;reason&amp;lt;/b&amp;gt; &amp;amp; &amp;quot;q&amp;quot;",
    ],
)
def test_the_words_are_those_that_were_typed(told: str) -> None:
    assert plain(told) == TYPED
    cause = {"_class": "hudson.slaves.OfflineCause$UserCause"}
    state = computer_state(
        {
            "displayName": "node-f",
            "offline": True,
            "temporarilyOffline": True,
            "offlineCause": {**cause, "description": f"Disconnected by admin : {told}"},
            "offlineCauseReason": told,
        }
    )
    assert state.mark == OfflineMark("admin", TYPED)
