"""Scheduled tasks as the Task Scheduler exports them."""

import codecs

import pytest
from agents_launch import SECRET, edited, wanted
from hypothesis import given
from hypothesis import strategies as st

from migrate.agents.launch.registry import editor_for
from migrate.splice.text import decode, encode

TASK = (
    '<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2" '
    'xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\r\n'
    "  <RegistrationInfo><Author>CI\\J\u00fcrgen</Author></RegistrationInfo>\r\n"
    '  <Actions Context="Author"><Exec>\r\n    <Command>{command}</Command>\r\n'
    "    <Arguments>{arguments}</Arguments>\r\n  </Exec></Actions>\r\n</Task>\r\n"
)
AGENT = f"-jar agent.jar -url https://h/ -name n1 -secret {SECRET}"


@pytest.mark.parametrize(
    ("command", "arguments"),
    [("C:\\java\\javaw.exe", AGENT), ("cmd", f"/c &quot;java {AGENT} &gt; log.txt&quot;")],
)
def test_an_export_in_utf_16_keeps_its_encoding(command: str, arguments: str) -> None:
    plain = TASK.format(command=command, arguments=arguments)
    data = codecs.BOM_UTF16_LE + plain.encode("utf-16-le")
    text = decode(data)
    edit = edited(editor_for(text, "task.xml"), text, wanted(path="task.xml"))
    changed = plain.replace("agent.jar -url", "agent.jar -webSocket -url")
    assert encode(edit.text) == codecs.BOM_UTF16_LE + changed.encode("utf-16-le")


def test_what_a_console_wrote_says_utf_16_only() -> None:
    # schtasks /query /xml > FILE writes the console's bytes under the same declaration.
    text = decode(TASK.format(command="java", arguments=AGENT).encode())
    edit = edited(editor_for(text, "task.xml"), text, wanted(path="task.xml"))
    assert edit.text == text.replace("agent.jar -url", "agent.jar -webSocket -url")


@given(
    st.binary(max_size=40),
    st.sampled_from([b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE]),
    st.sampled_from(["", '<?xml version="1.0" encoding="UTF-16"?>', '<?xml version="1.0"?>']),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
)
def test_every_byte_survives(rest: bytes, mark: bytes, declaration: str, codec: str) -> None:
    data = mark + declaration.encode(codec) + rest
    assert encode(decode(data)) == data
