"""IIS: WebSocket off, logins and short timeouts are told, right sites are not."""

import pytest
from proxy_cases import said

TEXT = """<configuration>
  <system.webServer>
    {more}
    <rewrite><rules>
      <rule name="{name}"><match url="(.*)" />
        <action type="Rewrite" url="http://10.0.0.4:9090/{{R:1}}" /></rule>
    </rules></rewrite>
  </system.webServer>
</configuration>
"""


def _text(more: str, name: str = "jenkins") -> str:
    return TEXT.format(more=more, name=name)


@pytest.mark.parametrize(
    "text",
    [
        _text(""),
        _text('<webSocket enabled="true" />'),
        _text('<!-- <webSocket enabled="false" /> -->'),
        _text('<webSocket enabled="false" />', name="wiki"),
        _text('<proxy enabled="true" timeout="01:00:00" />'),
    ],
)
def test_right(text: str) -> None:
    assert said("web.config", text) == []


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ('<webSocket enabled="false" />', "so no upgrade"),
        ("<webSocket\n enabled='x' enabled = \"false\"/>", "so no upgrade"),
        ('<security><authentication><anonymousAuthentication enabled="false" />'
         "</authentication></security>", "anonymousAuthentication is off"),
        ('<proxy enabled="true" timeout="00:00:20" />', "timeout is 20 s"),
    ],
)  # fmt: skip
def test_broken(more: str, reason: str) -> None:
    (note,) = said("web.config", _text(more))
    assert note.startswith("3: ")
    assert reason in note
