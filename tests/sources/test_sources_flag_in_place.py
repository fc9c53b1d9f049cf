"""The flag where the tunnel stood, if the editor agrees."""

import pytest

from migrate.agents.launch.base import Wanted
from migrate.agents.launch.registry import editor_for
from migrate.sources.flag_in_place import in_place_of_tunnel

REST = "-url https://ci.example.org/ -name a -secret @s"


def _made(path: str, old: str) -> str:
    editor, wanted = editor_for(old, path), Wanted("a", "https://ci.example.org/", "3206", path)
    new = editor.to_websocket(old, Wanted("a", wanted.url, "3206")).text
    return in_place_of_tunnel(editor, old, new, Wanted("a", wanted.url, "3206"))


@pytest.mark.parametrize(
    "tunnel", ["-tunnel e:50000", "-tunnel 'e:50000'", '-tunnel "e:50000"', "-tunnel :50000"]
)
def test_a_command(tunnel: str) -> None:
    line = f"java -jar agent.jar {REST} {{}} -workDir /w\n"
    assert _made("a.sh", line.format(tunnel)) == line.format("-webSocket")


def test_without_a_tunnel_the_editors_own_place() -> None:
    assert _made("a.sh", f"java -jar agent.jar {REST}\n") == (
        f"java -jar agent.jar -webSocket {REST}\n"
    )


def test_a_tunnel_elsewhere_is_not_taken_for_it() -> None:
    text = f"vpn -tunnel x:1\njava -jar agent.jar {REST} -tunnel e:50000\n"
    assert _made("a.sh", text) == f"vpn -tunnel x:1\njava -jar agent.jar {REST} -webSocket\n"
